// The largest of many draws against a simulation that draws them.
#include "plan/step/stragglers.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace isobar::plan {
namespace {

/// Uniform in (0, 1), the same on every platform.
class Draws {
 public:
  double uniform() {
    return (static_cast<double>(engine_() >> 11U) + 0.5) / static_cast<double>(1ULL << 53U);
  }
  double exponential(double mean) { return -mean * std::log(uniform()); }
  double normal() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * 3.14159265358979 * uniform());
  }

 private:
  std::mt19937_64 engine_{20240731};
};

TEST(Stragglers, TheSlowestOfManyChipsIsThatOfDraws) {
  Draws draws;
  for (const std::uint64_t chips : {2U, 8U, 64U, 1024U}) {
    constexpr int kSteps = 4000;
    double sum = 0;
    for (int step = 0; step < kSteps; ++step) {
      double largest = -1e9;
      for (std::uint64_t chip = 0; chip < chips; ++chip)
        largest = std::max(largest, draws.normal());
      sum += largest;
    }
    // Blom's formula is good to some 2 %; the mean of 4,000 draws to 0.015.
    const double expected = (straggler_factor({.deviation = 0.01}, chips) - 1) / 0.01;
    EXPECT_NEAR(sum / kSteps, expected, 0.02 * expected + 0.05) << chips;
  }
  EXPECT_EQ(straggler_factor({.deviation = 0.01}, 1), 1);
  EXPECT_NEAR(straggler_factor({.deviation = 0.01, .synchronisations = 4}, 1000) - 1,
              2 * (straggler_factor({.deviation = 0.01}, 1000) - 1), 1e-12);
}

}  // namespace
}  // namespace isobar::plan
