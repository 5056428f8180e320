// How long a training run still takes on this host: steps, validations on the way, checkpoints, the
// last validation and the sample, each by what it took so far.
#pragma once

#include <cstdint>

namespace isobar::cli {

/// What a run consists of.
struct RunLength {
  std::uint64_t first = 0, steps = 0;  // done before it, and at its end
  std::uint32_t evaluate_every = 1, evaluate_batches = 0;
  std::uint32_t final_batches = 0;  // of the last validation
  std::uint32_t checkpoint_every = 1;
  std::uint32_t sample_tokens = 0;
  std::uint32_t rows = 1;  // tokens of a batch
  double limit = 0;        // seconds that steps may take in all; 0: no limit
  double afterwards = 0;   // seconds of what comes last
};

/// The mean of what was measured, or another guess.
class Mean {
 public:
  void add(double seconds) {
    sum_ += seconds;
    ++count_;
  }
  [[nodiscard]] double or_else(double guess) const {
    return count_ > 0 ? sum_ / static_cast<double>(count_) : guess;
  }

 private:
  double sum_ = 0;
  std::uint64_t count_ = 0;
};

class TimeLeft {
 public:
  explicit TimeLeft(const RunLength& length) : length_(length) {}

  // What something took, in seconds.
  void add_step(double seconds) { step_.add(seconds); }
  void add_evaluation_batch(double seconds) { batch_.add(seconds); }
  void add_checkpoint(double seconds) { checkpoint_.add(seconds); }

  /// After `step`, of which the validation and the checkpoint are done; `elapsed` seconds into the
  /// run.
  [[nodiscard]] double after_step(std::uint64_t step, double elapsed) const;
  /// With so many batches of the last validation done.
  [[nodiscard]] double in_last_validation(std::uint32_t batches) const;

 private:
  [[nodiscard]] double batch_seconds() const;
  [[nodiscard]] double sample_seconds() const;

  RunLength length_;
  Mean step_, batch_, checkpoint_;
};

}  // namespace isobar::cli
