#include "cli/training/train_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

namespace isobar::cli {
std::string describe(const std::optional<nn::PassProgress>& progress) {
  if (!progress) return {};
  if (progress->all <= 1) return progress->phase;
  return fmt::format("{}, layer {} of {}", progress->phase, progress->done + 1, progress->all);
}

TrainProgress::TrainProgress(std::FILE* out, bool simulated, const nn::Gpt* gpt)
    : simulated_(simulated), gpt_(gpt), status_(out) {}

void TrainProgress::start(const RunLength& length) {
  length_ = length;
  left_ = TimeLeft(length);
  step_ = length.first;
  start_ = event_ = Clock::now();
  heartbeat_.emplace(status_, [this] { return beat(); });
}

/// Of what lies between two parts of the run, which are reported.
double TrainProgress::since_last_event() {
  const Clock::time_point now = Clock::now();
  return std::chrono::duration<double>(now - std::exchange(event_, now)).count();
}

std::string TrainProgress::beat() const {
  const std::string device = gpt_ != nullptr ? describe(gpt_->progress()) : "";
  const std::uint64_t step = step_;
  if (step >= length_.steps) return device.empty() ? "" : "validating: " + device;
  return fmt::format("step {}/{}: {}", step + 1, length_.steps,
                     device.empty() ? "between two passes" : device);
}

std::string TrainProgress::line(const train::StepRecord& record) const {
  const std::chrono::duration<double> elapsed = Clock::now() - start_;
  std::string text =
      fmt::format("step {:>{}}/{}  loss {:.4f}  {:.0f} tokens/s  {} left", record.step,
                  std::to_string(length_.steps).size(), length_.steps, record.train_loss, speed_,
                  clock_time(left_.after_step(record.step, elapsed.count())));
  if (record.device_ms)
    text += fmt::format("  {} {} a step, {} in all", simulated_ ? "chip" : "device",
                        short_time(*record.device_ms * 1e-3), short_time(device_ms_ * 1e-3));
  return text;
}

void TrainProgress::on_step(const train::StepRecord& record) {
  if (record.tokens_per_s > 0) left_.add_step(length_.rows / record.tokens_per_s);
  speed_ = last_ ? 0.9 * speed_ + 0.1 * record.tokens_per_s : record.tokens_per_s;
  device_ms_ += record.device_ms.value_or(0);
  const bool edge = !last_ || record.step == length_.steps;
  last_ = record;
  step_ = record.step;
  (void)since_last_event();
  if (record.validation_loss)
    status_.print(line(record) + fmt::format("  validation {:.4f}", *record.validation_loss));
  else
    status_.show(line(record), edge);
}

void TrainProgress::on_evaluation(std::uint32_t batch, std::uint32_t batches) {
  const double seconds = since_last_event();
  if (batch > 1) left_.add_evaluation_batch(seconds);  // before the first there was a step
  std::string text = fmt::format("validating: batch {} of {}", batch, batches);
  if (at_the_end_) text += fmt::format("  {} left", clock_time(left_.in_last_validation(batch)));
  status_.show(text);
}

void TrainProgress::on_checkpoint(const std::filesystem::path&) {
  left_.add_checkpoint(since_last_event());
  if (last_ && status_.on_terminal()) status_.show(line(*last_));
}

void TrainProgress::validate_at_the_end() {
  at_the_end_ = true;
  (void)since_last_event();
}

void TrainProgress::end() {
  heartbeat_.reset();
  status_.clear();
}

}  // namespace isobar::cli
