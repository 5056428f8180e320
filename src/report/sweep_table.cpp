#include "report/sweep_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_document.h"
#include "base/text/columns.h"
#include "base/text/csv.h"
#include "base/text/json_text.h"
#include "report/chip_table.h"

namespace isobar::report {
namespace {

using Json = nlohmann::ordered_json;

std::string limits_of(const fab::SweepLimits& limits) {
  std::string text;
  const auto add = [&](const std::string& limit) { text += (text.empty() ? "" : ", ") + limit; };
  add(limits.area ? fmt::format("die at most {:.0f} mm2", *limits.area) : "die within the reticle");
  if (limits.power) add(fmt::format("at most {:.0f} W", *limits.power));
  if (limits.cost) add(fmt::format("at most ${:.0f}", *limits.cost));
  if (limits.export_line != fab::ExportLine::kNone)
    add(fmt::format("below {} as of {}",
                    limits.export_line == fab::ExportLine::k3A090a ? "3A090.a" : "3A090.b",
                    fab::format_date(limits.rule_date)));
  if (!limits.node.empty()) add("node " + limits.node);
  return text;
}

Json to_json(const fab::Judged& judged) {
  const fab::Design& d = judged.design;
  return {{"node", d.node},
          {"cores", d.cores},
          {"enabled_cores", d.enabled_cores()},
          {"matrix_fp16", d.matrix_fp16},
          {"local_kib", d.local_kib},
          {"shared_mib", d.shared_mib},
          {"stacks", d.stacks},
          {"clock_ghz", d.clock_ghz},
          {"peak_tflops", d.peak() * 1e-12},
          {"mfu", judged.mfu},
          {"useful_tflops", judged.useful() * 1e-12},
          {"die_area_mm2", judged.area},
          {"yield", judged.yield},
          {"cost_per_package", judged.cost},
          {"power_w", judged.power},
          {"tpp", judged.tpp},
          {"performance_density", judged.density},
          {"export_class", judged.chip_class}};
}

/// Designs as points, the front as a line: cost to the right, useful FLOP/s upward.
std::string plot(const fab::SweepResult& result) {
  constexpr double kLeft = 70, kTop = 10, kWide = 820, kHigh = 420;
  double most_cost = 0, most_useful = 0;
  for (const fab::Judged& j : result.all) {
    most_cost = std::max(most_cost, j.cost);
    most_useful = std::max(most_useful, j.useful());
  }
  const auto x = [&](double cost) { return kLeft + cost / most_cost * kWide; };
  const auto y = [&](double useful) { return kTop + kHigh * (1 - useful / most_useful); };
  std::string out = fmt::format(
      "<svg viewBox=\"0 0 960 480\" role=\"img\" aria-label=\"{} designs by the cost of a package "
      "and the FLOP/s that they reach; a line joins the {} of the Pareto front, from {} "
      "TFLOP/s for ${} to {} TFLOP/s for ${}\">\n",
      result.all.size(), result.front.size(), short_number(result.front.front().useful() * 1e-12),
      short_number(result.front.front().cost), short_number(result.front.back().useful() * 1e-12),
      short_number(result.front.back().cost));
  for (int i = 0; i <= 4; ++i) {
    const double share = i / 4.0;
    out += fmt::format(
        "<line x1=\"{0:.0f}\" x2=\"{1:.0f}\" y1=\"{2:.0f}\" y2=\"{2:.0f}\" "
        "stroke=\"#e3e7ee\"/><text x=\"{3:.0f}\" y=\"{4:.0f}\" "
        "text-anchor=\"end\">{5}</text>"
        "<text x=\"{6:.0f}\" y=\"{7:.0f}\" text-anchor=\"middle\">${8}</text>\n",
        kLeft, kLeft + kWide, y(share * most_useful), kLeft - 8, y(share * most_useful) + 4,
        short_number(share * most_useful * 1e-12), x(share * most_cost), kTop + kHigh + 20,
        short_number(share * most_cost));
  }
  for (const fab::Judged& j : result.all)
    out += fmt::format(
        "<circle cx=\"{:.0f}\" cy=\"{:.0f}\" r=\"2\" fill=\"#79a6dc\" "
        "fill-opacity=\"0.35\"/>",
        x(j.cost), y(j.useful()));
  std::string line;
  for (const fab::Judged& j : result.front)
    line += fmt::format("{}{:.1f} {:.1f} ", line.empty() ? "M" : "L", x(j.cost), y(j.useful()));
  out +=
      fmt::format("\n<path d=\"{}\" fill=\"none\" stroke=\"#b4432f\" stroke-width=\"2\"/>\n", line);
  for (const fab::Judged& j : result.front)
    out += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"#b4432f\"><title>{} cores x "
        "{}, {}, {} stacks: {} TFLOP/s for ${}</title></circle>",
        x(j.cost), y(j.useful()), j.design.cores, j.design.matrix_fp16, escaped(j.design.node),
        j.design.stacks, short_number(j.useful() * 1e-12), short_number(j.cost));
  return out + fmt::format(
                   "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">cost of a package; "
                   "upward: MFU x peak, TFLOP/s</text></svg>\n",
                   kLeft + kWide / 2, kTop + kHigh + 42);
}

}  // namespace

