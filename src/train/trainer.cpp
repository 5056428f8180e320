#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "train/schedule.h"

namespace isobar::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Trainer::Trainer(nn::ClContext& cl, nn::Gpt& gpt, const Dataset& data, RunDirectory& run,
                 TrainerSettings settings, Observer& observer, const Checkpoint* from)
    : gpt_(gpt),
      data_(data),
      run_(run),
      settings_(std::move(settings)),
      observer_(observer),
      meter_(cl),
      metrics_(run.file("metrics.jsonl"), gpt.steps_done()),
      warnings_(metrics_.damage()) {
  result_.first_step = gpt.steps_done();
  if (from != nullptr) go_on_from(*from);
  result_.totals.device_source = device_source();
}

void Trainer::go_on_from(const Checkpoint& from) {
  position_ = from.data_position;
  best_ = from.best_validation_loss;
  result_.train_loss = from.train_loss;
  result_.totals = from.totals;
  if (from.totals.device_source == device_source()) {
    meter_.go_on_from(from.totals.device);
    return;
  }
  warnings_.push_back(fmt::format(
      "the first {} steps ran on {}, and this device is {}: the ledger begins after them",
      from.step, from.totals.device_source, device_source()));
  result_.totals.device_from = from.step;
  result_.totals.device_tokens = 0;
}

/// As far as counts can be added: another clock or width is another chip.
std::string Trainer::device_source() const {
  const auto& chip = meter_.chip();
  if (!chip) return settings_.device_source;
  return fmt::format("{} ({} cores x {} lanes, {} Hz, {:.6g} fp32 FLOP/s)", settings_.device_source,
                     chip->cores, chip->lanes, chip->clock_hz, chip->fp32_flops);
}

RunTotals Trainer::totals() const {
  RunTotals totals = result_.totals;
  totals.device = meter_.total();
  return totals;
}

TrainingResult Trainer::run() {
  const auto start = Clock::now();
  const model::Recipe& recipe = settings_.recipe;
  meter_.restart_timing();
  Batch batch = next_batch();
  while (gpt_.steps_done() < recipe.steps) {
    // [1] The step itself. Only its time counts as training.
    meter_.begin();
    StepRecord record = step(batch);
    check_finite(record);
    result_.train_loss = record.train_loss;

    // [2] Between steps: evaluate, write down, checkpoint.
    if (record.step % recipe.evaluate_every == 0) {
      record.validation_loss = evaluate(recipe.evaluate_batches, false);
      if (std::isfinite(*record.validation_loss))
        best_ = std::min(best_.value_or(INFINITY), *record.validation_loss);
    }
    try {
      metrics_.append(record);
      observer_.on_step(record);
      const bool stop = observer_.stop_requested();
      const bool late = settings_.seconds > 0 && seconds_since(start) >= settings_.seconds;
      const bool last = stop || late || record.step >= recipe.steps;
      if (last || record.step % settings_.checkpoint_every == 0) save(record);
      if (last) {
        result_.ending = stop                         ? Ending::kStopped
                         : record.step < recipe.steps ? Ending::kTimeUp
                                                      : Ending::kFinished;
        break;
      }
    } catch (const UserError& error) {
      fail("{}\ntraining stopped after step {}; {}", error.what(), record.step, how_to_go_on());
    }
  }
  meter_.end();
  result_.last_step = gpt_.steps_done();
  result_.best_validation_loss = best_;
  result_.totals = totals();
  if (const auto latest = run_.latest_path()) result_.checkpoint = *latest;
  return result_;
}

Batch Trainer::next_batch() const {
  return data_.train_batch(settings_.recipe.seed, position_, settings_.recipe.batch);
}

