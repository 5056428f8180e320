#include "fab/training_run.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file/file.h"
#include "base/text/json_infinities.h"
#include "base/text/nesting.h"

namespace isobar::fab {
namespace {

using Json = nlohmann::json;

/// Nothing where the key is not there or null. Throws UserError for what is no number from 0 on.
std::optional<double> number(const Json& json, const char* key, const std::string& file) {
  const auto at = json.find(key);
  if (at == json.end() || at->is_null()) return std::nullopt;
  const double value = at->is_number() ? at->get<double>() : -1;
  if (!std::isfinite(value) || value < 0)
    fail("{}: {} is {}, but must be a number from 0 on", file, key,
         at->dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 40));
  return value;
}

/// The first of several keys that holds a text.
std::string text(const Json& json, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto at = json.find(key);
    if (at != json.end() && at->is_string()) return at->get<std::string>();
  }
  return {};
}

/// A plan of `isobar plan --json`: its first layout is its best.
void read_plan(const Json& plan, const Json& layout, TrainingRun& run) {
  if (!layout.is_object()) return;
  const std::string& file = run.source;
  run.mfu = number(layout, "mfu", file);
  const auto batch = number(plan, "batch", file), sequence = number(plan, "sequence", file),
             chips = number(plan, "chips", file), step = number(layout, "step_s", file);
  if (batch && sequence && chips && step && *chips > 0 && *step > 0)
    run.tokens_per_chip_second = *batch * *sequence / *chips / *step;
}

}  // namespace

TrainingRun parse_training_run(std::string_view json, const std::filesystem::path& path) {
  check_json_nesting(json, path.string());
  const Json top = Json::parse(quoted_infinities(json), nullptr, false);
  if (!top.is_object())
    fail("{}: not a JSON object (expected a run's summary.json or a plan)", path.string());
  TrainingRun run;
  run.source = path.string();
  // A run names its device, which is called as its chip is; a plan names its chip.
  run.chip = text(top, {"chip", "device"});
  run.chip.erase(0, run.chip.rfind('/') + 1);  // "Isobar/isobar-nano": the platform is not asked
  run.mfu = number(top, "mfu", run.source);
  run.mfu_convention = text(top, {"mfu_convention"});
  run.tokens_per_chip_second = number(top, "tokens_per_chip_second", run.source);
  const auto tokens = number(top, "tokens", run.source),
             seconds = number(top, "device_seconds", run.source);
  if (!run.tokens_per_chip_second && tokens && seconds && *seconds > 0)
    run.tokens_per_chip_second = *tokens / *seconds;
  if (const auto layouts = top.find("layouts");
      layouts != top.end() && layouts->is_array() && !layouts->empty())
    read_plan(top, layouts->front(), run);
  if (!run.mfu && !run.tokens_per_chip_second)
    fail("{}: it has neither mfu nor tokens_per_chip_second (nor tokens and device_seconds)",
         path.string());
  return run;
}

TrainingRun read_training_run(const std::filesystem::path& path) {
  const bool folder = std::filesystem::is_directory(path);
  const std::filesystem::path file = folder ? path / "summary.json" : path;
  return parse_training_run(read_text(file, kMostJson), file);
}

}  // namespace isobar::fab