std::string sweep_text(const fab::SweepResult& result, std::size_t columns) {
  std::string out = fmt::format(
      "{} designs: {} over the area limit, {} over the power limit, {} over the cost limit, {} "
      "over "
      "the export threshold;\n{} within the limits ({}), {} on the Pareto front\njudge: {}\n\n",
      result.designs, result.too_large, result.too_hot, result.too_dear, result.over_the_line,
      result.all.size(), limits_of(result.limits), result.front.size(), result.judge);
  TextTable table({{.title = "useful\nTFLOP/s", .least = 9},
                   {.title = "peak\nTFLOP/s", .least = 10, .gap = 1},
                   {.title = "MFU\n%", .least = 7, .gap = 1},
                   {.title = "cost\n$", .least = 9, .gap = 1},
                   {.title = "node\n", .is_left = true, .least = 7, .gap = 1},
                   {.title = "cores\n", .least = 6, .gap = 1},
                   {.title = "matrix\n/cycle", .least = 7, .gap = 1},
                   {.title = "local\nKiB", .least = 7, .gap = 1},
                   {.title = "shared\nMiB", .least = 7, .gap = 1},
                   {.title = "stacks\nHBM3", .least = 7, .gap = 1},
                   {.title = "mm2\n", .least = 8, .gap = 1},
                   {.title = "yield\n%", .least = 8, .gap = 1},
                   {.title = "W\n", .least = 7, .gap = 1},
                   {.title = "export\n", .is_left = true, .least = 8, .gap = 1}});
  for (const fab::Judged& j : result.front)
    table.add({fmt::format("{:.0f}", j.useful() * 1e-12),
               fmt::format("{:.0f}", j.design.peak() * 1e-12), fmt::format("{:.1f}", 100 * j.mfu),
               fmt::format("{:.0f}", j.cost), j.design.node, fmt::format("{}", j.design.cores),
               fmt::format("{}", j.design.matrix_fp16), fmt::format("{}", j.design.local_kib),
               fmt::format("{}", j.design.shared_mib), fmt::format("{}", j.design.stacks),
               fmt::format("{:.0f}", j.area), fmt::format("{:.1f}", 100 * j.yield),
               fmt::format("{:.0f}", j.power), std::string(j.chip_class)});
  out += table.text(columns);
  out += fmt::format("\nExport class: {}. docs/FAB.md describes the designs and the judge.\n",
                     fab::kDisclaimer);
  return fitted(out, columns);
}

std::string sweep_json(const fab::SweepResult& result) {
  Json front = Json::array();
  for (const fab::Judged& j : result.front) front.push_back(to_json(j));
  const Json out{{"designs", result.designs},
                 {"too_large", result.too_large},
                 {"too_hot", result.too_hot},
                 {"too_dear", result.too_dear},
                 {"over_the_export_line", result.over_the_line},
                 {"within_limits", result.all.size()},
                 {"limits", limits_of(result.limits)},
                 {"judge", result.judge},
                 {"front", front}};
  return json_document(out, 2) + "\n";
}

std::string sweep_csv(const fab::SweepResult& result) {
  CsvSheet sheet;
  const auto add = [&](const char* table, const fab::Judged& judged) {
    CsvSheet::Row row;
    const Json object = to_json(judged);  // items() of a temporary would outlive it
    for (const auto& [name, value] : object.items())
      row.emplace_back(name, value.is_string()         ? value.get<std::string>()
                             : value.is_number_float() ? csv_number(value.get<double>())
                                                       : json_text(value));
    sheet.add(table, std::move(row));
  };
  for (const fab::Judged& judged : result.front) add("front", judged);
  for (const fab::Judged& judged : result.all) add("all", judged);
  return sheet.text();
}

std::string sweep_page(const fab::SweepResult& result) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Isobar: a sweep of "
      "designs</title><meta name=\"viewport\" "
      "content=\"width=device-width\">\n<style>body{font:14px/1.45 "
      "system-ui,sans-serif;max-width:70rem;margin:2rem "
      "auto;padding:0 1rem;color:#1c2330}pre{font-size:12px;overflow:auto}svg text{font:12px "
      "system-ui}</style></head>\n<body><main><h1>Designs within the limits</h1>\n";
  if (!result.all.empty() && !result.front.empty()) out += plot(result);
  // A region that scrolls is reached by the keyboard, too.
  return out + "<pre tabindex=\"0\" role=\"region\" aria-label=\"The front as a table\">" +
         escaped(sweep_text(result)) + "</pre></main></body></html>\n";
}

}  // namespace isobar::report
