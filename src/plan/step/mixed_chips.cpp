#include "plan/step/mixed_chips.h"

#include <algorithm>

namespace isobar::plan {
namespace {

/// One stage of the pipeline, on chips of one kind.
struct Stage {
  std::size_t kind = 0;
  double layer = 0;  // seconds, forward and backward
  double fixed = 0;  // embedding or output layer
  std::uint32_t layers = 0;
  [[nodiscard]] double with(std::uint32_t count) const { return fixed + count * layer; }
};

std::optional<std::vector<std::uint32_t>> stages_of(const std::vector<ChipShare>& kinds,
                                                    const Layout& layout) {
  std::vector<std::uint32_t> stages;
  const std::uint32_t per_stage = layout.chips() / layout.pipeline;
  std::uint32_t sum = 0;
  for (const ChipShare& kind : kinds) {
    if (kind.chips % per_stage != 0) return std::nullopt;
    stages.push_back(kind.chips / per_stage);
    sum += stages.back();
  }
  if (sum != layout.pipeline) return std::nullopt;
  return stages;
}

double total(const PassTime& time) { return time.forward.total() + time.backward.total(); }

/// Layers one by one to the stage that is done first with one more.
void deal(std::vector<Stage>& stages, std::uint32_t layers) {
  for (std::uint32_t i = 0; i < layers; ++i) {
    const auto first = std::ranges::min_element(
        stages, {}, [](const Stage& stage) { return stage.with(stage.layers + 1); });
    ++first->layers;
  }
}

}  // namespace

std::optional<MixedStep> mixed_step_time(const Setting& setting,
                                         const std::vector<ChipShare>& kinds,
                                         const Layout& layout) {
  const auto counts = stages_of(kinds, layout);
  if (!counts || layout.virtual_stages > 1 || layout.schedule == Schedule::kDualPipe)
    return std::nullopt;
  const std::uint32_t layers = setting.shape->layers;
  std::vector<MicroBatchTime> times;
  std::vector<Stage> stages;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    Setting own = setting;
    own.chip = &kinds[kind].chip;
    times.push_back(micro_batch_time(own, layout));
    const MicroBatchTime& time = times.back();
    const double layer = (time.forward_before.back() + time.backward_before.back()) / layers;
    for (std::uint32_t i = 0; i < (*counts)[kind]; ++i) stages.push_back({kind, layer});
  }
  stages.front().fixed = total(times[stages.front().kind].embedding);
  stages.back().fixed += total(times[stages.back().kind].head);
  deal(stages, layers);

  MixedStep result{{}, *counts};
  Pipeline pipeline;
  MicroBatchTime sum = times.front();  // what one micro-batch costs over all stages
  sum.layers_before.back() = {};
  for (const Stage& stage : stages) {
    const PassTime& all = times[stage.kind].layers_before.back();
    const double share = static_cast<double>(stage.layers) / layers;
    PassTime& mean = sum.layers_before.back();
    mean.forward += all.forward * share;
    mean.backward += all.backward * share;
    mean.weight_gradient += all.weight_gradient * share;
    const double seconds = stage.with(stage.layers);
    pipeline.longest = std::max(pipeline.longest, seconds);
    pipeline.all += seconds;
    result.layers.push_back(stage.layers);
  }
  sum.embedding = times[stages.front().kind].embedding;
  sum.head = times[stages.back().kind].head;
  const double each = 1.0 / layout.pipeline;
  const PassTime& mean = sum.layers_before.back();
  pipeline.mean = {(mean.forward + sum.embedding.forward + sum.head.forward).total() * each,
                   (mean.backward + sum.embedding.backward + sum.head.backward).total() * each,
                   mean.weight_gradient * each};
  result.step = step_time(setting, layout, sum, model_bytes(*setting.shape, layout), pipeline);
  return result;
}

}  // namespace isobar::plan
