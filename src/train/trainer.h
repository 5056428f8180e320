// The training loop: one step after the other, with evaluations and checkpoints between them.
//
//   draw the batch -> forward, backward, update on the device -> loss back -> metrics.jsonl
//
// A run that goes on from a checkpoint is bit for bit the one that never stopped, device times
// included: at each checkpoint the device's timing is started afresh, in both. (A checkpoint made
// out of turn, by Ctrl-C, is such a start that the other run has not: sampled and timed device
// times then differ up to the next one in turn; all else does not.)
//
// The batch of the next step is drawn while the device works. What happens is told to an Observer,
// which may also ask the loop to stop after the step it is in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/file/model_file.h"
#include "nn/gpt/gpt.h"
#include "train/device_meter.h"
#include "train/run/metrics.h"
#include "train/run/run_directory.h"
#include "train/text/dataset.h"

namespace isobar::train {

/// A loss or gradient that is infinite or not a number: the weights are spoilt, and not saved.
class NotFinite : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_step(const StepRecord& record) = 0;
  /// During an evaluation, after each of its batches.
  virtual void on_evaluation(std::uint32_t batch, std::uint32_t batches) = 0;
  virtual void on_checkpoint(const std::filesystem::path& path) = 0;
  /// Asked after each step and each batch of the last evaluation.
  [[nodiscard]] virtual bool stop_requested() = 0;
};

struct TrainerSettings {
  model::Recipe recipe;  // steps counts those of the whole run, resumed ones included
  std::uint32_t checkpoint_every = 250;
  double seconds = 0;  // stop after so much time on this host; 0: never
  std::string model;   // name and tokeniser go into each checkpoint
  std::string tokeniser;
  std::string device_source;  // device and fidelity (RunTotals)
};

enum class Ending : std::uint8_t { kFinished, kTimeUp, kStopped };

struct TrainingResult {
  Ending ending = Ending::kFinished;
  std::uint64_t first_step = 0, last_step = 0;  // steps done before this session and after it
  float train_loss = 0;                         // of the last step
  RunTotals totals;                             // of the whole run, all sessions together
  std::optional<float> best_validation_loss;
  std::filesystem::path checkpoint;
  [[nodiscard]] double tokens_per_s() const {
    return totals.seconds > 0 ? static_cast<double>(totals.tokens) / totals.seconds : 0;
  }
};

class Trainer {
 public:
  /// The gpt stands at the step to go on from. `from` is the checkpoint it was restored from, if
  /// any: its best loss and its totals go on to count.
  Trainer(nn::ClContext& cl, nn::Gpt& gpt, const Dataset& data, RunDirectory& run,
          TrainerSettings settings, Observer& observer, const Checkpoint* from = nullptr);

  /// Trains up to the recipe's steps, and leaves a checkpoint of where it ended. Throws NotFinite,
  /// and UserError when the disk is full, both naming the checkpoint to go on from.
  [[nodiscard]] TrainingResult run();

  /// Mean loss over `batches` batches of the validation part; nothing if stopped on the way.
  [[nodiscard]] std::optional<float> validate(std::uint32_t batches);
  /// What to validate with at the end: four times as much as on the way, if there is so much.
  [[nodiscard]] std::uint32_t final_batches() const;

  [[nodiscard]] const DeviceMeter& meter() const { return meter_; }
  /// What was damaged of the steps done before, and why the ledger does not cover them, if so.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void go_on_from(const Checkpoint& from);
  [[nodiscard]] std::string device_source() const;
  [[nodiscard]] RunTotals totals() const;
  StepRecord step(Batch& batch);
  [[nodiscard]] Batch next_batch() const;
  std::optional<float> evaluate(std::uint32_t batches, bool may_stop);
  void save(const StepRecord& record);
  void check_finite(const StepRecord& record);
  [[nodiscard]] std::string how_to_go_on() const;

  nn::Gpt& gpt_;
  const Dataset& data_;
  RunDirectory& run_;
  TrainerSettings settings_;
  Observer& observer_;
  DeviceMeter meter_;
  MetricsFile metrics_;
  std::uint64_t position_ = 0;  // of the data: the next batch
  std::optional<float> best_;
  std::vector<std::string> warnings_;
  TrainingResult result_;
};

}  // namespace isobar::train
