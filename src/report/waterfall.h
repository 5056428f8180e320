// The ledger as text: a waterfall from 100 % of peak down to the useful share. Percentages are
// printed to a tenth, and times to a fixed number of digits, both by largest remainder, so that the
// printed numbers add up exactly, too.
#pragma once

#include <cstdint>
#include <string>

#include "ledger/ledger.h"
#include "ledger/training_ledger.h"

namespace isobar::report {

struct WaterfallOptions {
  unsigned width = 100;       // columns of the whole table; at least 60
  bool ascii = false;         // bars of # and . instead of block characters
  bool explain = true;        // each cause's sentence below the table
  std::uint64_t at_once = 1;  // units charged in parallel (ranks x SMs): times are divided by it
  std::string credit = "that the FLOP convention counts and the kernels skipped";
};

/// What fits the terminal that standard output is: its width (100 where there is none), and ASCII
/// where the locale is not UTF-8.
[[nodiscard]] WaterfallOptions terminal_options();

/// The table, ending at the root's child called ledger::kUseful. `credited` as in TrainingLedger.
[[nodiscard]] std::string waterfall(const ledger::Ledger& ledger, const WaterfallOptions& options,
                                    std::uint64_t credited = 0);
[[nodiscard]] std::string waterfall(const ledger::TrainingLedger& training,
                                    const WaterfallOptions& options);

}  // namespace isobar::report
