#include "train/run/metrics.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/file/file.h"
#include "train/run/checksum.h"

namespace isobar::train {
namespace {

constexpr std::string_view kChecksum = ",\"checksum\":\"";

/// The step of a line that is as it was written.
std::optional<std::uint64_t> step_of(std::string_view line) {
  const std::size_t at = line.rfind(kChecksum);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view body = line.substr(0, at);
  if (line.substr(at) != fmt::format("{}{}\"}}", kChecksum, checksum_of(body))) return std::nullopt;
  constexpr std::string_view kStep = "{\"step\":";
  std::uint64_t step = 0;
  if (!body.starts_with(kStep)) return std::nullopt;
  const auto parsed = std::from_chars(body.data() + kStep.size(), body.data() + body.size(), step);
  return parsed.ec == std::errc() ? std::optional(step) : std::nullopt;
}

}  // namespace

KeptMetrics metrics_up_to(std::string_view text, std::uint64_t last, const std::string& where) {
  KeptMetrics kept;
  std::uint64_t next = 1, number = 0;
  std::vector<std::uint64_t> damaged;  // lines, since the last good one
  const auto missing_before = [&](std::uint64_t step) {
    if (step > next)
      kept.damage.push_back(
          fmt::format("{}{}: {}the steps {} to {} are missing from it", where,
                      damaged.empty() ? "" : fmt::format(":{}", fmt::join(damaged, ",")),
                      damaged.empty() ? "" : "damaged (the checksum differs): ", next, step - 1));
    damaged.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    ++number;
    if (end == std::string_view::npos) break;  // cut short
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const std::optional<std::uint64_t> step = step_of(line);
    if (!step) damaged.push_back(number);
    if (!step || *step < next || *step > last) continue;
    missing_before(*step);
    kept.text.append(line).push_back('\n');
    next = *step + 1;
  }
  missing_before(last + 1);
  return kept;
}

std::string to_json(const StepRecord& record) {
  // As float would print, not as the double next to it.
  const auto number = [](float value) {
    return std::isfinite(value) ? fmt::format("{}", value) : std::string("null");
  };
  std::string text =
      fmt::format(R"({{"step":{},"train_loss":{})", record.step, number(record.train_loss));
  if (record.validation_loss)
    text += fmt::format(R"(,"val_loss":{})", number(*record.validation_loss));
  text += fmt::format(R"(,"tokens_per_s":{:.1f},"device_ms":{},"grad_norm":{},"learning_rate":{})",
                      record.tokens_per_s,
                      record.device_ms ? fmt::format("{:.6f}", *record.device_ms) : "null",
                      number(record.gradient_norm), number(record.learning_rate));
  return fmt::format("{}{}{}\"}}", text, kChecksum, checksum_of(text));
}

namespace {

std::string text_of(const std::filesystem::path& path) {
  return std::filesystem::is_regular_file(path) ? read_text(path) : "";
}

}  // namespace

std::vector<std::string> metrics_damage(const std::filesystem::path& path,
                                        std::uint64_t steps_done) {
  return metrics_up_to(text_of(path), steps_done, path.string()).damage;
}

MetricsFile::MetricsFile(const std::filesystem::path& path, std::uint64_t steps_done) {
  const std::string text = text_of(path);
  KeptMetrics kept = metrics_up_to(text, steps_done, path.string());
  damage_ = std::move(kept.damage);
  if (kept.text != text) write_text_atomically(path, kept.text);
  file_.emplace(path);
}

}  // namespace isobar::train
