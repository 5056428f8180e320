// Whole runs of a tiny model: that they learn, that a resumed one is bit for bit the one that never
// stopped, and what happens on a full disk, a damaged checkpoint and a loss that is not a number.
#include "train/trainer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/file/file.h"
#include "ledger/training_ledger.h"
#include "nn/testing/test_device.h"
#include "train/run/checksum.h"
#include "train/sampler.h"
#include "train/testing/test_folder.h"

namespace isobar::train {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

model::GptShape tiny_shape() {
  model::GptShape shape{.layers = 2, .heads = 2, .width = 32, .context = 16, .vocabulary = 11};
  shape.dropout = 0.1F;
  return shape;
}

model::Recipe tiny_recipe() {
  model::Recipe recipe;
  recipe.batch = 3;
  recipe.steps = recipe.decay_steps = 20;
  recipe.warmup_steps = 4;
  recipe.learning_rate = 1e-2F;
  recipe.evaluate_every = 5;
  recipe.evaluate_batches = 2;
  recipe.seed = 99;
  return recipe;
}

/// A text with something to learn: each token mostly follows from the one before.
std::vector<std::int32_t> tokens() {
  std::vector<std::int32_t> result;
  std::uint32_t state = 5;
  for (int i = 0; i < 4000; ++i) {
    state = state * 1664525U + 1013904223U;
    const std::int32_t last = result.empty() ? 0 : result.back();
    result.push_back((state >> 24U) < 200 ? (last * 3 + 1) % 11
                                          : static_cast<std::int32_t>((state >> 8U) % 11));
  }
  return result;
}

class Quiet : public Observer {
 public:
  explicit Quiet(std::uint64_t stop_after = 0) : stop_after_(stop_after) {}
  void on_step(const StepRecord& record) override { records.push_back(record); }
  void on_evaluation(std::uint32_t, std::uint32_t) override {}
  void on_checkpoint(const fs::path& path) override { saved.push_back(path.filename()); }
  bool stop_requested() override {
    return stop_after_ != 0 && !records.empty() && records.back().step >= stop_after_;
  }
  std::vector<StepRecord> records;
  std::vector<std::string> saved;

 private:
  std::uint64_t stop_after_;
};

/// One run in a folder of its own, or its continuation.
struct Session {
  explicit Session(RunDirectory& directory, Quiet& observer, const Checkpoint* from = nullptr,
                   model::Recipe recipe = tiny_recipe())
      : data(tokens(), 16, "the test's text"),
        gpt(nn::test_context(), tiny_shape(), recipe.batch, recipe.seed) {
    if (from != nullptr) restore(*from, gpt);
    trainer.emplace(nn::test_context(), gpt, data, directory,
                    TrainerSettings{.recipe = recipe,
                                    .checkpoint_every = 5,
                                    .model = "tiny",
                                    .tokeniser = byte_tokeniser()->describe(),
                                    .device_source = "the test's device"},
                    observer, from);
  }
  Dataset data;
  nn::Gpt gpt;
  std::optional<Trainer> trainer;
};

bool is_isobar() { return nn::test_context().device().platform == "Isobar"; }

/// metrics.jsonl without what the host's clock says; other devices than Isobar's have no other.
std::vector<std::string> timeless(const fs::path& metrics, bool device_times = is_isobar()) {
  std::vector<std::string> lines;
  std::istringstream text(read_text(metrics));
  for (std::string line; std::getline(text, line);) {
    auto json = nlohmann::json::parse(line);
    json.erase("tokens_per_s");
    json.erase("checksum");
    if (!device_times) json.erase("device_ms");
    lines.push_back(json.dump());
  }
  return lines;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

void expect_same_state(const Checkpoint& a, const Checkpoint& b) {
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : a.tensors)
    EXPECT_TRUE(tensor.bytes == b.tensors.at(name).bytes) << name;
}

/// As the simulated chip reads it (device/settings.h).
std::string fidelity() {
  const char* set = std::getenv("ISOBAR_FIDELITY");
  return set == nullptr ? "functional" : set;
}

void expect_same_device_totals(const RunTotals& a, const RunTotals& b) {
  EXPECT_EQ(a.device.device_picoseconds, b.device.device_picoseconds);
  EXPECT_EQ(a.device.names, b.device.names);
  ASSERT_EQ(a.device.counters.size(), b.device.counters.size());
  for (std::size_t i = 0; i < a.device.counters.size(); ++i) {
    cl_isobar_counters one = a.device.counters[i], other = b.device.counters[i];
    for (cl_isobar_counters* c : {&one, &other}) c->host_nanoseconds = c->host_cpu_nanoseconds = 0;
    EXPECT_EQ(std::memcmp(&one, &other, sizeof one), 0) << a.device.names[i];
  }
}

TEST(Trainer, LearnsAndWritesDownEachStep) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet observer;
  Session session(run, observer);
  const TrainingResult result = session.trainer->run();
  EXPECT_EQ(result.ending, Ending::kFinished);
  EXPECT_EQ(result.last_step, 20U);
  EXPECT_EQ(result.totals.tokens, 20U * 3 * 16);
  ASSERT_EQ(observer.records.size(), 20U);
  EXPECT_NEAR(observer.records.front().train_loss, std::log(11.0), 0.2);
  EXPECT_LT(observer.records.back().train_loss, 2.1F);
  EXPECT_LT(*session.trainer->validate(session.trainer->final_batches()), 2.1F);
  EXPECT_EQ(timeless(run.file("metrics.jsonl")).size(), 20U);
  for (const StepRecord& record : observer.records) {
    EXPECT_EQ(record.validation_loss.has_value(), record.step % 5 == 0) << record.step;
    EXPECT_GT(record.tokens_per_s, 0);
    EXPECT_GT(record.gradient_norm, 0);
  }
}

