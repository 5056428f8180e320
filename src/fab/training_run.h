// What a training run, or a plan of one, says about a chip: how efficiently it was used and how
// many tokens a second it trained. Read from a run's folder (summary.json), from what `isobar plan
// --json` prints, or from any JSON object with chip, mfu and tokens_per_chip_second.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace isobar::fab {

struct TrainingRun {
  std::string chip;                              // its name
  std::optional<double> mfu;                     // 0 to 1
  std::string mfu_convention;                    // as the run names it; empty: it does not
  std::optional<double> tokens_per_chip_second;  // of the chip's own time, not the host's
  std::string source;                            // the path
};

/// Throws UserError naming the file and what is wrong with it.
[[nodiscard]] TrainingRun parse_training_run(std::string_view json,
                                             const std::filesystem::path& path);
/// A folder with a summary.json, or such a file.
[[nodiscard]] TrainingRun read_training_run(const std::filesystem::path& path);

}  // namespace isobar::fab
