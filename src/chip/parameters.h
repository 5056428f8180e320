// Every key of a chip file, declared once: where it stands, what it measures, its default, its
// range and a sentence. Reading, checking, error messages, `isobar info chip` and docs/CHIP_FILE.md
// all come from this table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "chip/chip.h"
#include "chip/quantity.h"

namespace isobar::chip {

struct Parameter {
  std::string_view path;  // "core.local_memory"
  Dimension dimension;
  std::string_view otherwise;  // the default as a file would write it; empty: required
  double low, high;            // in base units; of a text: its length; of a choice: its place
  std::string_view help;       // one sentence
  std::string_view member;     // of Chip that holds it, "core.local_memory"
  // A parameter is a text or a number; the other two are null. A choice is the number of its place.
  std::string& (*text)(Chip&) = nullptr;
  double (*get)(const Chip&) = nullptr;
  void (*set)(Chip&, double) = nullptr;
  std::span<const std::string_view> choices{};  // their names, by place
};

[[nodiscard]] std::span<const Parameter> parameters();

/// "128 KiB", "32", "HBM3": how the chip file would write this chip's value.
[[nodiscard]] std::string format_value(const Parameter& parameter, const Chip& chip);
/// "1 Hz to 100 GHz"; of choices: "lru or fifo".
[[nodiscard]] std::string format_range(const Parameter& parameter);

/// The text of docs/CHIP_FILE.md.
[[nodiscard]] std::string chip_file_page();

}  // namespace isobar::chip