TEST(Trainer, AResumedRunIsBitForBitTheOneThatNeverStopped) {
  const TestFolder folder;
  RunDirectory whole = RunDirectory::create(folder / "whole");
  Quiet observer;
  (void)Session(whole, observer).trainer->run();

  // Stopped after 8, where no checkpoint was due and no evaluation was made, and after 15.
  RunDirectory parts = RunDirectory::create(folder / "parts");
  Quiet first(8), second(15), third;
  EXPECT_EQ(Session(parts, first).trainer->run().ending, Ending::kStopped);
  for (Quiet* observer_of_part : {&second, &third}) {
    const FoundCheckpoint found = parts.load_latest();
    EXPECT_TRUE(found.warnings.empty());
    (void)Session(parts, *observer_of_part, &found.checkpoint).trainer->run();
  }
  EXPECT_EQ(third.records.front().step, 16U);

  const Checkpoint a = whole.load_latest().checkpoint, b = parts.load_latest().checkpoint;
  EXPECT_EQ(a.step, 20U);
  EXPECT_EQ(b.step, 20U);
  EXPECT_EQ(a.best_validation_loss, b.best_validation_loss);
  expect_same_state(a, b);
  EXPECT_EQ(a.train_loss, b.train_loss);
  EXPECT_EQ(b.totals.tokens, 20U * 3 * 16);
  EXPECT_EQ(b.totals.device_tokens, b.totals.tokens);
  // Without "by Ctrl-C" in between, sampled device times are the same, too: the test below.
  const bool device_times = is_isobar() && fidelity() == "functional";
  EXPECT_EQ(timeless(whole.file("metrics.jsonl"), device_times),
            timeless(parts.file("metrics.jsonl"), device_times));
  if (device_times) expect_same_device_totals(a.totals, b.totals);
}

TEST(Trainer, ARunThatGoesOnFromACheckpointInTurnMeasuresTheSameDeviceTimes) {
  if (!is_isobar()) GTEST_SKIP() << "its times are the host's";
  const TestFolder folder;
  RunDirectory whole = RunDirectory::create(folder / "whole");
  Quiet observer;
  (void)Session(whole, observer).trainer->run();
  // A crash: the newest two checkpoints are gone, the metrics are ahead.
  const Checkpoint before = whole.load_latest().checkpoint;
  const std::vector<std::string> metrics = timeless(whole.file("metrics.jsonl"));
  fs::remove(*whole.latest_path());
  const FoundCheckpoint found = whole.load_latest();
  EXPECT_EQ(found.checkpoint.step, 15U);
  Quiet again;
  (void)Session(whole, again, &found.checkpoint).trainer->run();
  EXPECT_EQ(timeless(whole.file("metrics.jsonl")), metrics);
  const Checkpoint after = whole.load_latest().checkpoint;
  expect_same_state(before, after);
  expect_same_device_totals(before.totals, after.totals);
}

