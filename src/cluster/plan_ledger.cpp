#include "cluster/plan_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "ledger/apportion.h"
#include "ledger/training_ledger.h"

namespace isobar::cluster {

ledger::Ledger plan_ledger(const Setting& setting, const Layout& layout, const StepTime& step,
                           double peak) {
  const auto capacity = static_cast<std::uint64_t>(
      std::llround(step.seconds * 1e12 * static_cast<double>(layout.chips())));
  ledger::Convention convention;
  convention.source =
      fmt::format("predicted, {} on {} {}", layout.describe(), layout.chips(), setting.chip->name);
  convention.flops = "each matrix product and the causal half of attention once, no recomputation";
  convention.peak =
      fmt::format("of each operation's number format; {:.4g} TFLOP/s in 16 bits", peak / 1e12);
  convention.unit = "ps x chip";
  ledger::Ledger result(capacity, convention);
  std::array<std::uint64_t, kPartCount> weights{};
  for (std::size_t i = 0; i < kPartCount; ++i)
    weights.at(i) = static_cast<std::uint64_t>(
        std::llround(std::max(0.0, step.parts[static_cast<Part>(i)]) * 1e15));
  const std::vector<std::uint64_t> charges = ledger::apportion(capacity, weights);
  for (std::size_t i = 0; i < kPartCount; ++i) {
    if (charges.at(i) == 0) continue;
    const PartText& text = text_of(static_cast<Part>(i));
    const std::string group(text.group);
    result.charge(
        {group == "useful" ? std::string(ledger::kUseful) : group, std::string(text.name)},
        charges.at(i), text.meaning);
  }
  return result;
}

}  // namespace isobar::cluster
