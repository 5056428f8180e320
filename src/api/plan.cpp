// The only file of the interface that knows the planner.
#include "isobar/plan.h"

#include "api/guard.h"
#include "api/ledger.h"
#include "plan/report/plan_ledger.h"
#include "plan/report/plan_report.h"
#include "report/plan_waterfall.h"

namespace isobar {
namespace {

/// The command's parser refuses these before a request is made.
void check(const PlanRequest& request) {
  if (request.model.empty()) fail("PlanRequest::model is empty (name a model)");
  if (request.fixed.data != 0)
    fail(
        "PlanRequest::fixed.data cannot be fixed: it follows from the chips and the other degrees");
  for (const auto& [name, value] : {std::pair{"tokens", request.tokens},
                                    {"price_per_chip_hour", request.price_per_chip_hour},
                                    {"price_per_kilowatt_hour", request.price_per_kilowatt_hour}})
    if (!(value >= 0 && value < 1e30))
      fail("PlanRequest::{} is {}, but must be 0 (not given) or more", name, value);
}

plan::PlanRequest to_internal(const PlanRequest& request) {
  plan::PlanRequest out;
  out.model = request.model;
  out.chip = request.chip;
  out.cluster = request.cluster;
  out.chips = request.chips;
  out.batch = request.batch;
  out.sequence = request.sequence;
  out.tokens = request.tokens;
  out.fixed.tensor = request.fixed.tensor;
  out.fixed.pipeline = request.fixed.pipeline;
  out.fixed.expert = request.fixed.expert;
  out.fixed.context = request.fixed.context;
  out.fixed.virtual_stages = request.fixed.virtual_stages;
  out.fixed.micro_batch = request.fixed.micro_batch;
  if (request.fixed.virtual_stages > 1) {
    if (request.fixed.pipeline == 1)
      fail("PlanRequest::fixed.virtual_stages is {}, but a pipeline of 1 has no stages",
           request.fixed.virtual_stages);
    out.choices.schedule = plan::Schedule::kInterleaved;
  }
  out.runners_up = request.runners_up;
  out.threads = request.threads;
  out.prices.chip_hour = request.price_per_chip_hour;
  out.prices.kilowatt_hour = request.price_per_kilowatt_hour;
  return out;
}

PlannedLayout to_public(const plan::PlannedLayout& row) {
  const plan::Layout& l = row.candidate.layout;
  return {l.describe(),
          {l.tensor, l.pipeline, l.data, l.expert, l.context, l.virtual_stages, l.micro_batch},
          row.candidate.step.seconds,
          row.low,
          row.high,
          row.mfu,
          row.hfu,
          row.candidate.memory.total()};
}

Plan to_public(const plan::Plan& plan) {
  const plan::PlanLedger ledger = plan::plan_ledger(plan, plan.layouts.front());
  Plan out;
  out.model = plan.model;
  out.chip = plan.chip.name;
  out.cluster = plan.cluster;
  out.chips = plan.chips;
  out.batch = plan.batch;
  out.sequence = plan.sequence;
  for (const plan::PlannedLayout& row : plan.layouts) out.layouts.push_back(to_public(row));
  out.mfu_convention = plan::mfu_convention(plan);
  out.ledger = api::to_public(ledger.ledger);
  if (plan.duration && plan.cost)
    out.run = {plan.duration->wall_clock.count() / 86400, plan.duration->shares.goodput,
               plan.cost->chip_hours, plan.cost->megawatt_hours, plan.cost->total()};
  out.warnings = plan.warnings;
  out.text = plan::plan_text(plan, false) + "\n" + report::plan_waterfall(ledger, {});
  out.json = plan::plan_json(plan);
  return out;
}

}  // namespace

inline namespace v0 {

Plan plan_training(const PlanRequest& request) {
  return guarded([&] {
    check(request);
    return to_public(plan::make_plan(to_internal(request), plan::calibrated_coefficients()));
  });
}

}  // namespace v0
}  // namespace isobar
