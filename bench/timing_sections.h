// The sections of `isobar bench timing`. The result of each is an exit code: 1 if something is
// wrong that is not a matter of measuring.
#pragma once

#include "bench/suites.h"

namespace isobar::bench {

/// Sampled against timed fidelity: the error of each kernel's time over training steps, the speed.
int run_timing_sampled(const Options& options, Printer& printer);

}  // namespace isobar::bench
