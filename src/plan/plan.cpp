#include "plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "model/file/transformer_file.h"
#include "plan/calibration/usual_batch.h"
#include "plan/kernel/kernel_source.h"
#include "plan/network/cluster_file.h"
#include "plan/network/collectives.h"
#include "plan/step/schedule/schedule_simulation.h"
#include "plan/utilisation.h"

namespace isobar::plan {
namespace {

constexpr std::size_t kSimulated = 5;    // of the best layouts
constexpr double kHidden = 0.9;          // of a checkpoint's writing, beside training
constexpr double kCheckpointBytes = 14;  // per parameter: weights and the optimiser's states

void choose_chip(const PlanRequest& request, const std::string& name, Plan& plan) {
  const chip::Datasheet sheet = chip::find_datasheet(name);
  plan.chip = figures_of(sheet);
  if (request.kernels.empty()) return;
  plan.kernels = kernel_cost_of(sheet, request.kernels, request.kernel_profile);
  plan.warnings.push_back(
      fmt::format("kernel times are from {}; the interval was calibrated without it",
                  request.kernels == "model" ? "the tile-and-wave model" : request.kernels));
}

PlannedLayout planned(const Plan& plan, const Candidate& candidate);

/// The slowest kind stands for all in the search, with the smallest memory of any.
void choose_kinds(const PlanRequest& request, const Cluster& cluster, Plan& plan) {
  if (request.chips != 0 && request.chips != cluster.chips())
    fail(
        "{}: with more than one kind of chip all {} are planned (leave out --chips, or choose a "
        "kind with --chip)",
        cluster.name, cluster.chips());
  for (const ChipGroup& group : cluster.groups)
    plan.kinds.push_back({figures_of(chip::find_datasheet(group.chip)), group.chips});
  const auto slowest = std::ranges::min_element(
      plan.kinds, {}, [](const ChipShare& kind) { return kind.chip.peak_16; });
  plan.chip = slowest->chip;
  plan.chip.name.clear();
  for (const ChipShare& kind : plan.kinds) {
    plan.chip.capacity = std::min(plan.chip.capacity, kind.chip.capacity);
    plan.chip.name += (plan.chip.name.empty() ? "" : " + ") + kind.chip.name;
  }
}

/// Times again, with each kind's own chips, what the search timed with the slowest.
void mix_kinds(const PlanRequest& request, Plan& plan) {
  std::vector<PlannedLayout> mixed;
  for (PlannedLayout& row : plan.layouts) {
    const auto step = mixed_step_time(plan.setting(), plan.kinds, row.candidate.layout);
    if (!step) continue;
    Candidate candidate = row.candidate;
    candidate.step = step->step;
    mixed.push_back(planned(plan, candidate));
    mixed.back().stage_layers = step->layers;
  }
  if (mixed.empty())
    fail("{}: no layout gives each kind of chip whole stages (choose one kind with --chip)",
         plan.cluster);
  std::ranges::sort(mixed, is_before, &PlannedLayout::candidate);
  if (mixed.size() > request.runners_up + 1) mixed.resize(request.runners_up + 1);
  plan.layouts = std::move(mixed);
}

void choose_machine(const PlanRequest& request, Plan& plan) {
  if (request.cluster.empty()) {
    if (request.chip.empty()) fail("plan needs a chip or a cluster (--chip, --cluster)");
    choose_chip(request, request.chip, plan);
    plan.network = network_of(plan.chip);
    plan.cluster = plan.network.name;
    plan.chips = request.chips;
    if (plan.chips == 0) fail("plan needs the number of chips (--chips)");
    return;
  }
  const Cluster cluster = find_cluster(request.cluster);
  if (cluster.groups.size() > 1 && request.chip.empty()) {
    choose_kinds(request, cluster, plan);
  } else {
    plan.chip = figures_of(
        chip::find_datasheet(request.chip.empty() ? cluster.groups.front().chip : request.chip));
  }
  plan.network = cluster.network;
  plan.cluster = cluster.name;
  plan.chips = request.chips > 0 ? request.chips : cluster.chips();
  if (plan.chips > cluster.chips())
    plan.warnings.push_back(
        fmt::format("{} has {} chips; the plan assumes that its network grows to {}", cluster.name,
                    cluster.chips(), plan.chips));
}

/// Not one combination was looked at.
[[noreturn]] void explain_degrees(const Plan& plan, const Layout& fixed) {
  const std::uint32_t context = std::max(1U, fixed.context);
  const std::uint64_t replica =
      std::uint64_t{std::max(1U, fixed.tensor)} * std::max(1U, fixed.pipeline) * context;
  if (plan.chips % replica != 0)
    fail("tp {} x pp {} x cp {} = {} chips of one replica do not divide the {} chips",
         std::max(1U, fixed.tensor), std::max(1U, fixed.pipeline), context, replica, plan.chips);
  if (fixed.pipeline == 0 && fixed.virtual_stages > 1)
    fail("no pipeline of {} has {} chunks per stage on {} chips (give --pp too)", plan.model,
         fixed.virtual_stages, plan.chips);
  fail("no layout of {} on {} chips: the options given leave nothing to try", plan.model,
       plan.chips);
}

[[noreturn]] void explain_nothing(const Plan& plan, const Layout& fixed) {
  const SearchResult& found = plan.found;
  if (found.fastest_too_large)
    fail(
        "no layout of {} fits {} {}: the fastest, {}, needs {:.0f} GB of {:.0f} (more chips, or "
        "--precision, or a smaller --micro-batch)",
        plan.model, plan.chips, plan.chip.name, found.fastest_too_large->layout.describe(),
        found.fastest_too_large->memory.total() / 1e9, plan.chip.capacity / 1e9);
  if (found.too_large > 0)
    fail("no layout of {} fits {} {} of {:.0f} GB, nor twice the memory (more chips)", plan.model,
         plan.chips, plan.chip.name, plan.chip.capacity / 1e9);
  // Rules are asked in order: what came closest to a legal layout broke the last of them.
  std::size_t rule = found.broken.size();
  while (rule > 0 && found.broken.at(rule - 1) == 0) --rule;
  if (rule == 0) explain_degrees(plan, fixed);
  --rule;
  fail("no layout of {} on {} chips is legal: {}", plan.model, plan.chips,
       explain(static_cast<Rule>(rule), found.examples.at(rule), plan.shape, plan.chip));
}

/// Of several kinds of chips the widest on either side, with the reasons of all.
Interval interval_of(const Plan& plan, const Layout& layout) {
  if (plan.kinds.empty())
    return plan::interval_of(plan.coefficients, plan.shape, plan.chip, layout);
  Interval all;
  all.warnings.emplace_back("no published run on several kinds of chips was fitted");
  for (const ChipShare& kind : plan.kinds) {
    const Interval one = plan::interval_of(plan.coefficients, plan.shape, kind.chip, layout);
    all.low = std::min(all.low, one.low);
    all.high = std::max(all.high, one.high);
    all.beyond.insert(all.beyond.end(), one.beyond.begin(), one.beyond.end());
    for (const std::string& warning : one.warnings)
      if (std::ranges::find(all.warnings, warning) == all.warnings.end())
        all.warnings.push_back(warning);
  }
  return all;
}

PlannedLayout planned(const Plan& plan, const Candidate& candidate) {
  PlannedLayout result{candidate};
  result.interval = interval_of(plan, candidate.layout);
  result.low = candidate.step.seconds * result.interval.low;
  result.high = candidate.step.seconds * result.interval.high;
  const Utilisation use = utilisation(plan.shape, candidate.layout, candidate.step.seconds,
                                      mean_peak(plan), plan.attention);
  result.mfu = use.mfu;
  result.hfu = use.hfu;
  return result;
}

void plan_run(const PlanRequest& request, Plan& plan) {
  if (request.tokens <= 0) return;
  const PlannedLayout& best = plan.layouts.front();
  const double tokens_per_step = static_cast<double>(plan.batch) * plan.sequence;
  Faults faults = request.faults;
  if (request.checkpoint_bandwidth > 0) {
    const auto parameters = static_cast<double>(model::count_parameters(plan.shape).total);
    faults.checkpoint = checkpoint_pause(kCheckpointBytes * parameters,
                                         BytesPerSecond(request.checkpoint_bandwidth), kHidden);
  }
  plan.duration = run_duration(Seconds(best.candidate.step.seconds),
                               request.tokens / tokens_per_step, faults, plan.chips);
  PowerDraw power = request.power;
  if (power.chip.count() <= 0) power.chip = Watts(plan.chip.power);
  plan.cost =
      run_cost(plan.duration->wall_clock, plan.chips, request.tokens, power, request.prices);
}

}  // namespace

double mean_peak(const Plan& plan) {
  if (plan.kinds.empty()) return plan.chip.peak_16;
  double peak = 0, chips = 0;
  for (const ChipShare& kind : plan.kinds) {
    peak += kind.chip.peak_16 * kind.chips;
    chips += kind.chips;
  }
  return peak / chips;
}

std::optional<double> simulated_step(const Setting& setting, const Layout& layout,
                                     const StepTime& step) {
  const std::uint32_t count = layout.micro_batches();
  if (layout.pipeline <= 1 ||
      broken_schedule_rule(layout.schedule, layout.pipeline, count, layout.virtual_stages))
    return std::nullopt;
  const PipelineOrder order =
      pipeline_order(layout.schedule, layout.pipeline, count, layout.virtual_stages);
  const MicroBatchTime micro = micro_batch_time(setting, layout);
  const std::uint32_t chunks = order.stages();
  const double head = head_layers(micro, setting.shape->layers);
  std::vector<StagePassTimes> times;
  for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
    const LayerRange range = layers_of_chunk(setting.shape->layers, chunks, chunk, head);
    double forward = micro.forward_before[range.last] - micro.forward_before[range.first];
    double backward = micro.backward_before[range.last] - micro.backward_before[range.first];
    double weight = micro.weight_before[range.last] - micro.weight_before[range.first];
    for (const auto& [pass, here] :
         {std::pair{&micro.embedding, chunk == 0}, std::pair{&micro.head, chunk + 1 == chunks}}) {
      if (!here) continue;
      forward += pass->forward.total();
      backward += pass->backward.total();
      weight += pass->weight_gradient;
    }
    times.push_back({Seconds(forward), Seconds(backward - weight), Seconds(weight), Seconds(0)});
  }
  const double message = pipeline_message(setting, layout, micro.tokens);
  const double simulated = simulate_schedule(order, times, Seconds(message)).total.count();
  const Pipeline pipeline = pipeline_of(layout, micro, setting.shape->layers);
  const double closed =
      count * pipeline.longest + step.parts[Part::kBubble] + step.parts[Part::kExchange];
  const double before_stragglers = step.seconds - step.parts[Part::kStraggler];
  return step.seconds * (before_stragglers - closed + simulated) / before_stragglers;
}

