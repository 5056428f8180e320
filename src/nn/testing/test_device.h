// The device that the tests of nn/ run on: ISOBAR_TEST_DEVICE names it (as `--device` would), so
// that the same tests run on the simulated chip and on PoCL, its oracle. Built once per process.
#pragma once

#include <cstdlib>
#include <vector>

#include "nn/device.h"

namespace isobar::nn {

inline ClContext& test_context() {
  const char* pattern = std::getenv("ISOBAR_TEST_DEVICE");
  static ClContext context(choose_device(pattern != nullptr ? pattern : ""));
  return context;
}

}  // namespace isobar::nn
