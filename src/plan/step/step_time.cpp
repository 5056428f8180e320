#include "plan/step/step_time.h"

#include <algorithm>
#include <cmath>

#include "plan/network/collectives.h"
#include "plan/step/stragglers.h"

namespace isobar::plan {
namespace {

/// Per updated parameter, to and from the host: its gradient in 32 bits, its new value in 16.
constexpr double kOffloadedBytes = 6;
constexpr double kHostBandwidth = 25e9;  // of PCIe 4.0 x16, one direction, as copies reach it

void add(StageTime& stage, const PassTime& time) {
  stage.forward += time.forward.total();
  stage.backward += time.backward.total();
  stage.weight_gradient += time.weight_gradient;
}

}  // namespace

Pipeline pipeline_of(const Layout& layout, const MicroBatchTime& micro, std::uint32_t layers) {
  const std::uint32_t chunks = layout.pipeline * layout.virtual_stages;
  const double head = head_layers(micro, layers);
  Pipeline result;
  std::vector<double> stages;
  for (std::uint32_t stage = 0; stage < layout.pipeline; ++stage) {
    StageTime time;
    for (std::uint32_t chunk = stage; chunk < chunks; chunk += layout.pipeline) {
      const LayerRange range = layers_of_chunk(layers, chunks, chunk, head);
      time.forward += micro.forward_before[range.last] - micro.forward_before[range.first];
      time.backward += micro.backward_before[range.last] - micro.backward_before[range.first];
      time.weight_gradient += micro.weight_before[range.last] - micro.weight_before[range.first];
    }
    if (stage == 0) add(time, micro.embedding);
    if (stage + 1 == layout.pipeline) add(time, micro.head);
    stages.push_back(time.total());
    result.all += time.total();
    result.mean.forward += time.forward / layout.pipeline;
    result.mean.backward += time.backward / layout.pipeline;
    result.mean.weight_gradient += time.weight_gradient / layout.pipeline;
  }
  // DualPipe's ranks hold a stage from either end, each for half of the micro-batches.
  const bool paired = layout.schedule == Schedule::kDualPipe;
  for (std::size_t i = 0; i < stages.size(); ++i)
    result.longest = std::max(result.longest,
                              paired ? (stages[i] + stages[stages.size() - 1 - i]) / 2 : stages[i]);
  return result;
}

namespace {

/// Idle time of a stage while the pipeline fills and drains. A backward pass without a partner
/// takes `exposed` longer than one with.
double bubble(const Layout& layout, const Pipeline& pipeline, double exposed) {
  if (layout.pipeline <= 1) return 0;
  const double others = pipeline.all - pipeline.longest;
  const double stages = layout.pipeline;
  const StageTime& mean = pipeline.mean;
  switch (layout.schedule) {
    case Schedule::kOneForwardOneBackward:
      return others;
    case Schedule::kInterleaved:
      return others / layout.virtual_stages;
    case Schedule::kZeroBubble:  // (p - 1)(F + B - 2 W), B with its weight gradients (Qi et al.)
      return others * std::max(0.0, mean.forward + mean.backward - 2 * mean.weight_gradient) /
             mean.total();
    case Schedule::kDualPipe:  // (p/2 - 1)(F&B + B - 3 W)
      return std::max(0.0, (stages / 2 - 1) * (mean.forward + 2 * mean.backward + exposed -
                                               3 * mean.weight_gradient));
  }
  return others;
}

/// Micro-batches that a stage passes forward and back without a partner to overlap with, while
/// DualPipe fills and drains: 3 half - 1 - rank forward (DeepSeek-AI's published schedule), on
/// average over the ranks of a half, and at most all.
double unpaired(const Layout& layout) {
  if (layout.schedule != Schedule::kDualPipe) return 0;
  return std::min<double>(2.5 * (layout.pipeline / 2.0) - 0.5, layout.micro_batches());
}

/// Collectives over the replicas, once per step (per micro-batch where weights are sharded).
struct Replicas {
  double once = 0;
  double per_micro_batch = 0;
};

Replicas replicas(const Setting& setting, const Layout& layout, const ChipWeights& weights,
                  Reach reach) {
  const std::uint32_t copies = layout.data * layout.context;
  const std::uint32_t domain = setting.network->domain();
  const Group plain = group_of(copies, layout.tensor, domain);
  const Group experts =
      group_of(std::max(1U, copies * layout.tensor / layout.expert), layout.expert, domain);
  const double gradient = layout.stack.gradient_bytes;
  const auto gather = [&](double bytes_per_element) {
    return all_gather(*setting.network, plain, weights.plain * bytes_per_element, reach) +
           all_gather(*setting.network, experts, weights.experts * bytes_per_element, reach);
  };
  Replicas result;
  if (layout.zero == 3) {
    Group shard = plain;
    if (layout.shard_group > 0) shard = group_of(layout.shard_group, layout.tensor, domain);
    if (layout.stack.one_card) shard = {copies / plain.per_domain, 1};
    const double all = weights.plain + weights.experts;
    result.per_micro_batch = 2 * all_gather(*setting.network, shard, 2 * all, reach) +
                             all_gather(*setting.network, shard, gradient * all, reach);
    if (layout.shard_group > 0)  // the copies add up their gradients, shard by shard
      result.once = all_reduce(*setting.network,
                               group_of(copies / shard.size, layout.tensor * shard.size, domain),
                               gradient * all / shard.size, reach);
    return result;
  }
  if (layout.zero == 0) {
    result.once = all_reduce(*setting.network, plain, weights.plain * gradient, reach) +
                  all_reduce(*setting.network, experts, weights.experts * gradient, reach);
    return result;
  }
  result.once = gather(gradient) + gather(2);
  return result;
}

}  // namespace

double pipeline_message(const Setting& setting, const Layout& layout, double tokens) {
  if (layout.pipeline <= 1) return 0;
  const Coefficients& all = *setting.coefficients;
  // Each tensor rank sends its share; the receivers gather it inside the domain.
  const double cut = layout.stack.whole_messages ? 1 : layout.tensor;
  const double bytes = 2 * tokens * setting.shape->width / cut;
  return send(*setting.network, layout.tensor * layout.context * layout.data, bytes,
              {all.of(setting.chip->generation).link, all.network});
}

double head_layers(const MicroBatchTime& micro, std::uint32_t layers) {
  const double layer = (micro.forward_before.back() + micro.backward_before.back()) / layers;
  return (micro.head.forward.total() + micro.head.backward.total()) / layer;
}

namespace {

/// Layers of the last chunk that leave the longest one shortest, with the output layer in mind.
std::uint32_t layers_of_last(std::uint32_t layers, std::uint32_t chunks, double head_layers) {
  const std::uint32_t fair = layers / chunks + 1;
  std::uint32_t best = 0;
  double shortest = 0;
  for (std::uint32_t last = 0; last <= std::min(fair, layers); ++last) {
    const std::uint32_t others = (layers - last + chunks - 2) / (chunks - 1);
    const double longest = std::max<double>(others, last + head_layers);
    if (last > 0 && longest >= shortest) continue;
    best = last;
    shortest = longest;
  }
  return best;
}

}  // namespace

LayerRange layers_of_chunk(std::uint32_t layers, std::uint32_t chunks, std::uint32_t chunk,
                           double head_layers) {
  if (layers % chunks == 0 || chunks == 1) {
    const std::uint32_t each = layers / chunks;
    return {chunk * each, (chunk + 1) * each};
  }
  const std::uint32_t last = layers_of_last(layers, chunks, head_layers);
  if (chunk + 1 == chunks) return {layers - last, layers};
  const std::uint32_t base = (layers - last) / (chunks - 1);
  const std::uint32_t longer = (layers - last) % (chunks - 1);  // with one layer more
  const std::uint32_t from = longer + 1 < chunks ? 1 : 0;       // from this one on
  const auto before = [&](std::uint32_t c) {
    return c * base + std::min(c > from ? c - from : 0, longer);
  };
  return {before(chunk), before(chunk + 1)};
}

namespace {

/// Seconds of the backward pass in which a card serves other traffic of the step than gradients:
/// half of what the parts hold, forward and backward being alike.
double network_busy(const Setting& setting, const Layout& layout, const Parts& parts) {
  const std::uint32_t domain = setting.network->domain();
  double busy = 0;
  if (layout.tensor > domain) busy += parts[Part::kTensor];
  if (layout.tensor * layout.context > domain) busy += parts[Part::kContext];
  if (layout.expert > domain) busy += parts[Part::kExpert];
  if (layout.chips() / layout.pipeline >= domain) busy += parts[Part::kExchange];
  return busy / 2;
}

}  // namespace

StepTime step_time(const Setting& setting, const Layout& layout, const MicroBatchTime& micro,
                   const ModelBytes& bytes, const Pipeline& pipeline) {
  const Coefficients& all = *setting.coefficients;
  const Reach reach{all.of(setting.chip->generation).link, all.network};
  const std::uint32_t layers = setting.shape->layers;
  const double count = layout.micro_batches();

  StepTime step;
  Parts& parts = step.parts;
  const auto mean = [&](const PassTime& pass) { return pass.forward + pass.backward; };
  parts = (mean(micro.layers_before[layers]) + mean(micro.embedding) + mean(micro.head)) *
          (count / layout.pipeline);
  parts[Part::kStages] = count * (pipeline.longest - pipeline.all / layout.pipeline);
  const double hidden_exchange = micro.layers_before[layers].hidden_exchange / layout.pipeline;
  parts[Part::kBubble] = bubble(layout, pipeline, hidden_exchange / 2);
  // What hid behind a partner is exposed where there is none; messages likewise.
  const double alone = unpaired(layout);
  parts[Part::kExpert] += alone * hidden_exchange;
  const double messages = layout.schedule == Schedule::kDualPipe ? alone : count;
  parts[Part::kExchange] = 2.0 * layout.virtual_stages *
                           pipeline_message(setting, layout, micro.tokens) * all.pipeline_exchange *
                           (messages + (layout.pipeline - 1.0) / layout.virtual_stages);

  const ChipWeights weights = chip_weights(bytes, *setting.shape, layout);
  const Replicas shared = replicas(setting, layout, weights, reach);
  const double backward = count * pipeline.mean.backward;
  const double room = 0.9 * std::max(0.0, backward - network_busy(setting, layout, parts));
  const double hidden =
      layout.stack.overlaps_data ? std::min(all.data_overlap * shared.once, room) : 0;
  parts[Part::kData] = shared.once - hidden;
  parts[Part::kLent] += hidden * all.lent;
  if (layout.zero == 3)
    parts[Part::kData] +=
        count * std::max(shared.per_micro_batch / layers,
                         shared.per_micro_batch - all.shard_overlap * pipeline.longest);

  const double copies = layout.shard_group > 0 ? layout.shard_group
                                               : static_cast<double>(layout.data) * layout.context *
                                                     stages_held(layout);
  const double shards = layout.zero > 0 ? copies : 1;
  const double expert_shards =
      layout.zero > 0 ? std::max(1.0, copies * layout.tensor / layout.expert) : 1;
  const double updated = weights.plain / shards + weights.experts / expert_shards;
  const double memory = setting.chip->bandwidth * all.of(setting.chip->generation).memory;
  parts[Part::kOptimizer] = updated * all.optimizer_bytes / memory;
  if (layout.offload_optimizer)
    parts[Part::kOptimizer] += updated * kOffloadedBytes / kHostBandwidth;
  parts[Part::kOverhead] = all.step_overhead + all.tensor_overhead * layers / layout.pipeline;
  if (all.straggler > 0)
    parts[Part::kStraggler] =
        parts.total() * (straggler_factor({all.straggler}, layout.chips()) - 1);
  step.seconds = parts.total();
  return step;
}

StepTime step_time(const Setting& setting, const Layout& layout) {
  const MicroBatchTime micro = micro_batch_time(setting, layout);
  return step_time(setting, layout, micro, model_bytes(*setting.shape, layout),
                   pipeline_of(layout, micro, setting.shape->layers));
}

}  // namespace isobar::plan
