#include "plan/calibration/predict.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace isobar::plan {
namespace {

std::vector<std::uint32_t> micro_batches(const RunSetting& run, const Layout& start) {
  if (!run.open.micro_batch) return {run.layout.micro_batch};
  std::vector<std::uint32_t> sizes;
  const std::uint32_t share = std::max(1U, start.global_batch / start.data);
  for (std::uint32_t size = 1; size <= std::min(share, 16U); size *= 2)
    if (share % size == 0) sizes.push_back(size);
  return sizes;
}

/// Powers of two up to `most` if open, else what is given.
std::vector<std::uint32_t> powers(bool open, std::uint32_t given, std::uint32_t most) {
  if (!open) return {given};
  std::vector<std::uint32_t> degrees;
  for (std::uint32_t degree = 1; degree <= most; degree *= 2) degrees.push_back(degree);
  return degrees;
}

/// Degrees of parallelism in powers of two, where the row gives none.
std::vector<Layout> degrees(const RunSetting& run) {
  const Layout& given = run.layout;
  std::vector<Layout> layouts;
  const std::uint32_t chips = given.chips();
  for (const std::uint32_t tensor :
       powers(run.open.degrees, given.tensor, std::min(8U, run.network.domain())))
    for (const std::uint32_t pipeline : powers(run.open.degrees, given.pipeline, 16))
      for (const std::uint32_t context : powers(run.open.context, given.context, 64))
        for (const std::uint32_t expert : powers(run.open.experts, given.expert, 64)) {
          const std::uint32_t replica = tensor * pipeline * context;
          if (chips % replica != 0 || given.global_batch % (chips / replica) != 0) continue;
          Layout layout = given;
          layout.tensor = tensor;
          layout.pipeline = pipeline;
          layout.context = context;
          layout.expert = expert;
          layout.data = chips / replica;
          if (run.open.degrees && tensor > 1 && layout.stack.fused_attention)
            layout.sequence_parallel = true;
          layouts.push_back(layout);
        }
  return layouts;
}

std::vector<std::uint32_t> virtual_stages(const RunSetting& run, const Layout& start) {
  if (!run.open.virtual_stages || start.pipeline == 1) return {start.virtual_stages};
  std::vector<std::uint32_t> stages{1};
  const std::uint32_t layers = run.shape.layers / start.pipeline;
  for (std::uint32_t v = 2; v <= std::min(layers + 1, 8U); ++v)
    if (run.shape.layers % (start.pipeline * v) == 0 || start.pipeline * v == run.shape.layers + 2)
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

Prediction predict(const RunSetting& run, const Coefficients& coefficients) {
  const Setting setting{&run.shape, &run.chip, &run.network, &coefficients};
  Prediction best;
  bool best_fits = false;
  for (const Layout& start : degrees(run))
    for (const std::uint32_t micro_batch : micro_batches(run, start))
      for (const std::uint32_t stages : virtual_stages(run, start)) {
        Layout layout = start;
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
  Interval interval = interval_of(coefficients, run.shape, run.chip, best.layout);
  best.beyond = std::move(interval.beyond);
  best.warnings = std::move(interval.warnings);
  best.low = best.step.seconds * interval.low;
  best.high = best.step.seconds * interval.high;
  return best;
}

}  // namespace isobar::plan
