// A file of measured training runs, one a line of CSV: model, chip, layout, and a step time or what
// it follows from. The columns are those of published_training_runs.csv; unknown ones are ignored,
// missing ones are empty.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::cluster {

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

/// Throws UserError "<name>:<line>: ..." for what is no table, lacks the column `id`, or holds an
/// empty or repeated id. A number that is none is nothing, and the row will say what it lacks.
[[nodiscard]] std::vector<Run> parse_runs(std::string_view text, const std::string& name);

}  // namespace isobar::cluster
