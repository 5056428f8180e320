// What a training run shows while it runs: on a terminal one line that is drawn over, and a line
// that stays for each evaluation; elsewhere a line every ten seconds. Where a step takes longer, a
// heartbeat says how far it is. An interrupt (interrupts.h) becomes a request to stop after the
// step.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "cli/process/interrupts.h"
#include "cli/table/status_line.h"
#include "cli/training/time_left.h"
#include "nn/gpt/gpt.h"
#include "train/trainer.h"

namespace isobar::cli {

/// "backward, layer 3 of 12"; empty if the device has nothing to do.
[[nodiscard]] std::string describe(const std::optional<nn::PassProgress>& progress);

class TrainProgress : public train::Observer {
 public:
  /// `out` is where progress goes. `gpt` may be null: nothing is then said within a step.
  TrainProgress(std::FILE* out, bool simulated, const nn::Gpt* gpt);

  /// From here on time counts, and the heart beats.
  void start(const RunLength& length);
  void on_step(const train::StepRecord& record) override;
  void on_evaluation(std::uint32_t batch, std::uint32_t batches) override;
  void on_checkpoint(const std::filesystem::path& path) override;
  [[nodiscard]] bool stop_requested() override { return interrupted(); }

  /// What comes now is the last validation.
  void validate_at_the_end();
  /// Nothing more is shown: the line that is drawn over is gone, before something else is printed.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string line(const train::StepRecord& record) const;
  [[nodiscard]] std::string beat() const;
  [[nodiscard]] double since_last_event();

  RunLength length_;
  TimeLeft left_{length_};
  bool simulated_;
  const nn::Gpt* gpt_;
  StatusLine status_;
  Clock::time_point start_ = Clock::now(), event_ = start_;
  double speed_ = 0;  // tokens per second, smoothed
  double device_ms_ = 0;
  std::optional<train::StepRecord> last_;
  std::atomic<std::uint64_t> step_ = 0;  // done
  bool at_the_end_ = false;
  std::optional<Heartbeat> heartbeat_;  // last: it uses the others
};

}  // namespace isobar::cli
