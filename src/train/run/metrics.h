// metrics.jsonl: what each step found, one JSON object per line, in the order of steps.
//   step, train_loss, val_loss (only when evaluated), tokens_per_s, device_ms, grad_norm,
//   learning_rate, checksum
// A value that is not finite, and a device time that the device does not tell, is null.
// tokens_per_s is the host's clock and the one value that differs when the same run is done again.
// The checksum is that of the line before ',"checksum"' (checksum.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file/output_file.h"

namespace isobar::train {

struct StepRecord {
  std::uint64_t step = 0;  // steps done, this one included
  float train_loss = 0;    // of the step's batch, before its update
  std::optional<float> validation_loss;
  double tokens_per_s = 0;  // on this host
  std::optional<double> device_ms;
  float gradient_norm = 0;  // before clipping
  float learning_rate = 0;
};

[[nodiscard]] std::string to_json(const StepRecord& record);

/// What a file of metrics holds of the steps 1 to `last`, each once and in order, and what is
/// damaged or missing of them: a sentence each that names `where` and the line.
struct KeptMetrics {
  std::string text;
  std::vector<std::string> damage;
};
[[nodiscard]] KeptMetrics metrics_up_to(std::string_view text, std::uint64_t last,
                                        const std::string& where);

/// What is damaged or missing of the steps done; the file is only read.
[[nodiscard]] std::vector<std::string> metrics_damage(const std::filesystem::path& path,
                                                      std::uint64_t steps_done);

class MetricsFile {
 public:
  /// Opens the file for the steps after `steps_done`: what it holds of later ones, and what is
  /// damaged, is removed. Throws UserError naming the path.
  MetricsFile(const std::filesystem::path& path, std::uint64_t steps_done);
  /// Written through to the system before it returns. Throws UserError (disk full).
  void append(const StepRecord& record) { file_->append(to_json(record) + "\n"); }
  /// Written through to the disk. Throws UserError.
  void sync() { file_->sync(); }
  /// What was damaged or missing of the steps done.
  [[nodiscard]] const std::vector<std::string>& damage() const { return damage_; }

 private:
  std::vector<std::string> damage_;
  std::optional<AppendFile> file_;
};

}  // namespace isobar::train
