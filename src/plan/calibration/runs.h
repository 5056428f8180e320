// A file of measured training runs, one a line of CSV: model, chip, layout, and a step time or what
// it follows from. The columns are those of published_runs.csv; unknown ones are ignored,
// missing ones are empty. What stands in a known column must be what the column holds: a step time
// of -3, nan or "fast" is answered with its line and column, never taken as absent.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/text/csv.h"

namespace isobar::plan {

/// One row as it stands; numbers that are absent are nothing.
struct Run {
  std::string id, model, chip, precision, recompute, zero, moe_details, notes, source;
  std::optional<double> layers, hidden, heads, kv_heads, ffn_hidden, vocab, seq, experts, topk;
  std::optional<double> params_total_B, n_chips, tp, pp, dp, ep, cp, vpp, microbatch, global_batch;
  std::optional<double> step_time_s, tflops_per_chip, mfu_pct, hfu_pct, tokens_per_s;
  std::optional<double> tokens_per_s_per_chip;

  /// What the rows of one source have in common: the id up to its first underscore.
  [[nodiscard]] std::string family() const { return id.substr(0, id.find('_')); }
};

/// One run after the other, so that a file of any length costs the memory of its ids' hashes.
class RunReader {
 public:
  /// Throws UserError "<name>:<line>: ..." for what is no table or lacks the column `id`.
  RunReader(CsvReader::Source source, const std::string& name);
  /// False at the end. Throws UserError "<name>:<line>: column <title>: ..." for a value that the
  /// column cannot hold, and for an id that is empty or stands twice.
  [[nodiscard]] bool next(Run& run);
  /// Of the file, that have been read.
  [[nodiscard]] std::uint64_t bytes() const { return csv_.bytes(); }

 private:
  struct Place {
    std::size_t column, row_of_table;
  };
  void read_texts(Run& run) const;
  void read_numbers(Run& run) const;

  CsvReader csv_;
  std::size_t id_ = 0;
  std::vector<Place> texts_, numbers_;
  std::unordered_set<std::uint64_t> seen_;
};

/// All of a text at once.
[[nodiscard]] std::vector<Run> parse_runs(std::string_view text, const std::string& name);

}  // namespace isobar::plan
