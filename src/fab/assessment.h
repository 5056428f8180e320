// All that the fabrication models say of one chip, as one flat list of entries: a key for --json, a
// label for people, a number with its interval or a text, and where it comes from, or why it cannot
// be computed. Tables, pages and JSON print this list; a hole in the data sheet costs the entries
// that need it and no others.
//
// Intervals: the entry is recomputed for 300 samples of the constants (constants.h), and the 5th
// and 95th percentile are printed. Figures of the data sheet itself are taken as exact.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chip/datasheet.h"
#include "fab/constants/constants.h"
#include "fab/die/area.h"
#include "fab/export_class.h"
#include "fab/training_run.h"

namespace isobar::fab {

struct Options {
  double volume = 1e6;  // packages over which masks and design are spread
  double capacity = 1;  // share of the foundry's wafer rate
  Date rule_date = newest_rule();
  std::optional<TrainingRun> run;  // whose efficiency and cost per token are wanted
};

struct Entry {
  std::string_view section, key, label, unit;
  std::optional<double> value, low, high;
  std::string text;     // instead of a value
  std::string source;   // of the value or text
  std::string missing;  // why there is neither
};

struct Assessment {
  std::string name, title;
  std::vector<Entry> entries;
  std::vector<AreaBlock> blocks;          // of the estimate; empty where there is none
  std::vector<std::string> export_steps;  // the explanation of export_class

  /// Null where there is none of that key.
  [[nodiscard]] const Entry* find(std::string_view key) const;
};

[[nodiscard]] Assessment assess(const chip::Datasheet& sheet, const Constants& constants,
                                const Options& options);

/// What the export rules ask of this sheet.
[[nodiscard]] ExportFacts export_facts(const chip::Datasheet& sheet, const Constants& constants,
                                       std::optional<double> die_area);

}  // namespace isobar::fab
