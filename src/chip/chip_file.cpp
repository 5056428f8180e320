// Reads a chip file by walking the parameter table, never the other way round: what the table does
// not name is an unknown key. Grammar: TOML 1.0 (https://toml.io), read by toml++.
#include <algorithm>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/file/file.h"
#include "base/text/toml_file.h"
#include "chip/chip.h"
#include "chip/chip_keys.h"
#include "chip/chip_rules.h"
#include "chip/datasheet.h"
#include "chip/parameters.h"

namespace isobar::chip {
namespace {

std::string remedy(const Parameter& row) {
  switch (row.dimension) {
    case Dimension::kText:
      return fmt::format("text in quotes, {}", format_range(row));
    case Dimension::kChoice:
      return format_range(row);
    case Dimension::kCount:
      return fmt::format("a whole number, {}", format_range(row));
    default:
      return fmt::format("text with a unit such as \"{}\", {}; units: {}",
                         row.otherwise.empty() ? format_quantity(row.high, row.dimension)
                                               : std::string(row.otherwise),
                         format_range(row), unit_names(row.dimension));
  }
}

std::optional<double> place_of(std::string_view choice, const Parameter& row) {
  const auto found = std::ranges::find(row.choices, choice);
  if (found == row.choices.end()) return {};
  return static_cast<double>(found - row.choices.begin());
}

/// The number that a default stands for. The test of the table proves that every one parses.
double default_of(const Parameter& row) {
  if (row.dimension == Dimension::kCount) return std::stod(std::string(row.otherwise));
  if (row.dimension == Dimension::kChoice) return place_of(row.otherwise, row).value();
  return parse_quantity(row.otherwise, row.dimension).value();
}

/// The number a node stands for, in base units; nothing if it is of the wrong kind.
std::optional<double> number_of(const toml::node& node, const Parameter& row) {
  if (row.dimension == Dimension::kCount) {
    const auto whole = node.value_exact<std::int64_t>();
    return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
  }
  const auto text = node.value_exact<std::string>();
  if (row.dimension == Dimension::kChoice) return place_of(text.value_or(""), row);
  return text ? parse_quantity(*text, row.dimension) : std::nullopt;
}

void read_text_parameter(const TomlFile& file, const Parameter& row, const toml::node& node,
                         Chip& chip) {
  const auto text = node.value_exact<std::string>();
  const bool fits = text && static_cast<double>(text->size()) >= row.low &&
                    static_cast<double>(text->size()) <= row.high &&
                    std::ranges::all_of(*text, [](char c) { return c >= ' ' && c <= '~'; });
  if (!fits)
    fail("{}: {} is {} (it must be {})", file.where(&node), row.path, written(node), remedy(row));
  row.text(chip) = *text;
}

void read_parameter(const TomlFile& file, const Parameter& row, Chip& chip) {
  const toml::node* node = file.find(row.path);
  if (node == nullptr && row.otherwise.empty())
    fail("{}: {} is missing (it must be {})", file.where(row.path), row.path, remedy(row));
  if (row.dimension == Dimension::kText) {
    if (node != nullptr)
      read_text_parameter(file, row, *node, chip);
    else
      row.text(chip) = row.otherwise;
    return;
  }
  if (node == nullptr) {
    row.set(chip, default_of(row));
    return;
  }
  const std::optional<double> value = number_of(*node, row);
  if (!value)
    fail("{}: {} is {} (it must be {})", file.where(node), row.path, written(*node), remedy(row));
  if (*value < row.low || *value > row.high)
    fail("{}: {} is {}, out of range (it must be {})", file.where(node), row.path, written(*node),
         remedy(row));
  row.set(chip, *value);
}

/// A catalogue chip is told everything that it lacks at once, since none of it can be there.
void refuse_catalogue_chip(const TomlFile& file) {
  if (file.find("core") != nullptr || file.top.empty()) return;
  const bool has_sheet = std::ranges::any_of(
      datasheet_parameters(), [&](const auto& row) { return file.find(row.path) != nullptr; });
  if (!has_sheet) return;
  std::string missing;
  for (const Parameter& row : parameters())
    if (row.otherwise.empty() && file.find(row.path) == nullptr)
      missing += (missing.empty() ? "" : ", ") + std::string(row.path);
  fail(
      "{}:1: this is a catalogue chip, a data sheet without a machine to simulate: {} are missing "
      "(add [core] and [dram] as chips/isobar-1.toml has them, or take a chip that has them, such "
      "as isobar-1; `isobar chip` and `isobar plan` read this one as it is)",
      file.name, missing);
}

}  // namespace

Chip parse_chip(std::string_view text, const std::filesystem::path& path) {
  const TomlFile file(text, path.string());
  refuse_unknown_keys(file);
  refuse_catalogue_chip(file);
  Chip chip;
  chip.path = path;
  for (const Parameter& row : parameters()) read_parameter(file, row, chip);
  check_rules(file, chip);
  return chip;
}

Chip read_chip(const std::filesystem::path& path) {
  return parse_chip(read_text(path, kMostToml), path);
}

}  // namespace isobar::chip
