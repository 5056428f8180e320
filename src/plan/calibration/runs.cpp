#include "plan/calibration/runs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include "base/error.h"

namespace isobar::plan {
namespace {

/// Whether a cell's words mean something; lower case, without blanks around them.
using Means = bool (*)(std::string_view text);

bool anything(std::string_view /*text*/) { return true; }

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

bool is_precision(std::string_view text) {
  return has_any(text, {"bf16", "fp16", "fp8", "fp4", "fp32", "tf32", "float16", "float32"});
}

/// "0" to "3", "ZeRO-1", "FSDP", "FSDP (ZeRO-2 style)", "HSDP", "DDP".
bool is_sharding(std::string_view text) {
  if (has_any(text, {"fsdp", "hsdp"}) || text == "ddp" || text == "none") return true;
  if (text.starts_with("zero")) text.remove_prefix(text.starts_with("zero-") ? 5 : 4);
  if (text.empty() || text.front() < '0' || text.front() > '3') return false;
  return text.size() == 1 || text.substr(1).starts_with(" (");
}

/// A kind of recomputation, or the parts of a layer that are recomputed.
bool is_recompute(std::string_view text) {
  for (const std::string_view kind : {"full", "selective", "none", "no", "off"})
    if (text.starts_with(kind)) return true;
  return has_any(text, {"norm", "proj", "act", "attn", "attention", "mlp", "moe", "layer", "core"});
}

struct TextColumn {
  std::string_view title;
  std::string Run::* member;
  Means means = anything;
  std::string_view right = {};
};
constexpr std::array kTexts{
    TextColumn{"id", &Run::id},
    TextColumn{"model", &Run::model},
    TextColumn{"chip", &Run::chip},
    TextColumn{"precision", &Run::precision, is_precision,
               "is no number format (bf16, fp16, fp8, mxfp8, nvfp4, ...; empty: not known)"},
    TextColumn{"zero", &Run::zero, is_sharding,
               "is no sharding (0 to 3, FSDP or HSDP; empty: not known)"},
    TextColumn{"recompute", &Run::recompute, is_recompute,
               "is no recomputation (none, selective, full, or the parts of a layer; empty: not "
               "known)"},
    TextColumn{"notes", &Run::notes},
    TextColumn{"moe_details", &Run::moe_details},
    TextColumn{"source", &Run::source},
};

enum class Kind : std::uint8_t { kWhole, kWholeOrNone, kHeads, kReal };
struct NumberColumn {
  std::string_view title;
  std::optional<double> Run::* member;
  Kind kind = Kind::kWhole;
};
constexpr std::array kNumbers{
    NumberColumn{"layers", &Run::layers},
    NumberColumn{"hidden", &Run::hidden},
    NumberColumn{"heads", &Run::heads},
    NumberColumn{"kv_heads", &Run::kv_heads, Kind::kHeads},
    NumberColumn{"ffn_hidden", &Run::ffn_hidden},
    NumberColumn{"vocab", &Run::vocab},
    NumberColumn{"seq", &Run::seq},
    NumberColumn{"experts", &Run::experts, Kind::kWholeOrNone},
    NumberColumn{"topk", &Run::topk, Kind::kWholeOrNone},
    NumberColumn{"params_total_B", &Run::params_total_B, Kind::kReal},
    NumberColumn{"n_chips", &Run::n_chips},
    NumberColumn{"tp", &Run::tp},
    NumberColumn{"pp", &Run::pp},
    NumberColumn{"dp", &Run::dp},
    NumberColumn{"ep", &Run::ep},
    NumberColumn{"cp", &Run::cp},
    NumberColumn{"vpp", &Run::vpp},
    NumberColumn{"microbatch", &Run::microbatch},
    NumberColumn{"global_batch", &Run::global_batch},
    NumberColumn{"step_time_s", &Run::step_time_s, Kind::kReal},
    NumberColumn{"tflops_per_chip", &Run::tflops_per_chip, Kind::kReal},
    NumberColumn{"mfu_pct", &Run::mfu_pct, Kind::kReal},
    NumberColumn{"hfu_pct", &Run::hfu_pct, Kind::kReal},
    NumberColumn{"tokens_per_s", &Run::tokens_per_s, Kind::kReal},
    NumberColumn{"tokens_per_s_per_chip", &Run::tokens_per_s_per_chip, Kind::kReal},
};

/// Finite; "~6000" is 6000, and "4 (2)" is 4, with a remark.
std::optional<double> number(std::string_view text) {
  if (text.starts_with('~')) text.remove_prefix(1);
  if (text.ends_with(')'))
    if (const auto remark = text.find(" ("); remark != std::string_view::npos)
      text = text.substr(0, remark);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

bool fits(Kind kind, double value) {
  constexpr double kMostWhole = 4e9;
  constexpr double kMostReal = 1e15;
  if (kind == Kind::kWholeOrNone && value == 0) return true;
  if (kind == Kind::kReal) return value > 0 && value <= kMostReal;
  return value > 0 && value <= kMostWhole && value == std::floor(value);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return result;
}

}  // namespace

RunReader::RunReader(CsvReader::Source source, const std::string& name)
    : csv_(std::move(source), name) {
  const auto id = csv_.column("id");
  if (!id) fail("{}:1: no column is called id (docs/PLAN.md lists them)", name);
  id_ = *id;
  for (std::size_t i = 0; i < kTexts.size(); ++i)
    if (const auto at = csv_.column(kTexts.at(i).title)) texts_.push_back({*at, i});
  for (std::size_t i = 0; i < kNumbers.size(); ++i)
    if (const auto at = csv_.column(kNumbers.at(i).title)) numbers_.push_back({*at, i});
}

bool RunReader::next(Run& run) {
  if (!csv_.next()) return false;
  run = {};
  read_texts(run);
  read_numbers(run);
  if (run.id.empty()) fail("{}:{}: the id is empty", csv_.name(), csv_.line());
  if (!seen_.insert(std::hash<std::string_view>{}(run.id)).second)
    fail("{}:{}: the id {} stands twice", csv_.name(), csv_.line(), run.id);
  return true;
}

void RunReader::read_texts(Run& run) const {
  for (const Place& place : texts_) {
    const TextColumn& column = kTexts.at(place.row_of_table);
    const std::string_view text = csv_.trimmed(place.column);
    if (!text.empty() && !column.means(lower(text))) csv_.wrong(place.column, column.right);
    run.*column.member = column.means == anything ? csv_.at(place.column) : std::string(text);
  }
}

void RunReader::read_numbers(Run& run) const {
  for (const Place& place : numbers_) {
    const NumberColumn& column = kNumbers.at(place.row_of_table);
    const std::string_view text = csv_.trimmed(place.column);
    if (text.empty()) continue;
    // Latent attention has as many heads of keys as of queries.
    if (column.kind == Kind::kHeads && lower(text) == "mla") continue;
    const auto value = number(text);
    if (!value || !fits(column.kind, *value))
      csv_.wrong(place.column, column.kind == Kind::kReal
                                   ? "must be a positive number (empty: not known)"
                                   : "must be a positive whole number (empty: not known)");
    if (*value > 0) run.*column.member = *value;
  }
}

std::vector<Run> parse_runs(std::string_view text, const std::string& name) {
  RunReader reader(csv_source(text), name);
  std::vector<Run> runs;
  for (Run run; reader.next(run);) runs.push_back(run);
  return runs;
}

}  // namespace isobar::plan
