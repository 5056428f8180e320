// A plan's tables as CSV: layouts, the run, the chain, choices, collectives and the ledger.
#include <fmt/ranges.h>

#include "base/text/csv.h"
#include "ledger/ledger_csv.h"
#include "plan/alternatives.h"
#include "plan/mfu_chain.h"
#include "plan/report/plan_choices.h"
#include "plan/report/plan_ledger.h"
#include "plan/report/plan_report.h"
#include "plan/step/traffic.h"

namespace isobar::plan {
namespace {

void add_layouts(const Plan& plan, CsvSheet& sheet) {
  for (const PlannedLayout& row : plan.layouts)
    sheet.add("layouts",
              {{"layout", row.candidate.layout.describe()},
               {"step_s", csv_number(row.candidate.step.seconds)},
               {"low_s", csv_number(row.low)},
               {"high_s", csv_number(row.high)},
               {"mfu", csv_number(row.mfu)},
               {"hfu", csv_number(row.hfu)},
               {"mfu_attention", std::string(model::name_of(plan.attention))},
               {"memory_gb", csv_number(row.candidate.memory.total() / 1e9)},
               {"simulated_s", row.simulated ? csv_number(*row.simulated) : ""},
               {"warnings", &row == &plan.layouts.front()
                                ? fmt::format("{}", fmt::join(plan.warnings, "; "))
                                : fmt::format("{}", fmt::join(row.interval.warnings, "; "))}});
}

void add_run(const Plan& plan, CsvSheet& sheet) {
  if (!plan.duration || !plan.cost) return;
  const Lifetime& shares = plan.duration->shares;
  sheet.add("run", {{"days", csv_number(plan.duration->wall_clock.count() / 86400)},
                    {"goodput", csv_number(shares.goodput)},
                    {"checkpoints", csv_number(shares.checkpoints)},
                    {"rework", csv_number(shares.rework)},
                    {"restarts", csv_number(shares.restarts)},
                    {"no_spare", csv_number(shares.no_spare)},
                    {"interruptions", csv_number(plan.duration->interruptions)},
                    {"checkpoint_interval_s", csv_number(shares.interval.count())},
                    {"chip_hours", csv_number(plan.cost->chip_hours)},
                    {"megawatt_hours", csv_number(plan.cost->megawatt_hours)},
                    {"joules_per_token", csv_number(plan.cost->joules_per_token)},
                    {"cost", plan.cost->total() > 0 ? csv_number(plan.cost->total()) : ""}});
}

void add_chain(const Plan& plan, CsvSheet& sheet) {
  for (const ChainLink& link : mfu_chain(plan, plan.layouts.front()))
    sheet.add("mfu_chain", {{"cause", link.cause},
                            {"seconds", csv_number(link.seconds)},
                            {"mfu", csv_number(link.mfu)},
                            {"points", csv_number(link.points)}});
}

void add_choices(const Plan& plan, CsvSheet& sheet) {
  for (const Alternative& other : alternatives_of(plan)) {
    CsvSheet::Row row{{"layout", other.candidate.layout.describe()},
                      {"change", other.change},
                      {"refused", other.refused}};
    if (other.candidate.step.seconds > 0) {
      row.emplace_back("step_s", csv_number(other.candidate.step.seconds));
      row.emplace_back("memory_gb", csv_number(other.candidate.memory.total() / 1e9));
    }
    sheet.add("choices", std::move(row));
  }
}

void add_collectives(const Plan& plan, CsvSheet& sheet) {
  for (const Transfer& transfer : transfers(plan.setting(), plan.layouts.front().candidate.layout))
    sheet.add("collectives", {{"what", transfer.what},
                              {"chips", std::to_string(transfer.group.size)},
                              {"bytes", csv_number(transfer.bytes)},
                              {"algorithm", std::string(transfer.algorithm)},
                              {"level", std::string(transfer.level)},
                              {"seconds", csv_number(transfer.seconds)}});
}

}  // namespace

std::string plan_csv(const Plan& plan) {
  CsvSheet sheet;
  add_layouts(plan, sheet);
  add_run(plan, sheet);
  add_chain(plan, sheet);
  add_choices(plan, sheet);
  add_collectives(plan, sheet);
  ledger::add_to_csv(plan_ledger(plan, plan.layouts.front()).ledger, sheet);
  return sheet.text();
}

}  // namespace isobar::plan
