#include "plan/report/plan_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "ledger/apportion.h"
#include "ledger/training_ledger.h"
#include "plan/utilisation.h"

namespace isobar::plan {
namespace {

struct Charge {
  std::string group, name;
  std::string_view meaning;
  double seconds = 0;
};

/// What one unit of a ledger stands for.
struct Unit {
  const char* name;
  double per_second;
};
/// The finest in which chips x seconds of a step are below 2^63: a ledger's sums are exact.
Unit unit_of(double chip_seconds) {
  constexpr std::array<Unit, 5> kUnits{{{"ps x chip", 1e12},
                                        {"ns x chip", 1e9},
                                        {"us x chip", 1e6},
                                        {"ms x chip", 1e3},
                                        {"s x chip", 1}}};
  constexpr double kMost = 9e18;
  for (const Unit& unit : kUnits)
    if (chip_seconds * unit.per_second <= kMost) return unit;
  fail(
      "a step of {:.3g} chip-seconds is longer than a ledger can account for, {:.0g} (a smaller "
      "--batch or --sequence)",
      chip_seconds, kMost);
}

/// Seconds as weights: what is charged is shared out by them, so their unit is free.
std::vector<std::uint64_t> weights_of(const std::vector<Charge>& list, double step) {
  constexpr double kFine = 1e15;  // per second
  constexpr double kMost = 9e18;
  const double scale = step * kFine <= kMost ? kFine : kMost / step;
  std::vector<std::uint64_t> weights;
  for (const Charge& charge : list)
    weights.push_back(
        static_cast<std::uint64_t>(std::llround(std::clamp(charge.seconds * scale, 0.0, kMost))));
  return weights;
}

constexpr std::string_view kPrediction = "multi-token prediction";

/// Useful arithmetic moves from the peak of its number format to that of the MFU; what products
/// took beyond it is loss.
struct Products {
  double matmul = 0, attention = 0, prediction = 0;  // at the MFU's peak
  double matmul_loss = 0, attention_loss = 0;
};

Products products_of(const Plan& plan, const PlannedLayout& row) {
  const Parts& parts = row.candidate.step.parts;
  const StepFlops flops = step_flops(plan.shape, row.candidate.layout, plan.attention);
  const double rate = row.candidate.layout.chips() * mean_peak(plan);
  const double matmul = parts[Part::kMatmul] + parts[Part::kMatmulLoss];
  const double attention = parts[Part::kAttention] + parts[Part::kAttentionLoss];
  Products products;
  products.matmul = std::min(matmul, flops.computed.products / rate);
  products.attention = std::min(attention, flops.computed.attention / rate);
  products.prediction = std::min(matmul - products.matmul, flops.prediction / rate);
  products.matmul_loss = matmul - products.matmul - products.prediction;
  products.attention_loss = attention - products.attention;
  return products;
}

std::vector<Charge> charges_of(const Plan& plan, const PlannedLayout& row,
                               const Products& products) {
  std::vector<Charge> list;
  for (std::size_t i = 0; i < kPartCount; ++i) {
    const auto part = static_cast<Part>(i);
    const PartText& text = text_of(part);
    const std::string group(text.group == "useful" ? std::string_view(ledger::kUseful)
                                                   : text.group);
    double seconds = row.candidate.step.parts[part];
    if (part == Part::kMatmul) seconds = products.matmul;
    if (part == Part::kAttention) seconds = products.attention;
    if (part == Part::kMatmulLoss) seconds = products.matmul_loss;
    if (part == Part::kAttentionLoss) seconds = products.attention_loss;
    list.push_back({group, std::string(text.name), text.meaning, seconds});
  }
  if (plan.shape.prediction_modules > 0)
    list.push_back({std::string(kPrediction), "its arithmetic",
                    "products that the MFU does not count, at its peak", products.prediction});
  return list;
}

ledger::Convention convention_of(const Plan& plan, const PlannedLayout& row, const Unit& unit) {
  return {fmt::format("predicted, {} on {} {}", row.candidate.layout.describe(), plan.chips,
                      plan.chip.name),
          model::mfu_sentence(plan.attention),
          fmt::format("16-bit dense, {:.4g} TFLOP/s ({})", mean_peak(plan) / 1e12, plan.chip.name),
          unit.name};
}

}  // namespace

PlanLedger plan_ledger(const Plan& plan, const PlannedLayout& row) {
  const double step = row.candidate.step.seconds;
  const Products products = products_of(plan, row);
  const double credit = row.mfu - (products.matmul + products.attention) / step;
  const Unit unit = unit_of(step * row.candidate.layout.chips() * std::max(1.0, credit));
  const double in_all = step * unit.per_second * row.candidate.layout.chips();
  const auto capacity = static_cast<std::uint64_t>(std::llround(in_all));
  const std::vector<Charge> list = charges_of(plan, row, products);
  const std::vector<std::uint64_t> charges = ledger::apportion(capacity, weights_of(list, step));
  PlanLedger result{ledger::Ledger(capacity, convention_of(plan, row, unit)), 0};
  for (std::size_t i = 0; i < list.size(); ++i)
    if (charges[i] > 0)
      result.ledger.charge({list[i].group, list[i].name}, charges[i], list[i].meaning);
  result.credited = static_cast<std::uint64_t>(std::llround(std::max(0.0, credit) * in_all));
  return result;
}

}  // namespace isobar::plan
