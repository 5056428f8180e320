// A run's folder: which is chosen, what it keeps, what a kill or a flipped bit in any of its files
// leaves of it, and that it has one master.
#include "train/run/run_directory.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "base/file/file.h"
#include "base/text/json_text.h"
#include "train/run/checksum.h"
#include "train/run/metrics.h"
#include "train/run/run_results.h"
#include "train/testing/made_up_run.h"

namespace isobar::train {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RunConfig settings() {
  RunConfig c;
  c.model.shape = tiny_shape();
  c.model.name = "tiny";
  c.data = "/a/text.txt";
  c.data_fingerprint = "0123456789abcdef";
  return c;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

/// What the summary says, however it is laid out.
std::string summary_of(const RunDirectory& run) {
  return json_text(nlohmann::ordered_json::parse(read_text(run.file("summary.json"))));
}

/// Calls `look` for the file with each of its bits (or each `every`th) flipped, and puts it back.
template <class Look>
void with_flipped_bits(const fs::path& path, std::size_t every, const Look& look) {
  const std::string good = read_text(path);
  // Not as a product would write it: thousands of these need no sync.
  const auto write = [&](const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  };
  for (std::size_t bit = 0; bit < 8 * good.size(); bit += every) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    write(bad);
    look(bit);
    if (testing::Test::HasFailure()) break;
  }
  write(good);
}

TEST(RunDirectory, NeverTakesAFolderThatIsThere) {
  const TestFolder folder;
  EXPECT_EQ(RunDirectory::create_fresh(folder.path(), "a").path(), folder / "a-1");
  EXPECT_EQ(RunDirectory::create_fresh(folder.path(), "a").path(), folder / "a-2");
  EXPECT_EQ(RunDirectory::create_fresh(folder.path(), "b").path(), folder / "b-1");
  EXPECT_THAT(error_of([&] { (void)RunDirectory::create(folder.path()); }), HasSubstr("not empty"));
  for (const char* name : {"", "../x", "a/b", ".hidden"})
    EXPECT_THAT(error_of([&] { (void)RunDirectory::create_fresh(folder.path(), name); }),
                HasSubstr("one folder's name"));
}

TEST(RunDirectory, SaysWhatIsNoRun) {
  const TestFolder folder;
  EXPECT_THAT(error_of([&] { (void)RunDirectory::open(folder / "none"); }),
              HasSubstr("there is no such run"));
  EXPECT_THAT(error_of([&] { (void)RunDirectory::open(folder.path()); }),
              HasSubstr("it has no config.toml"));
  const RunDirectory run = RunDirectory::create(folder / "run");
  EXPECT_THAT(error_of([&] { (void)run.load_latest(); }),
              HasSubstr("holds no checkpoint that can be used"));
}

TEST(RunDirectory, AFullDiskLeavesTheEarlierCheckpointTheLatest) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  (void)run.save(made_up(1));
  std::string message;
  {
    const FileSizeLimit full(1000);
    message = error_of([&] { (void)run.save(made_up(2)); });
  }
  EXPECT_THAT(message, HasSubstr("step-2.safetensors: cannot be written"));
  EXPECT_EQ(run.latest_path(), run.file("checkpoints") / "step-1.safetensors");
  EXPECT_EQ(run.load_latest().checkpoint.step, 1U);
  // Nothing half-written stays behind: the checkpoint, and its name in `latest`.
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(run.file("checkpoints")))
    files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 2U);
}

TEST(RunDirectory, GoesBackToTheNewestThatCanBeRead) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  (void)run.save(made_up(9));
  (void)run.save(made_up(10));  // 10 after 9, though "10" sorts before "9"
  EXPECT_EQ(run.load_latest().checkpoint.step, 10U);
  write_text_atomically(run.file("checkpoints") / "step-10.safetensors", "");
  const FoundCheckpoint found = run.load_latest();
  EXPECT_EQ(found.checkpoint.step, 9U);
  ASSERT_EQ(found.warnings.size(), 1U);
  EXPECT_THAT(found.warnings.front(), HasSubstr("step-10.safetensors"));
  write_text_atomically(run.file("checkpoints") / "step-9.safetensors", "x");
  EXPECT_THAT(error_of([&] { (void)run.load_latest(); }),
              HasSubstr("begin the run again: isobar train --resume"));
  EXPECT_EQ(run.find_latest().unusable.size(), 2U);
}

TEST(RunDirectory, AFlippedBitOfTheSettingsIsNamedAndTheirCopyTaken) {
  const TestFolder folder;
  const RunDirectory run = RunDirectory::create(folder / "run");
  run.write_config(settings());
  const std::string good = to_toml(run.read_config().config);
  EXPECT_THAT(run.read_config().warnings, IsEmpty());
  with_flipped_bits(run.file("config.toml"), 1, [&](std::size_t bit) {
    const FoundConfig found = run.read_config();
    EXPECT_EQ(to_toml(found.config), good) << bit;
    ASSERT_FALSE(found.warnings.empty()) << bit;
    EXPECT_THAT(found.warnings.front(), HasSubstr("run/config.toml")) << bit;
  });
  // The copy is not looked at while the file itself is whole.
  with_flipped_bits(run.file("checkpoints") / "config.toml", 100, [&](std::size_t bit) {
    EXPECT_EQ(to_toml(run.read_config().config), good) << bit;
  });
}

