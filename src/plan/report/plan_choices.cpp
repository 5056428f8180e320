#include "plan/report/plan_choices.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text/columns.h"
#include "base/text/json_text.h"
#include "plan/alternatives.h"
#include "plan/report/plan_report.h"
#include "plan/step/traffic.h"

namespace isobar::plan {
namespace {

using Json = nlohmann::ordered_json;

std::string size(double bytes) {
  if (bytes >= 1e9) return fmt::format("{:.3g} GB", bytes / 1e9);
  if (bytes >= 1e6) return fmt::format("{:.3g} MB", bytes / 1e6);
  return fmt::format("{:.3g} kB", bytes / 1e3);
}

std::string duration(double seconds) {
  if (seconds >= 1) return fmt::format("{:.3g} s", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.3g} ms", seconds * 1e3);
  return fmt::format("{:.3g} us", seconds * 1e6);
}

}  // namespace

std::vector<Alternative> alternatives_of(const Plan& plan) {
  if (!plan.kinds.empty()) return {};  // the search's one kind of chip does not stand for them
  return alternatives(plan.setting(), plan.layouts.front().candidate.layout);
}

std::string choices_text(const Plan& plan, std::size_t columns) {
  constexpr std::size_t kOutcome = 31;
  const std::vector<Alternative> list = alternatives_of(plan);
  if (list.empty()) return {};
  const PlannedLayout& best = plan.layouts.front();
  std::string text = "\nThe best layout with one choice changed:\n";
  for (const Alternative& other : list) {
    const double change = other.candidate.step.seconds > 0
                              ? other.candidate.step.seconds / best.candidate.step.seconds - 1
                              : 0;
    std::string outcome;
    if (other.candidate.step.seconds <= 0) {
      outcome = "not allowed: " + other.refused;
    } else if (!other.refused.empty()) {
      outcome = fmt::format("{:+.1f} %, but {}", 100 * change, other.refused);
    } else {
      PlannedLayout row;
      row.candidate = other.candidate;
      outcome =
          why_slower(best, row) + fmt::format(" ({:.0f} GB)", other.candidate.memory.total() / 1e9);
    }
    text += fmt::format("  {:<28} ", other.change) +
            wrapped(outcome, columns, std::min(kOutcome, columns / 2));
  }
  return text;
}

std::string transfers_text(const Plan& plan, std::size_t columns) {
  const auto list = transfers(plan.setting(), plan.layouts.front().candidate.layout);
  if (list.empty()) return {};
  TextTable table({{.title = "collectives of the best layout", .is_left = true, .least = 48},
                   {.title = "chips", .least = 7},
                   {.title = "bytes", .least = 10},
                   {.title = "algorithm", .is_left = true, .least = 12},
                   {.title = "up to level", .is_left = true, .least = 17, .gap = 1},
                   {.title = "each", .least = 9}},
                  TextTable::Narrow::kBelow);
  for (const Transfer& transfer : list)
    table.add({transfer.what, std::to_string(transfer.group.size), size(transfer.bytes),
               std::string(transfer.algorithm), std::string(transfer.level),
               duration(transfer.seconds)});
  return "\n" + table.text(columns);
}

std::string choices_json(const Plan& plan) {
  Json list = Json::array();
  for (const Alternative& other : alternatives_of(plan)) {
    Json entry{{"change", other.change}, {"layout", other.candidate.layout.describe()}};
    if (other.candidate.step.seconds > 0) {
      entry["step_s"] = other.candidate.step.seconds;
      entry["memory_bytes"] = other.candidate.memory.total();
    }
    if (!other.refused.empty()) entry["refused"] = other.refused;
    list.push_back(std::move(entry));
  }
  return json_text(list);
}

std::string transfers_json(const Plan& plan) {
  Json list = Json::array();
  for (const Transfer& transfer : transfers(plan.setting(), plan.layouts.front().candidate.layout))
    list.push_back({{"what", transfer.what},
                    {"algorithm", transfer.algorithm},
                    {"chips", transfer.group.size},
                    {"chips_per_domain", transfer.group.per_domain},
                    {"bytes", transfer.bytes},
                    {"level", transfer.level},
                    {"seconds", transfer.seconds}});
  return json_text(list);
}

}  // namespace isobar::plan
