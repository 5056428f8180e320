#include "report/chip_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/json_document.h"
#include "base/text/columns.h"
#include "base/text/csv.h"

namespace isobar::report {
namespace {

using Json = nlohmann::ordered_json;

std::string interval(const fab::Entry& entry) {
  if (!entry.low || !entry.high) return {};
  return fmt::format("{} .. {}", short_number(*entry.low), short_number(*entry.high));
}

std::string cell(const fab::Entry& entry, std::size_t width) {
  if (!entry.value) {
    const std::string& text = entry.text.empty() ? std::string("-") : entry.text;
    return text.size() <= width ? text : text.substr(0, width - 1) + "~";
  }
  const std::string between = interval(entry);
  return short_number(*entry.value) + (between.empty() ? "" : "  (" + between + ")");
}

/// Long answers are told below the table, in full.
bool told_below(const fab::Entry& entry) { return entry.text.size() > 24; }

std::string name_of(const fab::Entry& entry) {
  return entry.unit.empty() ? std::string(entry.label)
                            : fmt::format("{} [{}]", entry.label, entry.unit);
}

constexpr std::size_t kLabel = 38, kWidth = 26;

/// One line: the label, and a cell for each chip. A single cell without room stands below its
/// label.
std::string line_of(const std::string& label, const Cells& cells, std::size_t columns) {
  std::string line = fmt::format("  {:<{}}", label, kLabel - 2);
  if (cells.size() == 1 && width_of(line) + 1 + width_of(cells[0]) > columns)
    line = fitted("  " + label, columns) + "\n    " + cells[0];
  else
    for (const std::string& cell : cells) line += fmt::format(" {:<{}}", cell, kWidth);
  line.resize(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

void add_areas(std::span<const fab::Assessment> chips, std::size_t columns, std::string& out) {
  const auto with_blocks =
      std::ranges::find_if(chips, [](const auto& c) { return !c.blocks.empty(); });
  if (with_blocks == chips.end()) return;
  out += "\narea by block, estimated [mm2]\n";
  for (std::size_t row = 0; row < with_blocks->blocks.size(); ++row) {
    Cells cells;
    for (const fab::Assessment& chip : chips)
      cells.push_back(chip.blocks.empty() ? "-" : fmt::format("{:.1f}", chip.blocks[row].mm2));
    out += line_of(std::string(with_blocks->blocks[row].name), cells, columns);
  }
}

/// Chips side by side.
std::string group_table(std::span<const fab::Assessment> chips, std::size_t columns) {
  Cells titles;
  for (const fab::Assessment& chip : chips) titles.push_back(chip.title);
  std::string out = line_of("", titles, columns);
  if (chips.size() == 1 && out.find('\n') + 1 < out.size()) out = chips[0].title + '\n';
  std::string_view section;
  for (const fab::Entry& first : chips[0].entries) {
    Cells cells;
    bool any = false;
    for (const fab::Assessment& chip : chips) {
      const fab::Entry* entry = chip.find(first.key);
      any |= entry != nullptr && (entry->value || !entry->text.empty());
      cells.push_back(entry == nullptr ? "-"
                                       : (told_below(*entry) ? "(below)" : cell(*entry, kWidth)));
    }
    if (!any) continue;  // a row nobody can fill is told below, with its reason
    if (first.section != section) out += fmt::format("\n{}\n", section = first.section);
    out += line_of(name_of(first), cells, columns);
  }
  add_areas(chips, columns, out);
  return out;
}

void add_explanations(const fab::Assessment& chip, std::string& out) {
  out += fmt::format("\n{}\n", chip.title);
  for (const fab::Entry& entry : chip.entries)
    if (told_below(entry)) out += fmt::format("  {}: {}\n", entry.label, entry.text);
  for (const std::string& step : chip.export_steps) out += fmt::format("  export: {}\n", step);
  for (const auto& [reason, labels] : reasons_of(chip))
    out += fmt::format("  not computed ({}): {}\n", reason, labels);
}

void add_sources(const fab::Assessment& chip, std::string& out) {
  std::vector<std::pair<std::string, std::string>> sources;
  for (const fab::Entry& entry : chip.entries) {
    if (entry.source.empty()) continue;
    const auto at =
        std::ranges::find(sources, entry.source, &std::pair<std::string, std::string>::first);
    if (at == sources.end())
      sources.emplace_back(entry.source, std::string(entry.label));
    else
      at->second += ", " + std::string(entry.label);
  }
  for (const auto& [source, labels] : sources) out += fmt::format("  {}\n    {}\n", labels, source);
}

/// Values by key, then what belongs to them by the same keys. Shares are fractions of one here.
Json to_json(const fab::Assessment& chip) {
  Json out{{"name", chip.name}, {"title", chip.title}};
  Json units, intervals, sources, missing;
  for (Json* each : {&units, &intervals, &sources, &missing}) *each = Json::object();
  for (const fab::Entry& entry : chip.entries) {
    const std::string key(entry.key);
    const bool percent = entry.unit == "%";
    const double scale = percent ? 0.01 : 1;
    if (entry.value)
      out[key] = *entry.value * scale;
    else if (!entry.text.empty())
      out[key] = entry.text;
    else
      out[key] = nullptr;
    if (entry.value && !entry.unit.empty()) units[key] = percent ? "fraction" : entry.unit;
    if (entry.low && entry.high) intervals[key] = {*entry.low * scale, *entry.high * scale};
    if (!entry.source.empty()) sources[key] = entry.source;
    if (!entry.missing.empty()) missing[key] = entry.missing;
  }
  if (!chip.blocks.empty()) {
    Json& blocks = out["area_by_block"] = Json::object();
    for (const fab::AreaBlock& block : chip.blocks) blocks[std::string(block.name)] = block.mm2;
    units["area_by_block"] = "mm2";
    sources["area_by_block"] = "area model, docs/FAB.md";
  }
  out["export_steps"] = chip.export_steps;
  out["units"] = units;
  out["intervals"] = intervals;
  out["sources"] = sources;
  out["missing"] = missing;
  return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> reasons_of(const fab::Assessment& chip) {
  std::vector<std::pair<std::string, std::string>> reasons;
  for (const fab::Entry& entry : chip.entries) {
    if (entry.missing.empty() || entry.section == "data sheet" || entry.section == "training")
      continue;
    const auto at =
        std::ranges::find(reasons, entry.missing, &std::pair<std::string, std::string>::first);
    if (at == reasons.end())
      reasons.emplace_back(entry.missing, std::string(entry.label));
    else
      at->second += ", " + std::string(entry.label);
  }
  return reasons;
}

std::string short_number(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) return "never";
  if (size == 0 || (size >= 1000 && size < 1e6)) {
    std::string digits = fmt::format("{:.0f}", size);
    if (digits.size() > 3) digits.insert(digits.size() - 3, ",");
    return (value < 0 ? "-" : "") + digits;
  }
  if (size >= 1e6 || size < 1e-3) return fmt::format("{:.3g}", value);
  return fmt::format("{:.{}f}", value, size >= 100 ? 0 : (size >= 10 ? 1 : (size >= 1 ? 2 : 3)));
}

std::string chip_table(std::span<const fab::Assessment> chips, bool explain, std::size_t columns) {
  std::string out;
  if (chips.empty()) return out;
  const std::size_t abreast =
      std::max<std::size_t>(1, (columns - std::min(columns, kLabel)) / (kWidth + 1));
  for (std::size_t at = 0; at < chips.size(); at += abreast)
    out += (at == 0 ? "" : "\n") +
           group_table(chips.subspan(at, std::min(abreast, chips.size() - at)), columns);
  for (const fab::Assessment& chip : chips) {
    add_explanations(chip, out);
    if (explain) add_sources(chip, out);
  }
  out += fmt::format(
      "\nIntervals: 5 to 95 % over the ranges of the constants (docs/FAB.md). Export "
      "class: {}.\n",
      fab::kDisclaimer);
  return fitted(out, columns);
}

std::string chip_json(std::span<const fab::Assessment> chips) {
  Json out = Json::array();
  for (const fab::Assessment& chip : chips) out.push_back(to_json(chip));
  if (chips.size() == 1) out = Json(out[0]);
  return json_document(out, 2) + "\n";
}

std::string chip_csv(std::span<const fab::Assessment> chips) {
  CsvSheet sheet;
  for (const fab::Assessment& chip : chips) {
    for (const fab::Entry& entry : chip.entries)
      sheet.add("figures", {{"chip", chip.name},
                            {"section", std::string(entry.section)},
                            {"key", std::string(entry.key)},
                            {"label", std::string(entry.label)},
                            {"unit", std::string(entry.unit)},
                            {"value", entry.value ? csv_number(*entry.value) : entry.text},
                            {"low", entry.low ? csv_number(*entry.low) : ""},
                            {"high", entry.high ? csv_number(*entry.high) : ""},
                            {"source", entry.source},
                            {"missing", entry.missing}});
    for (const fab::AreaBlock& block : chip.blocks)
      sheet.add("area_by_block", {{"chip", chip.name},
                                  {"label", std::string(block.name)},
                                  {"unit", "mm2"},
                                  {"value", csv_number(block.mm2)}});
    for (const std::string& step : chip.export_steps)
      sheet.add("export_steps", {{"chip", chip.name}, {"value", step}});
  }
  return sheet.text();
}

}  // namespace isobar::report