TEST(RunDirectory, SettingsThatArePurposelyChangedAreTakenWithoutTheirChecksum) {
  const TestFolder folder;
  const RunDirectory run = RunDirectory::create(folder / "run");
  run.write_config(settings());
  std::string text = read_text(run.file("config.toml"));
  text.replace(text.find("steps = "), 8, "steps = 9");
  write_text_atomically(run.file("config.toml"), text);
  EXPECT_THAT(run.read_config().warnings,
              ElementsAre(HasSubstr("remove its last line"), HasSubstr("taking the settings")));
  text = std::string(unseal(text).body);
  write_text_atomically(run.file("config.toml"), text);
  const FoundConfig found = run.read_config();
  EXPECT_EQ(found.config.model.recipe.steps, 90000 + settings().model.recipe.steps);
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("it has no checksum line")));
}

TEST(RunDirectory, AFlippedBitOfAPointerIsNamedAndWithoutInfluence) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Checkpoint best = made_up(1), last = made_up(2);
  best.validation_loss = best.best_validation_loss;
  last.validation_loss = 3.0F;
  (void)run.save(best);
  (void)run.save(last);
  for (const char* name : {"latest", "best"}) {
    const fs::path pointer = run.file("checkpoints") / name;
    const std::string good = read_text(pointer);
    with_flipped_bits(pointer, 1, [&](std::size_t bit) {
      const Search search = run.find_latest();
      EXPECT_EQ(search.found->checkpoint.step, 2U);
      EXPECT_THAT(search.warnings, ElementsAre(HasSubstr(std::string(name) + ": damaged"))) << bit;
      if (bit % 7 != 0) return;
      run.settle(search);
      EXPECT_EQ(read_text(pointer), good) << bit;
    });
  }
}

TEST(RunDirectory, AFlippedBitOfACheckpointIsNamedAndTheOneBeforeTaken) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  (void)run.save(made_up(1));
  const fs::path newest = run.save(made_up(2));
  with_flipped_bits(newest, 911, [&](std::size_t bit) {
    const Search search = run.find_latest();
    EXPECT_EQ(search.found->checkpoint.step, 1U) << bit;
    EXPECT_THAT(search.unusable, ElementsAre(newest)) << bit;
    EXPECT_THAT(search.warnings, ElementsAre(HasSubstr("step-2.safetensors: "))) << bit;
  });
  const Checkpoint other = made_up(7);
  write_checkpoint(newest, other);
  EXPECT_THAT(run.find_latest().warnings, ElementsAre(HasSubstr("but its name says another step")));
}

TEST(RunDirectory, AFlippedBitOfTheMetricsCostsItsLineAndIsNamed) {
  std::string good;
  for (std::uint64_t step = 1; step <= 4; ++step)
    good += to_json({.step = step, .train_loss = 2.5F, .device_ms = 1.25}) + "\n";
  const std::string three = metrics_up_to(good, 3, "m").text;
  EXPECT_TRUE(good.starts_with(three));
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const KeptMetrics kept = metrics_up_to(bad, 3, "m");
    if (bit / 8 >= three.size()) {  // of a step that is done again
      ASSERT_EQ(kept.text, three);
      ASSERT_THAT(kept.damage, IsEmpty());
      continue;
    }
    ASSERT_THAT(kept.damage, ElementsAre(HasSubstr("m:"))) << bit;
    ASSERT_LT(kept.text.size(), three.size());
    ASSERT_THAT(metrics_up_to(kept.text, 3, "m").text, kept.text) << "its lines are good ones";
  }
}

TEST(RunDirectory, AFlippedBitOfTheResultsIsNamed) {
  const TestFolder folder;
  const RunDirectory run = RunDirectory::create(folder / "run");
  EXPECT_THAT(results_damage(run, 4).value_or(""), HasSubstr("summary.json: it is missing"));
  (void)write_results(run, {.sample = "a text\n",
                            .ledger = "{\"parts\": 1.5}\n",
                            .summary = {{"steps", 4}, {"mfu", 0.25}, {"run", "\xff"}}});
  EXPECT_EQ(results_damage(run, 4), std::nullopt);
  EXPECT_THAT(results_damage(run, 5).value_or(""), HasSubstr("an earlier end"));
  const std::string good = summary_of(run);
  for (const char* name : {"sample.txt", "ledger.json"})
    with_flipped_bits(run.file(name), 1, [&](std::size_t bit) {
      EXPECT_THAT(results_damage(run, 4).value_or(""), HasSubstr(name)) << bit;
    });
  // Between its members a space may become another kind of space; then nothing is damaged.
  with_flipped_bits(run.file("summary.json"), 1, [&](std::size_t bit) {
    const auto damage = results_damage(run, 4);
    if (damage) {
      EXPECT_THAT(*damage, HasSubstr(".json: it is ")) << bit;
    } else {
      EXPECT_EQ(summary_of(run), good) << bit;
    }
  });
}