/// Trains on `batch` and replaces it by the next one.
StepRecord Trainer::step(Batch& batch) {
  const model::Recipe& recipe = settings_.recipe;
  const auto start = Clock::now();
  StepRecord record;
  record.learning_rate = learning_rate_at(recipe, gpt_.steps_done());
  gpt_.enqueue_gradients(batch.inputs, batch.targets);
  gpt_.enqueue_step({recipe.beta1, recipe.beta2, recipe.epsilon, recipe.weight_decay},
                    record.learning_rate, recipe.gradient_clip);
  const std::size_t tokens = batch.inputs.size();
  ++position_;
  batch = next_batch();  // while the device works
  const nn::StepResult found = gpt_.finish();
  record.device_ms = meter_.lap();
  record.step = gpt_.steps_done();
  record.train_loss = found.loss;
  record.gradient_norm = found.gradient_norm;
  const double seconds = seconds_since(start);
  record.tokens_per_s = static_cast<double>(tokens) / seconds;
  result_.totals.tokens += tokens;
  result_.totals.device_tokens += tokens;
  result_.totals.seconds += seconds;
  return record;
}

std::optional<float> Trainer::validate(std::uint32_t batches) { return evaluate(batches, true); }

std::optional<float> Trainer::evaluate(std::uint32_t batches, bool may_stop) {
  meter_.end();  // the ledger is of training
  double sum = 0;
  for (std::uint32_t i = 0; i < batches; ++i) {
    if (may_stop && observer_.stop_requested()) return std::nullopt;
    const Batch batch = data_.validation_batch(i, batches, gpt_.batch());
    sum += double{gpt_.evaluate(batch.inputs, batch.targets)};
    observer_.on_evaluation(i + 1, batches);
  }
  // An evaluation leaves transposed weights behind that the next step would find, but a run that
  // goes on from here would not: both make them again, and take the same time.
  gpt_.set_steps_done(gpt_.steps_done());
  return static_cast<float>(sum / batches);
}

std::uint32_t Trainer::final_batches() const {
  const std::size_t tokens = std::size_t{gpt_.batch()} * gpt_.shape().context;
  const std::size_t all = (data_.validation_tokens() + tokens - 1) / tokens;
  const std::size_t wanted = std::size_t{4} * settings_.recipe.evaluate_batches;
  return static_cast<std::uint32_t>(
      std::clamp<std::size_t>(wanted, 1, std::max<std::size_t>(all, 1)));
}

void Trainer::save(const StepRecord& record) {
  meter_.end();
  Checkpoint checkpoint;
  checkpoint.model = settings_.model;
  checkpoint.data_position = position_;
  checkpoint.data_fingerprint = data_.fingerprint();
  checkpoint.tokeniser = settings_.tokeniser;
  checkpoint.train_loss = record.train_loss;
  checkpoint.validation_loss = record.validation_loss;
  checkpoint.best_validation_loss = best_;
  checkpoint.totals = totals();
  capture(gpt_, checkpoint);
  if (const auto bad = first_not_finite(checkpoint))
    throw NotFinite(fmt::format("step {}: {}, so the weights are unusable and were not saved; {}",
                                record.step, *bad, how_to_go_on()));
  metrics_.sync();
  observer_.on_checkpoint(run_.save(checkpoint));
  meter_.restart_timing();
}

void Trainer::check_finite(const StepRecord& record) {
  if (std::isfinite(record.train_loss) && std::isfinite(record.gradient_norm)) return;
  metrics_.append(record);
  throw NotFinite(fmt::format(
      "step {}: {} is not finite, so the weights are unusable and were not saved (a lower "
      "--lr than {} or a gradient_clip helps most often); {}",
      record.step, std::isfinite(record.train_loss) ? "the gradient's norm" : "the loss",
      settings_.recipe.learning_rate, how_to_go_on()));
}

std::string Trainer::how_to_go_on() const {
  const auto latest = run_.latest_path();
  if (!latest)
    return fmt::format("there is no checkpoint yet. To begin again: isobar train --resume {}",
                       run_.path().string());
  return fmt::format(
      "the last good checkpoint is {}; later steps are lost. To resume "
      "from it: isobar train --resume {}",
      latest->string(), run_.path().string());
}

}  // namespace isobar::train
