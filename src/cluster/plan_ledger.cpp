#include "cluster/plan_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "cluster/utilisation.h"
#include "ledger/apportion.h"
#include "ledger/training_ledger.h"

namespace isobar::cluster {
namespace {

struct Charge {
  std::string group, name;
  std::string_view meaning;
  double seconds = 0;
};

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

ledger::Convention convention_of(const Plan& plan, const PlannedLayout& row) {
  return {fmt::format("predicted, {} on {} {}", row.candidate.layout.describe(), plan.chips,
                      plan.chip.name),
          model::mfu_sentence(plan.attention),
          fmt::format("16-bit dense, {:.4g} TFLOP/s ({})", mean_peak(plan) / 1e12, plan.chip.name),
          "ps x chip"};
}

}  // namespace

PlanLedger plan_ledger(const Plan& plan, const PlannedLayout& row) {
  const double in_all = row.candidate.step.seconds * 1e12 * row.candidate.layout.chips();
  const auto capacity = static_cast<std::uint64_t>(std::llround(in_all));
  const Products products = products_of(plan, row);
  const std::vector<Charge> list = charges_of(plan, row, products);
  std::vector<std::uint64_t> weights;
  for (const Charge& charge : list)
    weights.push_back(
        static_cast<std::uint64_t>(std::llround(std::max(0.0, charge.seconds) * 1e15)));
  const std::vector<std::uint64_t> charges = ledger::apportion(capacity, weights);
  PlanLedger result{ledger::Ledger(capacity, convention_of(plan, row)), 0};
  for (std::size_t i = 0; i < list.size(); ++i)
    if (charges[i] > 0)
      result.ledger.charge({list[i].group, list[i].name}, charges[i], list[i].meaning);
  const double share = (products.matmul + products.attention) / row.candidate.step.seconds;
  result.credited =
      static_cast<std::uint64_t>(std::llround(std::max(0.0, row.mfu - share) * in_all));
  return result;
}

}  // namespace isobar::cluster
