#include "plan/sweep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_document.h"
#include "base/text/csv.h"
#include "base/text/json_text.h"

namespace isobar::plan {

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

namespace {

using Json = nlohmann::ordered_json;

/// A column's name (with its unit) and value; null where a row has none.
struct Column {
  const char* name;
  Json value;
};

std::vector<Column> columns_of(const PlanRequest& request, const Plan* plan,
                               const std::string& error) {
  const PlannedLayout* best = plan == nullptr ? nullptr : &plan->layouts.front();
  const bool has_run = plan != nullptr && plan->duration.has_value();
  const auto of_best = [&](auto value) { return best == nullptr ? Json() : Json(value(*best)); };
  const auto of_run = [&](auto value) { return has_run ? Json(value(*plan)) : Json(); };
  const Json warnings = plan == nullptr || plan->warnings.empty()
                            ? Json()
                            : Json(fmt::format("{}", fmt::join(plan->warnings, "; ")));
  return {
      {"model", plan == nullptr ? request.model : plan->model},
      {"chip", plan == nullptr ? request.chip : plan->chip.name},
      {"chips", plan == nullptr ? request.chips : plan->chips},
      {"batch", plan == nullptr ? request.batch : plan->batch},
      {"sequence", plan == nullptr ? request.sequence : plan->sequence},
      {"step_s", of_best([](const PlannedLayout& row) { return row.candidate.step.seconds; })},
      {"low_s", of_best([](const PlannedLayout& row) { return row.low; })},
      {"high_s", of_best([](const PlannedLayout& row) { return row.high; })},
      {"mfu", of_best([](const PlannedLayout& row) { return row.mfu; })},
      {"hfu", of_best([](const PlannedLayout& row) { return row.hfu; })},
      {"mfu_attention", model::name_of(request.attention)},
      {"memory_gb",
       of_best([](const PlannedLayout& row) { return row.candidate.memory.total() / 1e9; })},
      {"layout", of_best([](const PlannedLayout& row) { return row.candidate.layout.describe(); })},
      {"goodput", of_run([](const Plan& of) { return of.duration->shares.goodput; })},
      {"days", of_run([](const Plan& of) { return of.duration->wall_clock.count() / 86400; })},
      {"chip_hours", of_run([](const Plan& of) { return of.cost->chip_hours; })},
      {"cost", of_run([](const Plan& of) {
         return of.cost->total() > 0 ? Json(of.cost->total()) : Json();
       })},
      {"warnings", warnings},
      {"error", error.empty() ? Json() : Json(error)}};
}

std::string csv_line(const std::vector<Column>& columns) {
  std::vector<std::string> fields;
  for (const Column& column : columns) {
    if (column.value.is_null()) {
      fields.emplace_back();
    } else if (column.value.is_number_float()) {
      fields.push_back(csv_number(column.value.get<double>()));
    } else {
      fields.push_back(column.value.is_string() ? csv_field(column.value.get<std::string>())
                                                : json_text(column.value));
    }
  }
  return fmt::format("{}", fmt::join(fields, ","));
}

std::string json_line(const std::vector<Column>& columns) {
  Json object = Json::object();
  for (const Column& column : columns)
    if (!column.value.is_null()) object[column.name] = column.value;
  return json_document(object);
}

}  // namespace

std::string sweep_head(SweepFormat format) {
  if (format == SweepFormat::kJson) return {};
  std::vector<std::string> names;
  for (const Column& column : columns_of({}, nullptr, {})) names.emplace_back(column.name);
  return fmt::format("{}\n", fmt::join(names, ","));
}

std::string sweep_row(const PlanRequest& request, const Coefficients& coefficients,
                      SweepFormat format) {
  const auto line = format == SweepFormat::kJson ? json_line : csv_line;
  try {
    const Plan plan = make_plan(request, coefficients);
    return line(columns_of(request, &plan, {}));
  } catch (const UserError& error) {
    return line(columns_of(request, nullptr, error.what()));
  }
}

}  // namespace isobar::plan