TEST(Trainer, AnotherDevicesCountsAreNotAddedToThisOnes) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet first(5);
  (void)Session(run, first).trainer->run();
  FoundCheckpoint found = run.load_latest();
  found.checkpoint.totals.device_source = "another chip";
  Quiet second(8);
  Session session(run, second, &found.checkpoint);
  EXPECT_THAT(session.trainer->warnings(),
              ElementsAre(HasSubstr("the first 5 steps ran on another chip")));
  const RunTotals totals = session.trainer->run().totals;
  EXPECT_EQ(totals.tokens, 8U * 3 * 16);
  EXPECT_EQ(totals.device_tokens, 3U * 3 * 16);
  EXPECT_EQ(totals.device_from, 5U);
}

TEST(Trainer, WeightsThatTheLastStepSpoiltAreNotSaved) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet first(7);
  (void)Session(run, first).trainer->run();
  const FoundCheckpoint found = run.load_latest();
  model::Recipe recipe = tiny_recipe();
  recipe.learning_rate = recipe.min_learning_rate = INFINITY;  // loss and gradient are still good
  Quiet second(8);
  std::string message;
  try {
    (void)Session(run, second, &found.checkpoint, recipe).trainer->run();
  } catch (const NotFinite& error) {
    message = error.what();
  }
  EXPECT_THAT(message, HasSubstr("step 8: "));
  EXPECT_THAT(message, HasSubstr("were not saved; the last good checkpoint is "));
  EXPECT_EQ(run.load_latest().checkpoint.step, 7U);
}

TEST(Trainer, StepsAfterTheLastCheckpointAreDoneAgainNotTwice) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet observer;
  (void)Session(run, observer).trainer->run();
  const std::vector<std::string> metrics = timeless(run.file("metrics.jsonl"));
  const Checkpoint whole = run.load_latest().checkpoint;
  // A crash: the newest checkpoint is half written, the metrics are ahead of the one before.
  const fs::path newest = *run.latest_path();
  const std::string bytes = read_text(newest);
  write_text_atomically(newest, std::string_view(bytes).substr(0, bytes.size() / 2));

  const FoundCheckpoint found = run.load_latest();
  EXPECT_EQ(found.checkpoint.step, 15U);
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("step-20.safetensors")));
  Quiet again;
  (void)Session(run, again, &found.checkpoint).trainer->run();
  EXPECT_EQ(timeless(run.file("metrics.jsonl")), metrics);
  expect_same_state(whole, run.load_latest().checkpoint);
}

TEST(Trainer, KeepsTheLastTwoCheckpointsAndTheBest) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet observer;
  (void)Session(run, observer).trainer->run();
  std::uint64_t best = 0;
  float lowest = INFINITY;
  for (const StepRecord& record : observer.records) {
    if (record.validation_loss.value_or(INFINITY) >= lowest) continue;
    lowest = *record.validation_loss;
    best = record.step;
  }
  EXPECT_EQ(read_text(run.file("checkpoints") / "best"),
            sealed(fmt::format("step-{}.safetensors\n", best)));
  EXPECT_EQ(read_text(run.file("checkpoints") / "latest"), sealed("step-20.safetensors\n"));
  std::set<std::string> expected{"best", "latest", "step-15.safetensors", "step-20.safetensors"};
  expected.insert(fmt::format("step-{}.safetensors", best));
  EXPECT_EQ(names_in(run.file("checkpoints")), expected);
}

TEST(Trainer, ALossThatIsNotANumberEndsTheRunAndSavesNothingSpoilt) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet first(7);
  (void)Session(run, first).trainer->run();
  const FoundCheckpoint found = run.load_latest();
  model::Recipe recipe = tiny_recipe();
  recipe.learning_rate = recipe.min_learning_rate = 1e30F;  // the weights overflow at once
  Quiet second;
  std::string message;
  try {
    (void)Session(run, second, &found.checkpoint, recipe).trainer->run();
  } catch (const NotFinite& error) {
    message = error.what();
  }
  EXPECT_THAT(message, HasSubstr("is not finite"));
  EXPECT_THAT(message, HasSubstr("step-7.safetensors"));
  EXPECT_THAT(message, HasSubstr("isobar train --resume " + run.path().string()));
  EXPECT_EQ(run.load_latest().checkpoint.step, 7U);
}

