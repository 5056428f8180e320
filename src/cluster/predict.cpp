#include "cluster/predict.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace isobar::cluster {
namespace {

std::vector<std::uint32_t> micro_batches(const RunSetting& run) {
  if (!run.open.micro_batch) return {run.layout.micro_batch};
  std::vector<std::uint32_t> sizes;
  const std::uint32_t share = std::max(1U, run.layout.global_batch / run.layout.data);
  for (std::uint32_t size = 1; size <= std::min(share, 16U); size *= 2)
    if (share % size == 0) sizes.push_back(size);
  return sizes;
}

std::vector<std::uint32_t> virtual_stages(const RunSetting& run) {
  if (!run.open.virtual_stages) return {run.layout.virtual_stages};
  std::vector<std::uint32_t> stages{1};
  const std::uint32_t layers = run.shape.layers / run.layout.pipeline;
  for (std::uint32_t v = 2; v <= std::min(layers + 1, 8U); ++v)
    if (run.shape.layers % (run.layout.pipeline * v) == 0 ||
        run.layout.pipeline * v == run.shape.layers + 2)
      stages.push_back(v);
  return stages;
}

bool fits(const RunSetting& run, const Layout& layout, double& memory) {
  memory = memory_use(model_bytes(run.shape, layout), run.shape, layout).total();
  return memory <= kUsableMemory * run.chip.capacity;
}

/// The least recomputation that fits; full if nothing does.
void decide_recompute(const RunSetting& run, Layout& layout, double& memory) {
  if (run.open.recompute)
    for (const auto& [recompute, share] :
         std::array<std::pair<Recompute, double>, 7>{{{Recompute::kNone, 0},
                                                      {Recompute::kSelective, 0},
                                                      {Recompute::kFull, 0.125},
                                                      {Recompute::kFull, 0.25},
                                                      {Recompute::kFull, 0.5},
                                                      {Recompute::kFull, 0.75},
                                                      {Recompute::kFull, 1}}}) {
      layout.recompute = recompute;
      layout.recompute_share = share;
      if (fits(run, layout, memory)) return;
    }
  fits(run, layout, memory);
}

}  // namespace

RunClass class_of(const model::TransformerShape& shape, std::uint32_t chips) {
  if (shape.has_experts()) return RunClass::kExperts;
  return chips <= 8 ? RunClass::kOneNode : RunClass::kDense;
}

Prediction predict(const RunSetting& run, const Coefficients& coefficients) {
  const Setting setting{&run.shape, &run.chip, &run.network, &coefficients};
  Prediction best;
  bool best_fits = false;
  for (const std::uint32_t micro_batch : micro_batches(run))
    for (const std::uint32_t stages : virtual_stages(run)) {
      Layout layout = run.layout;
      layout.micro_batch = micro_batch;
      layout.virtual_stages = stages;
      if (stages > 1) layout.schedule = Schedule::kInterleaved;
      if (broken_rule(layout, run.shape, run.chip)) continue;
      double memory = 0;
      decide_recompute(run, layout, memory);
      const bool holds = memory <= kUsableMemory * run.chip.capacity;
      const StepTime step = step_time(setting, layout);
      const bool first = best.step.seconds == 0;
      const bool better = holds == best_fits ? step.seconds < best.step.seconds : holds;
      if (!first && !better) continue;
      best.layout = layout;
      best.step = step;
      best.memory = memory;
      best_fits = holds;
    }
  const auto& spread = coefficients.spread.at(
      static_cast<std::size_t>(class_of(run.shape, run.layout.chips())));
  best.low = best.step.seconds * spread.low;
  best.high = best.step.seconds * spread.high;
  return best;
}

}  // namespace isobar::cluster