namespace {

void choose_model(const PlanRequest& request, Plan& plan) {
  const model::TransformerModel model = model::find_transformer(request.model);
  plan.model = model.name;
  plan.shape = model.shape;
  plan.attention = request.attention;
}

/// After the machine: the usual batch depends on how many chips there are.
void choose_batch(const PlanRequest& request, Plan& plan) {
  plan.sequence = request.sequence > 0 ? request.sequence : plan.shape.context;
  plan.batch = request.batch > 0 ? request.batch : usual_batch(plan.chips, plan.sequence);
}

/// Where several kinds of chips stand in for the slowest, many layouts are kept: timed with each
/// kind's own chips, another one may be the best.
SearchSpace space_of(const PlanRequest& request, const Plan& plan) {
  constexpr std::uint32_t kManyToMix = 400;
  SearchSpace space;
  space.setting = plan.setting();
  space.chips = plan.chips;
  space.global_batch = plan.batch;
  space.sequence = plan.sequence;
  space.precisions = request.precisions;
  space.fixed = request.fixed;
  space.choices = request.choices;
  space.runners_up = plan.kinds.empty() ? request.runners_up : kManyToMix;
  space.plain_stages = !plan.kinds.empty();
  space.threads = request.threads;
  space.stack.dropout = false;
  return space;
}

void find_layouts(const PlanRequest& request, Plan& plan,
                  const std::function<void(double)>& progress) {
  plan.found = search(space_of(request, plan), progress);
  if (plan.found.best.empty()) explain_nothing(plan, request.fixed);
  for (const Candidate& candidate : plan.found.best)
    plan.layouts.push_back(planned(plan, candidate));
  if (!plan.kinds.empty()) mix_kinds(request, plan);
}

/// What was assumed, and why the best layout's interval is as wide as it is.
void warn(Plan& plan) {
  for (const std::string& assumption : plan.chip.assumptions) plan.warnings.push_back(assumption);
  const Interval& interval = plan.layouts.front().interval;
  for (const std::string& warning : interval.warnings) plan.warnings.push_back(warning);
  if (interval.is_wider())
    plan.warnings.push_back(
        fmt::format("so the interval is wider, as for runs left out of the fit: {:.2f} to {:.2f} "
                    "times the step",
                    interval.low, interval.high));
}

/// Their schedules pass by pass, as a check of the closed form.
void simulate_best(Plan& plan) {
  if (!plan.kinds.empty()) return;
  for (std::size_t i = 0; i < std::min(kSimulated, plan.layouts.size()); ++i) {
    PlannedLayout& row = plan.layouts[i];
    row.simulated = simulated_step(plan.setting(), row.candidate.layout, row.candidate.step);
  }
}

}  // namespace

Plan make_plan(const PlanRequest& request, const Coefficients& coefficients,
               const std::function<void(double)>& progress) {
  Plan plan;
  plan.coefficients = coefficients;
  choose_model(request, plan);
  choose_machine(request, plan);
  choose_batch(request, plan);
  find_layouts(request, plan, progress);  // by the closed form, the fastest first
  simulate_best(plan);                    // the closed form is checked on the best few
  warn(plan);
  plan_run(request, plan);  // days and cost, where the run's length is given
  return plan;
}

}  // namespace isobar::plan
