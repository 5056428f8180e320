// Reads the data sheet of a chip file by walking its table of keys, and fills from the machine in
// the same file what the sheet leaves open.
#include <algorithm>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/file/file.h"
#include "base/text/toml_file.h"
#include "chip/chip_keys.h"
#include "chip/datasheet.h"

namespace isobar::chip {
namespace {

constexpr std::string_view kWithheld = "not published";

bool printable(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::string remedy(const DatasheetParameter& row) {
  const auto number = [&](double value) {
    return row.dimension == Dimension::kCount ? fmt::format("{:.0f}", value)
                                              : format_quantity(value, row.dimension);
  };
  switch (row.dimension) {
    case Dimension::kText:
      return fmt::format("text in quotes, {:.0f} to {:.0f} printable characters", row.low,
                         row.high);
    case Dimension::kCount:
      return fmt::format("a whole number, {} to {}, or \"{}\"", number(row.low), number(row.high),
                         kWithheld);
    default:
      return fmt::format("text with a unit, {} to {}, or \"{}\"; units: {}", number(row.low),
                         number(row.high), kWithheld, unit_names(row.dimension));
  }
}

std::optional<std::string> text_at(const TomlFile& file, const std::string& path) {
  const toml::node* node = file.find(path);
  if (node == nullptr) return std::nullopt;
  auto text = node->value_exact<std::string>();
  if (!text || text->empty() || !printable(*text))
    fail("{}: {} is {} (it must be text in quotes, printable and not empty)", file.where(node),
         path, written(*node));
  return text;
}

/// Who says so: the key's own source, or its section's.
std::string source_of(const TomlFile& file, const DatasheetParameter& row) {
  const std::string path(row.path);
  if (auto own = text_at(file, path + "_source")) return *own;
  const std::string section = path.substr(0, path.find('.'));
  if (auto shared = text_at(file, section + ".source")) return *shared;
  fail("{}: {} has no source (say who published it: source = \"...\" in [{}])", file.where(path),
       path, section);
}

void read_figure(const TomlFile& file, const DatasheetParameter& row, Datasheet& sheet) {
  const toml::node* node = file.find(row.path);
  if (node == nullptr) return;
  const auto refuse = [&](std::string_view how) {
    fail("{}: {} is {}{} (it must be {})", file.where(node), row.path, written(*node), how,
         remedy(row));
  };
  FigureView figure;
  figure.source = source_of(file, row);
  const auto text = node->value_exact<std::string>();
  if (text && *text == kWithheld) {
    figure.withheld = true;
  } else if (row.dimension == Dimension::kText) {
    const std::string value = text.value_or("");
    const auto length = static_cast<double>(value.size());
    if (!text || length < row.low || length > row.high || !printable(value)) refuse("");
    figure.text = value;
  } else {
    if (row.dimension == Dimension::kCount) {
      if (const auto whole = node->value_exact<std::int64_t>())
        figure.number = static_cast<double>(*whole);
    } else if (text) {
      figure.number = parse_quantity(*text, row.dimension);
    }
    if (!figure.number) refuse("");
    if (*figure.number < row.low || *figure.number > row.high) refuse(", out of range");
  }
  row.set(sheet, figure);
}

void check_together(const TomlFile& file, const Datasheet& sheet) {
  const Floorplan& plan = sheet.floorplan;
  if (plan.cores && plan.enabled_cores && *plan.enabled_cores > *plan.cores)
    fail("{}: floorplan.enabled_cores is {}, but only {} are built (try {})",
         file.where("floorplan.enabled_cores"), *plan.enabled_cores, *plan.cores, *plan.cores);
  for (const auto* answer : {&sheet.process.planar, &plan.graphics}) {
    const bool known = !answer->value || **answer == "yes" || **answer == "no";
    if (known) continue;
    const std::string path = answer == &plan.graphics ? "floorplan.graphics" : "process.planar";
    fail("{}: {} is {} (it must be \"yes\" or \"no\")", file.where(path), path,
         in_quotes(**answer));
  }
}

constexpr char kMachine[] = "follows from the machine that this file describes";

template <class T>
void fill(Figure<T>& figure, T value, const char* source = kMachine) {
  if (!figure && !figure.withheld) figure = {value, source};
}

void fill_from_machine(Datasheet& sheet, const Chip& chip) {
  fill(sheet.peaks.fp64, chip.peak_fp64());
  fill(sheet.peaks.fp32, chip.peak_fp32());
  fill(sheet.peaks.fp16, chip.peak_fp16());
  fill(sheet.memory.kind, chip.dram.kind);
  fill(sheet.memory.capacity, chip.dram.capacity);
  fill(sheet.memory.bandwidth, chip.dram.bandwidth);
  Floorplan& plan = sheet.floorplan;
  fill(plan.clock, chip.clock);
  fill(plan.cores, chip.core.count);
  fill(plan.enabled_cores, chip.core.count);
  fill(plan.schedulers, chip.core.schedulers);
  fill(plan.fp64_lanes, chip.core.fp64.lanes);
  fill(plan.fp32_lanes, chip.core.fp32.lanes);
  fill(plan.int32_lanes, chip.core.integer.lanes);
  // A vector pipe of 16-bit lanes is as many multiply-adds as a matrix unit of that rate.
  fill(plan.matrix_fp16, chip.core.fp16.lanes);
  fill(plan.matrix_fp64, 0U);
  // 32 vector registers of 32 bits and the scalar ones of each warp, in the words of the ISA.
  fill(plan.register_file, Bytes(std::uint64_t{32} * 4 * chip.core.warps * chip.core.lanes * 2));
  fill(plan.l1, chip.l1.size + chip.core.local_memory + chip.icache.size);
  fill(plan.l2, chip.l2.size);
}

}  // namespace

Datasheet parse_datasheet(std::string_view text, const std::filesystem::path& path) {
  const TomlFile file(text, path.string());
  refuse_unknown_keys(file);
  Datasheet sheet;
  sheet.path = path;
  const auto name = text_at(file, "name");
  if (!name) fail("{}:1: name is missing (it must be text in quotes)", path.string());
  sheet.name = *name;
  for (const DatasheetParameter& row : datasheet_parameters()) read_figure(file, row, sheet);
  check_together(file, sheet);
  if (file.find("core") != nullptr) {
    sheet.machine = parse_chip(text, path);
    fill_from_machine(sheet, *sheet.machine);
  }
  return sheet;
}

Datasheet read_datasheet(const std::filesystem::path& path) {
  return parse_datasheet(read_text(path, kMostToml), path);
}

}  // namespace isobar::chip