TEST(RunDirectory, ResultsThatARunDoesNotHaveAnyMoreAreRemoved) {
  const TestFolder folder;
  const RunDirectory run = RunDirectory::create(folder / "run");
  (void)write_results(run, {.sample = "x", .ledger = "{}", .summary = {{"steps", 1}}});
  (void)write_results(run, {.sample = {}, .ledger = {}, .summary = {{"steps", 2}}});
  EXPECT_EQ(names_in(run.path()), (std::set<std::string>{"checkpoints", "summary.json"}));
  EXPECT_EQ(results_damage(run, 2), std::nullopt);
}

TEST(RunDirectory, WhatAKillLeftUndoneAtASaveIsDoneBeforeTheRunGoesOn) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  Checkpoint c = made_up(1);
  c.validation_loss = 2.0F;
  for (std::uint64_t step = 1; step <= 3; ++step) {
    c.step = step;
    (void)run.save(c);
  }
  // Written, but neither `latest` nor `best` nor what is to be removed was got to.
  c.step = 4;
  c.validation_loss = c.best_validation_loss;
  write_checkpoint(run.file("checkpoints") / "step-4.safetensors", c);
  write_text_atomically(run.file("checkpoints") / ".isobar-1-1.tmp", "half");
  run.remove_left_overs();
  run.settle(run.find_latest());
  EXPECT_EQ(names_in(run.file("checkpoints")),
            (std::set<std::string>{"best", "latest", "step-3.safetensors", "step-4.safetensors"}));
  for (const char* name : {"latest", "best"})
    EXPECT_EQ(unseal(read_text(run.file("checkpoints") / name)).body, "step-4.safetensors\n");
}

TEST(RunDirectory, ADamagedCheckpointDoesNotCountAsOneOfTheLastTwo) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  for (const std::uint64_t step : {1U, 2U, 5U}) (void)run.save(made_up(step));
  write_text_atomically(run.file("checkpoints") / "step-5.safetensors", "x");
  run.settle(run.find_latest());
  (void)run.save(made_up(4));
  EXPECT_EQ(run.load_latest().checkpoint.step, 4U);
  write_text_atomically(run.file("checkpoints") / "step-4.safetensors", "x");
  EXPECT_EQ(run.load_latest().checkpoint.step, 2U);
}

TEST(RunDirectory, ARunKilledBeforeItsSettingsWereWrittenCanBeStartedAgain) {
  const TestFolder folder;
  const fs::path path = folder / "run";
  (void)RunDirectory::create(path);
  write_text_atomically(path / "lock", "process 1");
  write_text_atomically(path / ".isobar-1-1.tmp", "half");
  EXPECT_THAT(error_of([&] { (void)RunDirectory::open(path); }),
              AllOf(HasSubstr("before its settings were written"), HasSubstr("--run-dir")));
  EXPECT_EQ(RunDirectory::create(path).path(), path);
  write_text_atomically(path / "somebody's.txt", "x");
  EXPECT_THAT(error_of([&] { (void)RunDirectory::create(path); }), HasSubstr("not empty"));
}

TEST(RunDirectory, OfAnotherVersionIsLeftAsItIs) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  (void)run.save(made_up(1));
  write_safetensors(run.file("checkpoints") / "step-2.safetensors",
                    {{}, {{"format", "isobar-checkpoint-1"}}});
  EXPECT_THAT(error_of([&] { (void)run.find_latest(); }), HasSubstr("an older Isobar wrote it"));
}

TEST(RunDirectory, HasOneMasterAtATime) {
  const TestFolder folder;
  {
    const RunLock lock(folder.path());
    EXPECT_THAT(lock.killed_holder(), IsEmpty());
    EXPECT_THAT(error_of([&] { const RunLock second(folder.path()); }),
                AllOf(HasSubstr("another process works on this run"),
                      HasSubstr(fmt::format("process {} on ", ::getpid()))));
  }
  const RunLock again(folder.path());
  EXPECT_THAT(again.killed_holder(), IsEmpty()) << "the one before ended properly";
}

TEST(RunDirectory, TheLockOfAProcessThatWasKilledIsSeenToBeStale) {
  const TestFolder folder;
  write_text_atomically(folder / "lock", "process 12 on a host\n");
  EXPECT_EQ(RunLock(folder.path()).killed_holder(), "process 12 on a host");
  EXPECT_THAT(read_text(folder / "lock"), IsEmpty());
}

}  // namespace
}  // namespace isobar::train
