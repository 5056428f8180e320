#include "cluster/sweep.h"

#include <fmt/format.h>

#include "base/error.h"
#include "cluster/csv.h"

namespace isobar::cluster {

std::vector<PlanRequest> sweep_requests(const PlanRequest& base, const SweepAxes& axes) {
  std::vector<PlanRequest> requests;
  for (const std::string& model : axes.models)
    for (const std::string& chip : axes.chips)
      for (const std::uint32_t count : axes.counts)
        for (const std::uint32_t batch : axes.batches) {
          PlanRequest request = base;
          request.model = model;
          request.chip = chip;
          request.chips = count;
          request.batch = batch;
          request.runners_up = 0;
          requests.push_back(std::move(request));
        }
  return requests;
}

std::string sweep_titles() {
  return "model,chip,chips,batch,sequence,step_s,low_s,high_s,mfu,memory_gb,layout,goodput,days,"
         "chip_hours,cost,error";
}

std::string sweep_row(const PlanRequest& request, const Coefficients& coefficients) {
  try {
    const Plan plan = make_plan(request, coefficients);
    const PlannedLayout& best = plan.layouts.front();
    std::string row = fmt::format("{},{},{},{},{},{:.6g},{:.6g},{:.6g},{:.4f},{:.1f},{}",
                                  csv_field(plan.model), csv_field(plan.chip.name), plan.chips,
                                  plan.batch, plan.sequence, best.candidate.step.seconds, best.low,
                                  best.high, best.mfu, best.candidate.memory.total() / 1e9,
                                  csv_field(best.candidate.layout.describe()));
    if (!plan.duration) return row + ",,,,,";
    return row + fmt::format(",{:.4f},{:.2f},{:.0f},{:.0f},", plan.duration->shares.goodput,
                             plan.duration->wall_clock.count() / 86400, plan.cost->chip_hours,
                             plan.cost->total());
  } catch (const UserError& error) {
    return fmt::format("{},{},{},{},{},,,,,,,,,,,{}", csv_field(request.model),
                       csv_field(request.chip), request.chips, request.batch, request.sequence,
                       csv_field(error.what()));
  }
}

}  // namespace isobar::cluster
