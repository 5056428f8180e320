// What a training run shows while it runs: on a terminal one line that is drawn over, and a line
// that stays for each evaluation; elsewhere a line every ten seconds. An interrupt (interrupts.h)
// becomes a request to stop after the step.
#pragma once

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "cli/interrupts.h"
#include "train/trainer.h"

namespace isobar::cli {

class TrainProgress : public train::Observer {
 public:
  /// `out` is where progress goes; steps count from the run's start.
  TrainProgress(std::FILE* out, std::uint64_t steps_done, std::uint64_t steps, bool simulated);

  void on_step(const train::StepRecord& record) override;
  void on_evaluation(std::uint32_t batch, std::uint32_t batches) override;
  void on_checkpoint(const std::filesystem::path& path) override;
  [[nodiscard]] bool stop_requested() override { return interrupted(); }

  /// Removes the line that is drawn over, before something else is printed.
  void clear();

 private:
  [[nodiscard]] std::string line(const train::StepRecord& record) const;
  [[nodiscard]] double seconds_left(std::uint64_t step) const;
  void draw(const std::string& text);

  using Clock = std::chrono::steady_clock;
  std::FILE* out_;
  bool terminal_;
  bool simulated_;
  std::uint64_t first_, steps_;
  Clock::time_point start_ = Clock::now(), drawn_{};
  double speed_ = 0;  // tokens per second, smoothed
  double device_ms_ = 0;
  std::optional<train::StepRecord> last_;
};

/// "4:05", "1:02:03".
[[nodiscard]] std::string clock_time(double seconds);
/// A time in the unit that suits it: "812 us", "3.25 s".
[[nodiscard]] std::string short_time(double seconds);

}  // namespace isobar::cli
