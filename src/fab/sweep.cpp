#include "fab/sweep.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text/json_text.h"
#include "fab/assessment.h"
#include "fab/die/area.h"
#include "fab/die/cost.h"

namespace isobar::fab {
namespace {

using Json = nlohmann::json;

enum class Verdict : std::uint8_t { kGood, kTooLarge, kTooHot, kTooDear, kOverTheLine };

bool over(const std::string& name, ExportLine line) {
  if (line == ExportLine::kNone) return false;
  if (name == "none") return false;
  return line == ExportLine::k3A090b || name != "3A090.b";
}

Verdict judge_one(const SweepLimits& limits, const Constants& constants, const Judge& judge,
                  Judged& out) {
  const chip::Datasheet sheet = datasheet_of(out.design);
  const ProcessNode& node = *constants.node(out.design.node);
  const AreaEstimate area =
      estimate_area(sheet.floorplan, node, *constants.interface(out.design.memory), constants.area);
  out.area = area.total;
  if (out.area > limits.area.value_or(constants.wafer.reticle.value)) return Verdict::kTooLarge;
  out.power = power_of(out.design, constants);
  if (limits.power && out.power > *limits.power) return Verdict::kTooHot;
  PackageDesign package;
  package.compute = {.area = area.total, .count = 1, .node = &node};
  package.compute.harvest = {.core_area = area.cores,
                             .other_area = area.total - area.cores * out.design.cores,
                             .cores = out.design.cores,
                             .needed = out.design.enabled_cores()};
  package.carrier = Carrier::kInterposer;
  package.stacks = out.design.stacks;
  package.memory_gb = out.design.capacity() * 1e-9;
  package.memory_price = constants.memory_price(out.design.memory)->value;
  package.volume = limits.volume;
  const PackageCost cost = package_cost(package, constants);
  out.cost = cost.total();
  out.yield = cost.compute.yield;
  if (limits.cost && out.cost > *limits.cost) return Verdict::kTooDear;
  const ExportResult rule =
      export_class(export_facts(sheet, constants, out.area), limits.rule_date);
  out.tpp = rule.tpp.value_or(0);
  out.density = rule.density.value_or(0);
  out.chip_class = rule.chip_class;
  if (over(out.chip_class, limits.export_line)) return Verdict::kOverTheLine;
  out.mfu = judge.mfu(out.design);
  return Verdict::kGood;
}

// Between ranks: numbers as JSON prints them, which reads back bit for bit.
Json to_json(const Judged& j) {
  const Design& d = j.design;
  return {d.cores, d.matrix_fp16, d.local_kib, d.shared_mib, d.stacks, d.clock_ghz,
          d.node,  d.memory,      j.area,      j.yield,      j.cost,   j.power,
          j.tpp,   j.density,     j.mfu,       j.chip_class};
}
Judged from_json(const Json& a) {
  Judged j;
  j.design = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]};
  j.area = a[8];
  j.yield = a[9];
  j.cost = a[10];
  j.power = a[11];
  j.tpp = a[12];
  j.density = a[13];
  j.mfu = a[14];
  j.chip_class = a[15];
  return j;
}

}  // namespace

ExportLine parse_export_line(std::string_view text) {
  if (text.empty()) return ExportLine::kNone;
  if (text == "3A090.a") return ExportLine::k3A090a;
  if (text == "3A090.b") return ExportLine::k3A090b;
  fail("\"{}\" is no export line (3A090.a or 3A090.b)", text.substr(0, 40));
}

std::vector<Judged> pareto_front(std::vector<Judged> judged) {
  std::ranges::sort(judged, [](const Judged& a, const Judged& b) {
    return a.cost != b.cost ? a.cost < b.cost : a.useful() > b.useful();
  });
  std::vector<Judged> front;
  for (const Judged& j : judged)
    if (front.empty() || j.useful() > front.back().useful()) front.push_back(j);
  return front;
}

SweepResult run_sweep(std::size_t count, const SweepLimits& limits, const Constants& constants,
                      const Judge& judge, const Ranks& ranks) {
  const std::vector<Design> designs = design_grid(count, limits.node, constants);
  const auto rank = static_cast<std::size_t>(ranks.rank());
  const auto of = static_cast<std::size_t>(ranks.count());
  const std::size_t first = designs.size() * rank / of, last = designs.size() * (rank + 1) / of;
  std::size_t refused[5] = {};
  Json good = Json::array();
  for (std::size_t i = first; i < last; ++i) {
    Judged judged{.design = designs[i]};
    const Verdict verdict = judge_one(limits, constants, judge, judged);
    ++refused[static_cast<unsigned>(verdict)];
    if (verdict == Verdict::kGood) good.push_back(to_json(judged));
  }
  const std::vector<std::string> parts =
      ranks.gather(json_text(Json{{"refused", refused}, {"good", good}}));
  SweepResult out{.designs = designs.size(), .judge = std::string(judge.name()), .limits = limits};
  for (const std::string& part : parts) {
    const Json json = Json::parse(part);
    const Json& counts = json["refused"];
    out.too_large += counts[1].get<std::size_t>();
    out.too_hot += counts[2].get<std::size_t>();
    out.too_dear += counts[3].get<std::size_t>();
    out.over_the_line += counts[4].get<std::size_t>();
    for (const Json& one : json["good"]) out.all.push_back(from_json(one));
  }
  out.front = pareto_front(out.all);
  return out;
}

}  // namespace isobar::fab
