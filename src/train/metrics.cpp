#include "train/metrics.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "base/file.h"

namespace isobar::train {
namespace {

/// The lines of `text` up to step `last`; everything from the first that is not one on is dropped.
std::string lines_up_to(std::string_view text, std::uint64_t last) {
  std::size_t kept = 0;
  while (kept < text.size()) {
    const std::size_t end = text.find('\n', kept);
    if (end == std::string_view::npos) break;
    const auto line = nlohmann::json::parse(text.substr(kept, end - kept), nullptr, false);
    if (!line.is_object() || !line.contains("step") || !line["step"].is_number_unsigned()) break;
    if (line["step"].get<std::uint64_t>() > last) break;
    kept = end + 1;
  }
  return std::string(text.substr(0, kept));
}

}  // namespace

std::string to_json(const StepRecord& record) {
  // As float would print, not as the double next to it.
  const auto number = [](float value) {
    return std::isfinite(value) ? fmt::format("{}", value) : std::string("null");
  };
  std::string text =
      fmt::format(R"({{"step":{},"train_loss":{})", record.step, number(record.train_loss));
  if (record.validation_loss)
    text += fmt::format(R"(,"val_loss":{})", number(*record.validation_loss));
  return text + fmt::format(R"(,"tokens_per_s":{:.1f},"device_ms":{},"grad_norm":{},)"
                            R"("learning_rate":{}}})",
                            record.tokens_per_s,
                            record.device_ms ? fmt::format("{:.6f}", *record.device_ms) : "null",
                            number(record.gradient_norm), number(record.learning_rate));
}

MetricsFile::MetricsFile(std::filesystem::path path, std::uint64_t steps_done)
    : path_(std::move(path)) {
  if (std::filesystem::is_regular_file(path_)) {
    const std::string text = read_text(path_);
    const std::string kept = lines_up_to(text, steps_done);
    if (kept.size() != text.size()) write_text_atomically(path_, kept);
  }
  file_.reset(std::fopen(path_.c_str(), "ae"));
  if (!file_) fail("{}: cannot be written: {}", path_.string(), std::strerror(errno));
}

void MetricsFile::append(const StepRecord& record) {
  const std::string line = to_json(record) + "\n";
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() ||
      std::fflush(file_.get()) != 0)
    fail("{}: cannot be written: {}", path_.string(), std::strerror(errno));
}

}  // namespace isobar::train
