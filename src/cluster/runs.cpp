#include "cluster/runs.h"

#include <charconv>
#include <cmath>
#include <set>

#include "base/error.h"
#include "cluster/csv.h"

namespace isobar::cluster {
namespace {

struct TextColumn {
  std::string_view title;
  std::string Run::* member;
};
constexpr std::array kTexts{
    TextColumn{"id", &Run::id},         TextColumn{"model", &Run::model},
    TextColumn{"chip", &Run::chip},     TextColumn{"precision", &Run::precision},
    TextColumn{"zero", &Run::zero},     TextColumn{"recompute", &Run::recompute},
    TextColumn{"notes", &Run::notes},   TextColumn{"moe_details", &Run::moe_details},
    TextColumn{"source", &Run::source},
};

struct NumberColumn {
  std::string_view title;
  std::optional<double> Run::* member;
};
constexpr std::array kNumbers{
    NumberColumn{"layers", &Run::layers},
    NumberColumn{"hidden", &Run::hidden},
    NumberColumn{"heads", &Run::heads},
    NumberColumn{"kv_heads", &Run::kv_heads},
    NumberColumn{"ffn_hidden", &Run::ffn_hidden},
    NumberColumn{"vocab", &Run::vocab},
    NumberColumn{"seq", &Run::seq},
    NumberColumn{"experts", &Run::experts},
    NumberColumn{"topk", &Run::topk},
    NumberColumn{"params_total_B", &Run::params_total_B},
    NumberColumn{"n_chips", &Run::n_chips},
    NumberColumn{"tp", &Run::tp},
    NumberColumn{"pp", &Run::pp},
    NumberColumn{"dp", &Run::dp},
    NumberColumn{"ep", &Run::ep},
    NumberColumn{"cp", &Run::cp},
    NumberColumn{"vpp", &Run::vpp},
    NumberColumn{"microbatch", &Run::microbatch},
    NumberColumn{"global_batch", &Run::global_batch},
    NumberColumn{"step_time_s", &Run::step_time_s},
    NumberColumn{"tflops_per_chip", &Run::tflops_per_chip},
    NumberColumn{"mfu_pct", &Run::mfu_pct},
    NumberColumn{"hfu_pct", &Run::hfu_pct},
    NumberColumn{"tokens_per_s", &Run::tokens_per_s},
    NumberColumn{"tokens_per_s_per_chip", &Run::tokens_per_s_per_chip},
};

/// Positive and finite, or nothing; "~6000" is 6000.
std::optional<double> number(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('~')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value) || value <= 0 || value > 1e15) return std::nullopt;
  return value;
}

}  // namespace

std::vector<Run> parse_runs(std::string_view text, const std::string& name) {
  const CsvTable table(text, name);
  if (!table.column("id")) fail("{}:1: no column is called id (docs/PLAN.md lists them)", name);
  std::vector<Run> runs(table.rows());
  for (const TextColumn& column : kTexts)
    if (const auto at = table.column(column.title))
      for (std::size_t row = 0; row < runs.size(); ++row)
        runs[row].*column.member = table.at(row, *at);
  for (const NumberColumn& column : kNumbers)
    if (const auto at = table.column(column.title))
      for (std::size_t row = 0; row < runs.size(); ++row)
        runs[row].*column.member = number(table.at(row, *at));
  std::set<std::string_view> seen;
  for (std::size_t row = 0; row < runs.size(); ++row) {
    if (runs[row].id.empty()) fail("{}:{}: the id is empty", name, table.line(row));
    if (!seen.insert(runs[row].id).second)
      fail("{}:{}: the id {} stands twice", name, table.line(row), runs[row].id);
  }
  return runs;
}

}  // namespace isobar::cluster
