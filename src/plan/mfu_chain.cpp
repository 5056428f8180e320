#include "plan/mfu_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text/json_text.h"
#include "plan/utilisation.h"

namespace isobar::plan {
namespace {

using Json = nlohmann::ordered_json;

/// Seconds of a pass without waiting for the busiest expert.
double balanced(const PassTime& pass) {
  const Parts both = pass.forward + pass.backward;
  return both.total() - both[Part::kImbalance];
}

/// Useful FLOPs of the step over the 16-bit peak of all its chips: seconds.
double useful_seconds(const Plan& plan, const Layout& layout) {
  return step_flops(plan.shape, layout, plan.attention).counted.total() /
         (layout.chips() * mean_peak(plan));
}

/// Of one layer of the most frequent kind by itself.
double layer_mfu(const Plan& plan, const Layout& layout, const MicroBatchTime& micro) {
  const auto kinds = model::layer_groups(plan.shape);
  const auto most = std::ranges::max_element(kinds, {}, &model::LayerGroup::count);
  std::uint32_t at = 0;
  while (model::layer_kind(plan.shape, at) != most->kind) ++at;
  const double seconds = balanced(micro.layers_before[at + 1]) - balanced(micro.layers_before[at]);
  const double flops =
      3 * model::layer_forward_flops(plan.shape, most->kind, layout.sequence, plan.attention);
  return flops * micro.tokens / layout.tensor / (seconds * plan.chip.peak_16);
}

/// Adds causes one by one, each with what it costs.
class Chain {
 public:
  explicit Chain(double useful) : useful_(useful) {}

  void add(std::string cause, double seconds) {
    total_ += seconds;
    const double mfu = useful_ / total_;
    const double before = links_.empty() ? mfu : links_.back().mfu;
    links_.push_back({std::move(cause), seconds, mfu, mfu - before});
  }
  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] std::vector<ChainLink> take() { return std::move(links_); }

 private:
  double useful_;
  double total_ = 0;
  std::vector<ChainLink> links_;
};

void add_run(Chain& chain, const Lifetime& shares) {
  const double wall_clock = chain.total() / shares.goodput;
  chain.add("checkpoints", wall_clock * shares.checkpoints);
  chain.add("work repeated after failures", wall_clock * shares.rework);
  chain.add("detection and restarts", wall_clock * shares.restarts);
  chain.add("waiting for a spare node", wall_clock * shares.no_spare);
}

}  // namespace

std::vector<ChainLink> mfu_chain(const Plan& plan, const PlannedLayout& row) {
  const Layout& layout = row.candidate.layout;
  const MicroBatchTime micro = micro_batch_time(plan.setting(), layout);
  const double passes = static_cast<double>(layout.micro_batches()) / layout.pipeline;
  const PassTime& layers = micro.layers_before.back();
  Parts inside = layers.forward + layers.backward;
  for (const PassTime* pass : {&micro.embedding, &micro.head})
    inside += pass->forward + pass->backward;
  inside = inside * passes;
  const Parts outside = row.candidate.step.parts - inside;

  const double useful = useful_seconds(plan, layout);
  const double alone = useful / layer_mfu(plan, layout, micro);
  const double prediction = balanced(micro.prediction) * passes;
  const double model = inside.total() - inside[Part::kImbalance] - prediction;
  Chain chain(useful);
  chain.add("one layer with balanced load, as in a trace", alone);
  chain.add("the other layers, embedding, output layer", model - alone);
  if (plan.shape.prediction_modules > 0) chain.add("multi-token prediction", prediction);
  if (layout.pipeline > 1) {
    chain.add("pipeline bubble", outside[Part::kBubble]);
    chain.add("uneven stages", outside[Part::kStages]);
  }
  chain.add("gradients and parameters", outside[Part::kData] + outside[Part::kLent]);
  chain.add("optimiser and fixed cost of a step",
            outside[Part::kOptimizer] + outside[Part::kOverhead]);
  if (layout.pipeline > 1) {
    chain.add("exposed communication: pipeline messages", outside[Part::kExchange]);
    chain.add("exposed communication: passes without a partner", outside[Part::kExpert]);
  }
  if (plan.shape.has_experts()) chain.add("load imbalance of experts", inside[Part::kImbalance]);
  chain.add(std::string(kLastOfStep), outside[Part::kStraggler]);
  const double rest = row.candidate.step.seconds - chain.total();
  if (std::abs(rest) > 1e-9 * row.candidate.step.seconds) chain.add("chips of other kinds", rest);
  if (plan.duration) add_run(chain, plan.duration->shares);
  return chain.take();
}

std::string chain_text(const std::vector<ChainLink>& chain, model::AttentionConvention convention) {
  double wall_clock = 0;
  for (const ChainLink& link : chain) wall_clock += link.seconds;
  std::string text = fmt::format(
      "\nFrom one layer to the whole run (MFU over the 16-bit dense peak, {} attention, without\n"
      "recomputation and multi-token prediction):\n     MFU  points     time\n",
      model::name_of(convention));
  for (const ChainLink& link : chain)
    text += fmt::format("  {:>5.1f}%  {:>+6.2f}  {:>6.2f}%  {}\n", 100 * link.mfu,
                        100 * link.points, 100 * link.seconds / wall_clock, link.cause);
  return text;
}

std::string chain_json(const std::vector<ChainLink>& chain) {
  double wall_clock = 0;
  for (const ChainLink& link : chain) wall_clock += link.seconds;
  Json list = Json::array();
  for (const ChainLink& link : chain)
    list.push_back({{"cause", link.cause},
                    {"seconds", link.seconds},
                    {"share", link.seconds / wall_clock},
                    {"mfu", link.mfu},
                    {"points", link.points}});
  return json_text(list);
}

}  // namespace isobar::plan
