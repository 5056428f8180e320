#include "fab/assessment.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "fab/product_figures.h"

namespace isobar::fab {
namespace {

constexpr std::uint32_t kSamples = 300;

/// The 5th and 95th percentile of each figure over samples of the constants.
void add_intervals(const chip::Datasheet& sheet, const Constants& constants, const Options& options,
                   std::vector<Entry>& entries) {
  std::map<std::string_view, std::vector<double>> drawn;
  for (std::uint32_t i = 0; i < kSamples; ++i)
    for (const auto& [key, figure] : product_figures(sheet, sample(constants, i), options))
      if (figure.value) drawn[key].push_back(*figure.value);
  for (Entry& entry : entries) {
    const auto at = drawn.find(entry.key);
    if (!entry.value || at == drawn.end() || at->second.size() < kSamples) continue;
    std::vector<double>& values = at->second;
    std::ranges::sort(values);
    const double low = values[kSamples / 20], high = values[kSamples - 1 - kSamples / 20];
    if (low == high) continue;  // nothing uncertain went into it
    entry.low = low;
    entry.high = high;
  }
}

std::vector<Entry> sheet_entries(const chip::Datasheet& sheet) {
  struct Row {
    std::string_view path, key, label, unit;
    double scale;
  };
  constexpr Row kRows[] = {
      {"product.vendor", "vendor", "vendor", "", 1},
      {"product.isa", "isa", "instruction set", "", 1},
      {"product.announced", "announced", "announced", "", 1},
      {"process.node", "node", "node", "", 1},
      {"process.foundry", "foundry", "foundry", "", 1},
      {"peaks.fp64", "peak_fp64", "peak fp64", "TFLOP/s", 1e-12},
      {"peaks.fp32", "peak_fp32", "peak fp32", "TFLOP/s", 1e-12},
      {"peaks.bf16", "peak_bf16", "peak bf16", "TFLOP/s", 1e-12},
      {"peaks.fp16", "peak_fp16", "peak fp16", "TFLOP/s", 1e-12},
      {"peaks.fp8", "peak_fp8", "peak fp8", "TFLOP/s", 1e-12},
      {"peaks.int8", "peak_int8", "peak int8", "TOP/s", 1e-12},
      {"memory.kind", "memory", "memory", "", 1},
      {"memory.capacity", "memory_gb", "capacity", "GB", 1e-9},
      {"memory.bandwidth", "memory_bandwidth_gb_s", "bandwidth", "GB/s", 1e-9},
      {"link.bandwidth", "link_gb_s", "link, one way", "GB/s", 1e-9},
      {"package.kind", "package", "package", "", 1},
      {"package.power", "power_w", "power", "W", 1},
  };
  std::vector<Entry> entries;
  for (const Row& row : kRows) {
    const auto rows = chip::datasheet_parameters();
    const auto at = std::ranges::find(rows, row.path, &chip::DatasheetParameter::path);
    const chip::FigureView figure = at->get(sheet);
    Entry entry{.section = "data sheet", .key = row.key, .label = row.label, .unit = row.unit};
    if (figure.number)
      entry.value = *figure.number * row.scale;
    else if (figure.text)
      entry.text = *figure.text;
    else
      entry.missing = figure.withheld ? "not published" : fmt::format("no {}", row.path);
    entry.source = figure.source;
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<Entry> export_entries(const ExportResult& result, Date date, const std::string& from) {
  std::vector<Entry> entries;
  const std::string why = result.why.empty() ? "" : result.why.back();
  const auto add = [&](std::string_view key, std::string_view label) -> Entry& {
    entries.push_back({.section = "export", .key = key, .label = label, .source = from});
    return entries.back();
  };
  Entry& tpp = add("tpp", "TPP");
  tpp.value = result.tpp;
  if (!tpp.value) tpp.missing = "the data sheet has no peak";
  Entry& density = add("performance_density", "performance density");
  density.value = result.density;
  density.unit = "TPP/mm2";
  if (!density.value) density.missing = "needs TPP and die.area";
  Entry& name = add("export_class", "class");
  name.text = result.chip_class;
  name.source = fmt::format("rules as of {}; {}", format_date(date), kDisclaimer);
  if (result.chip_class == "unknown") {
    name.text.clear();
    name.missing = why;
  }
  const auto later = [&](std::string_view key, std::string_view label, const std::string& text) {
    if (!text.empty()) add(key, label).text = text;
  };
  later("export_review", "licence review", result.review);
  later("export_hbm", "HBM rule", result.hbm);
  later("export_foundry", "foundry rule", result.foundry);
  return entries;
}

}  // namespace

const Entry* Assessment::find(std::string_view key) const {
  const auto at = std::ranges::find(entries, key, &Entry::key);
  return at == entries.end() ? nullptr : &*at;
}

ExportFacts export_facts(const chip::Datasheet& sheet, const Constants& constants,
                         std::optional<double> die_area) {
  ExportFacts facts;
  const auto peak = [&](const chip::Figure<FlopsPerSecond>& figure, std::string_view name,
                        int bits) {
    if (figure) facts.peaks.push_back({name, (*figure).count() * 1e-12, bits});
  };
  // The narrower format first: of equal products the wider one is no larger.
  peak(sheet.peaks.bf16, "bf16", 16);
  peak(sheet.peaks.fp16, "fp16", 16);
  peak(sheet.peaks.fp8, "fp8", 8);
  peak(sheet.peaks.int8, "int8", 8);
  peak(sheet.peaks.fp4, "fp4", 4);
  peak(sheet.peaks.tf32, "tf32", 19);
  peak(sheet.peaks.fp32, "fp32", 32);
  peak(sheet.peaks.fp64, "fp64", 64);
  const ProcessNode* node = sheet.process.node ? constants.node(*sheet.process.node) : nullptr;
  if (sheet.process.planar)
    facts.planar = *sheet.process.planar == "yes";
  else if (node != nullptr)
    facts.planar = node->planar;
  if (node != nullptr) facts.nanometres = node->nanometres;
  if (die_area) {
    double area = *die_area * sheet.die.count.value.value_or(1);
    const ProcessNode* io = sheet.die.io_node ? constants.node(*sheet.die.io_node) : nullptr;
    if (sheet.die.io_area && io != nullptr && !io->planar)
      area += (*sheet.die.io_area).count() * sheet.die.io_count.value.value_or(1);
    facts.non_planar_area = area;
  }
  if (sheet.link.bidirectional)
    facts.bidirectional_io = (*sheet.link.bidirectional).count() * 1e-9;
  else if (sheet.link.bandwidth)
    facts.bidirectional_io = (*sheet.link.bandwidth).count() * 2e-9;
  if (sheet.product.market) facts.data_centre = *sheet.product.market == "data centre";
  if (sheet.memory.bandwidth) facts.dram_bandwidth = (*sheet.memory.bandwidth).count() * 1e-9;
  facts.hbm = sheet.memory.kind && (*sheet.memory.kind).find("HBM") != std::string::npos;
  if (facts.dram_bandwidth && sheet.memory.stacks)
    facts.stack_bandwidth = *facts.dram_bandwidth / *sheet.memory.stacks;
  facts.stack_area = constants.package.stack_area.value;
  if (sheet.die.transistors) facts.transistors = static_cast<double>(*sheet.die.transistors);
  return facts;
}

Assessment assess(const chip::Datasheet& sheet, const Constants& constants,
                  const Options& options) {
  Assessment out;
  out.name = sheet.name;
  out.title = sheet.product.title.value.value_or(sheet.name);
  out.entries = sheet_entries(sheet);
  std::vector<Entry> computed;
  for (const auto& [key, figure] : product_figures(sheet, constants, options))
    computed.push_back({.section = figure.section,
                        .key = key,
                        .label = figure.label,
                        .unit = figure.unit,
                        .value = figure.value,
                        .source = figure.source,
                        .missing = figure.missing});
  add_intervals(sheet, constants, options, computed);
  std::ranges::move(computed, std::back_inserter(out.entries));
  if (missing_for_area(sheet, constants).empty())
    out.blocks =
        estimate_area(sheet.floorplan, *constants.node(*sheet.process.node),
                      *constants.interface(*sheet.floorplan.memory_interface), constants.area)
            .blocks;
  const Entry* area = out.find("die_area_mm2");
  const ExportResult result =
      export_class(export_facts(sheet, constants, area->value), options.rule_date);
  out.export_steps = result.why;
  std::ranges::move(export_entries(result, options.rule_date, "computed from the data sheet"),
                    std::back_inserter(out.entries));
  return out;
}

}  // namespace isobar::fab