TEST(Trainer, ADiskThatFillsUpLosesNothingThatWasSaved) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet first(6);
  (void)Session(run, first).trainer->run();
  const FoundCheckpoint found = run.load_latest();
  Quiet second;
  Session session(run, second, &found.checkpoint);
  // Full for every file that is written from here on: a limit of this process on their size.
  const FileSizeLimit full(1);
  const std::string message = error_of([&] { (void)session.trainer->run(); });
  EXPECT_THAT(message, HasSubstr("cannot be written"));
  EXPECT_THAT(message, HasSubstr("training stopped after step 7"));
  EXPECT_THAT(message, HasSubstr("isobar train --resume"));
  EXPECT_EQ(run.load_latest().checkpoint.step, 6U);
}

TEST(Trainer, TheDeviceIsMeasuredOverTheTrainingStepsAndNothingElse) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet observer(7);  // an evaluation and a checkpoint after 5 cut it into two stretches
  Session session(run, observer);
  const TrainingResult result = session.trainer->run();
  (void)session.trainer->validate(2);
  const Stretch& total = session.trainer->meter().total();
  double milliseconds = 0;
  for (const StepRecord& record : observer.records) milliseconds += record.device_ms.value_or(0);
  EXPECT_NEAR(static_cast<double>(total.device_picoseconds) * 1e-9, milliseconds,
              0.1 * milliseconds);  // a stretch may hold waits at its ends
  if (!session.trainer->meter().has_counters()) {
    EXPECT_TRUE(total.rows().empty());
    return;
  }
  const std::vector<cl_isobar_kernel_row> rows = total.rows();
  const auto launches = [&](std::string_view kernel) {
    const auto row = std::ranges::find(rows, kernel, &cl_isobar_kernel_row::kernel_name);
    return row == rows.end() ? 0 : row->counters.launches;
  };
  EXPECT_EQ(launches("mean_loss"), 7U);  // evaluations have it, too: theirs are not counted
  EXPECT_EQ(launches("adamw"), 14U);
  const std::uint64_t flops =
      result.totals.tokens * model::training_flops_per_token(session.gpt.shape());
  const ledger::TrainingLedger ledger =
      ledger::ledger_from_training({.kernels = rows,
                                    .chip = session.trainer->meter().chip().value(),
                                    .model_flops = flops,
                                    .device_picoseconds = total.device_picoseconds});
  EXPECT_TRUE(ledger.ledger.is_exact());
  EXPECT_GT(ledger.mfu, 0);
  EXPECT_LT(ledger.mfu, 1);
}

TEST(Trainer, TheSampleOfARunIsAFunctionOfItsSeed) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet observer(1);
  Session session(run, observer);
  (void)session.trainer->run();
  const auto tokeniser = byte_tokeniser();
  const auto text = [&](std::uint64_t seed) {
    std::string all;
    sample(session.gpt, *tokeniser, "\1\2", {.tokens = 40, .seed = seed}, [&](std::string_view s) {
      all += s;
      return true;
    });
    return all;
  };
  EXPECT_EQ(text(1).size(), 40U);
  EXPECT_EQ(text(1), text(1));
  EXPECT_NE(text(1), text(2));
  for (const char c : text(1)) EXPECT_LT(c, 11);  // no token the model does not have
}

TEST(Trainer, ASampleIsDrawnFromTheFullPassOverItsWindow) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Quiet observer(1);
  Session session(run, observer);
  (void)session.trainer->run();
  const std::size_t context = session.gpt.shape().context;
  const SampleSettings settings{.tokens = static_cast<std::uint32_t>(4 * context), .seed = 3};
  std::vector<std::int32_t> expected{1, 2};
  // The window by hand: full, it loses its oldest quarter and grows again.
  std::size_t start = 0;
  for (std::uint32_t i = 0; i < settings.tokens; ++i) {
    if (expected.size() - start > context) start += context / 4;
    std::vector<float> logits = session.gpt.logits(std::span(expected).subspan(start));
    expected.push_back(draw_token(logits, settings, i));
  }
  std::vector<std::int32_t> found{1, 2};
  sample(session.gpt, *byte_tokeniser(), "\1\2", settings, [&](std::string_view s) {
    for (const char c : s) found.push_back(c);
    return true;
  });
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace isobar::train
