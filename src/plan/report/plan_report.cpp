#include "plan/report/plan_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json_document.h"
#include "base/text/columns.h"
#include "model/mfu_convention.h"
#include "plan/mfu_chain.h"
#include "plan/report/plan_choices.h"
#include "plan/report/plan_ledger.h"

namespace isobar::plan {
namespace {

using Json = nlohmann::ordered_json;

std::string count(double number) {
  if (number >= 1e12) return fmt::format("{:.3g} T", number / 1e12);
  if (number >= 1e9) return fmt::format("{:.3g} B", number / 1e9);
  if (number >= 1e6) return fmt::format("{:.3g} M", number / 1e6);
  return fmt::format("{:.0f}", number);
}

std::string heading(const Plan& plan) {
  const auto counts = model::count_parameters(plan.shape);
  return fmt::format(
      "{} ({} parameters, {} per token) on {} {} ({})\n{} sequences of {} tokens per step: {}\n\n",
      plan.model, count(static_cast<double>(counts.total)),
      count(static_cast<double>(counts.activated)), plan.chips, plan.chip.name, plan.cluster,
      plan.batch, plan.sequence, count(static_cast<double>(plan.batch) * plan.sequence));
}

std::string table(const Plan& plan, bool explain, std::size_t columns) {
  std::size_t width = 40;
  for (const PlannedLayout& row : plan.layouts)
    width = std::max(width, row.candidate.layout.describe().size() + 2);
  TextTable table({{.title = "layout", .is_left = true, .least = width},
                   {.title = "step", .least = 9},
                   {.title = "80 % between", .least = 17},
                   {.title = "MFU", .least = 7},
                   {.title = "HFU", .least = 7},
                   {.title = "memory", .least = 10},
                   {.title = "simulated", .least = 11}},
                  TextTable::Narrow::kBelow);
  for (const PlannedLayout& row : plan.layouts) {
    table.add({row.candidate.layout.describe(), fmt::format("{:.4g} s", row.candidate.step.seconds),
               fmt::format("{:.4g} to {:.4g}", row.low, row.high),
               fmt::format("{:.1f}%", 100 * row.mfu), fmt::format("{:.1f}%", 100 * row.hfu),
               fmt::format("{:.0f} GB", row.candidate.memory.total() / 1e9),
               row.simulated ? fmt::format("{:.4g} s", *row.simulated) : "-"});
    if (!row.stage_layers.empty())
      table.note(fmt::format("layers of the stages: {}", fmt::join(row.stage_layers, " ")));
    if (explain && &row != &plan.layouts.front()) table.note(why_slower(plan.layouts.front(), row));
  }
  return table.text(columns) +
         fmt::format(
             "The MFU counts {},\nover the 16-bit dense peak. Layouts whose steps print alike are "
             "ties; the simplest comes first.\n`simulated` is a check of the step: its "
             "schedule, simulated pass by pass.\n",
             model::mfu_sentence(plan.attention));
}

std::string search_text(const Plan& plan, bool explain) {
  const SearchResult& found = plan.found;
  std::uint64_t broken = 0;
  for (const std::uint64_t times : found.broken) broken += times;
  std::string text =
      fmt::format("\n{} candidates in {:.2f} s: {} break a rule, {} do not fit, {} timed.\n",
                  found.candidates, found.seconds, broken, found.too_large, found.timed);
  if (explain)
    for (std::size_t rule = 0; rule < found.broken.size(); ++rule)
      if (found.broken[rule] > 0)
        text += fmt::format(
            "  {:>9}  for example: {}\n", found.broken[rule],
            plan::explain(static_cast<Rule>(rule), found.examples[rule], plan.shape, plan.chip));
  const double best = plan.layouts.front().candidate.step.seconds;
  if (found.fastest_too_large && found.fastest_too_large->step.seconds < best)
    text += fmt::format("{} would be {:.1f} % faster, but needs {:.0f} GB of {:.0f}.\n",
                        found.fastest_too_large->layout.describe(),
                        100 * (best / found.fastest_too_large->step.seconds - 1),
                        found.fastest_too_large->memory.total() / 1e9, plan.chip.capacity / 1e9);
  return text;
}

std::string run_text(const Plan& plan) {
  if (!plan.duration || !plan.cost) return {};
  const RunDuration& run = *plan.duration;
  std::string text = fmt::format(
      "\nThe run: {:.1f} days, goodput {:.1f} % ({:.0f} interruptions, one every {:.1f} h; a "
      "checkpoint every {:.0f} s)\n",
      run.wall_clock.count() / 86400, 100 * run.shares.goodput, run.interruptions,
      run.shares.between_failures.count() / 3600, run.shares.interval.count());
  text += fmt::format(
      "  lost: {:.2f} % checkpoints, {:.2f} % work repeated after failures, {:.2f} % restarts, "
      "{:.2f} % waiting for a spare node\n",
      100 * run.shares.checkpoints, 100 * run.shares.rework, 100 * run.shares.restarts,
      100 * run.shares.no_spare);
  const RunCost& cost = *plan.cost;
  text += fmt::format("  {} chip-hours", count(cost.chip_hours));
  if (cost.megawatt_hours > 0)
    text +=
        fmt::format(", {:.0f} MWh, {:.3g} J per token", cost.megawatt_hours, cost.joules_per_token);
  if (cost.total() > 0)
    text += fmt::format(", cost {} ({} tokens per unit of currency)", count(cost.total()),
                        count(cost.tokens_per_unit));
  return text + "\n";
}

Json layout_json(const Layout& l) {
  return {{"tensor", l.tensor},
          {"pipeline", l.pipeline},
          {"data", l.data},
          {"expert", l.expert},
          {"context", l.context},
          {"virtual_stages", l.virtual_stages},
          {"micro_batch", l.micro_batch},
          {"micro_batches", l.micro_batches()},
          {"schedule", name_of(l.schedule)},
          {"zero", l.zero},
          {"shard_group", l.shard_group},
          {"recompute", name_of(l.recompute)},
          {"recompute_share", l.recompute == Recompute::kFull ? l.recompute_share : 0},
          {"precision", name_of(l.precision)},
          {"sequence_parallel", l.sequence_parallel},
          {"async_tensor_parallel", l.tensor > 1 && l.stack.overlaps_tensor},
          {"gradients_overlapped", l.stack.overlaps_data},
          {"context_exchange", name_of(l.exchange)},
          {"offload_optimizer", l.offload_optimizer}};
}

Json planned_json(const PlannedLayout& row) {
  Json parts;
  for (std::size_t i = 0; i < kPartCount; ++i) {
    const PartText& text = text_of(static_cast<Part>(i));
    parts[fmt::format("{}/{}", text.group, text.name)] =
        row.candidate.step.parts[static_cast<Part>(i)];
  }
  const MemoryUse& memory = row.candidate.memory;
  Json out{{"layout", row.candidate.layout.describe()},
           {"degrees", layout_json(row.candidate.layout)},
           {"step_s", row.candidate.step.seconds},
           {"low_s", row.low},
           {"high_s", row.high},
           {"mfu", row.mfu},
           {"hfu", row.hfu},
           {"memory_bytes",
            {{"total", memory.total()},
             {"weights", memory.weights},
             {"gradients", memory.gradients},
             {"optimizer", memory.optimizer},
             {"activations", memory.activations},
             {"logits", memory.logits},
             {"reserve", memory.reserve}}},
           {"seconds", parts}};
  if (!row.stage_layers.empty()) out["stage_layers"] = row.stage_layers;
  if (row.simulated) out["simulated_s"] = *row.simulated;
  if (!row.interval.warnings.empty()) out["outside_calibration"] = row.interval.warnings;
  return out;
}

Json run_json(const RunDuration& run, const RunCost& cost) {
  return {{"days", run.wall_clock.count() / 86400},
          {"goodput", run.shares.goodput},
          {"checkpoints", run.shares.checkpoints},
          {"rework", run.shares.rework},
          {"restarts", run.shares.restarts},
          {"no_spare", run.shares.no_spare},
          {"interruptions", run.interruptions},
          {"checkpoint_interval_s", run.shares.interval.count()},
          {"chip_hours", cost.chip_hours},
          {"megawatt_hours", cost.megawatt_hours},
          {"joules_per_token", cost.joules_per_token},
          {"cost", cost.total()},
          {"tokens_per_unit", cost.tokens_per_unit}};
}

}  // namespace

std::string why_slower(const PlannedLayout& best, const PlannedLayout& other) {
  const Parts more = other.candidate.step.parts - best.candidate.step.parts;
  std::vector<std::pair<double, std::string_view>> causes;
  causes.reserve(kPartCount);
  for (std::size_t i = 0; i < kPartCount; ++i)
    causes.emplace_back(more[static_cast<Part>(i)], text_of(static_cast<Part>(i)).name);
  std::ranges::sort(causes, [](const auto& a, const auto& b) { return a.first > b.first; });
  const double step = best.candidate.step.seconds;
  std::string text = fmt::format("{:+.1f} %:", 100 * (other.candidate.step.seconds / step - 1));
  const char* separator = " ";
  const auto add = [&](const auto& cause) {
    if (std::abs(cause.first) < 0.002 * step) return;
    text += fmt::format("{}{:+.1f} % {}", separator, 100 * cause.first / step, cause.second);
    separator = ", ";
  };
  for (std::size_t i = 0; i < 3; ++i) add(causes[i]);
  if (causes.back().first < 0) add(causes.back());
  if (text.ends_with(':')) text.pop_back();
  return text;
}

std::string mfu_convention(const Plan& plan) {
  return fmt::format("{}; over the 16-bit dense peak, {:.4g} TFLOP/s",
                     model::mfu_sentence(plan.attention), mean_peak(plan) / 1e12);
}

std::string plan_text(const Plan& plan, bool explain, std::size_t columns) {
  std::string text =
      heading(plan) + table(plan, explain, columns) + search_text(plan, explain) + run_text(plan);
  if (explain)
    text += chain_text(mfu_chain(plan, plan.layouts.front()), plan.attention) +
            choices_text(plan, columns) + transfers_text(plan, columns);
  for (const std::string& warning : plan.warnings) text += "note: " + warning + "\n";
  return fitted(text, columns);
}

std::string plan_json(const Plan& plan) {
  Json layouts = Json::array();
  for (const PlannedLayout& row : plan.layouts) layouts.push_back(planned_json(row));
  std::uint64_t broken = 0;
  for (const std::uint64_t times : plan.found.broken) broken += times;
  Json out{{"model", plan.model},
           {"chip", plan.chip.name},
           {"cluster", plan.cluster},
           {"chips", plan.chips},
           {"batch", plan.batch},
           {"sequence", plan.sequence},
           {"mfu_attention", model::name_of(plan.attention)},
           {"mfu_convention", mfu_convention(plan)},
           {"layouts", layouts},
           {"search",
            {{"candidates", plan.found.candidates},
             {"broken", broken},
             {"too_large", plan.found.too_large},
             {"timed", plan.found.timed}}},
           {"warnings", plan.warnings}};
  if (plan.duration && plan.cost) out["run"] = run_json(*plan.duration, *plan.cost);
  out["mfu_chain"] = Json::parse(chain_json(mfu_chain(plan, plan.layouts.front())));
  out["choices"] = Json::parse(choices_json(plan));
  out["collectives"] = Json::parse(transfers_json(plan));
  const PlanLedger ledger = plan_ledger(plan, plan.layouts.front());
  out["ledger"] = Json::parse(ledger.ledger.to_json());
  out["ledger"]["credited"] = ledger.credited;
  return json_document(out, 2) + "\n";
}

}  // namespace isobar::plan
