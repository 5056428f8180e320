// metrics.jsonl: what a line holds, and that no step stands in it twice.
#include "train/run/metrics.h"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file/file.h"
#include "train/run/checksum.h"
#include "train/testing/test_folder.h"

namespace isobar::train {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

StepRecord record(std::uint64_t step) {
  return {.step = step,
          .train_loss = 2.5F,
          .tokens_per_s = 1000.04,
          .gradient_norm = 0.1F,
          .learning_rate = 1e-4F};
}

TEST(Metrics, ALineHoldsEachValueOnce) {
  StepRecord r = record(7);
  const std::string body = R"({"step":7,"train_loss":2.5,"tokens_per_s":1000.0,"device_ms":null,)"
                           R"("grad_norm":0.1,"learning_rate":0.0001)";
  EXPECT_EQ(to_json(r), body + R"(,"checksum":")" + checksum_of(body) + "\"}");
  r.validation_loss = 2.25F;
  r.device_ms = 0.5;
  const auto json = nlohmann::json::parse(to_json(r));
  EXPECT_EQ(json["val_loss"], 2.25);
  EXPECT_EQ(json["device_ms"], 0.5);
  EXPECT_EQ(json["learning_rate"], 1e-4);
}

TEST(Metrics, WhatIsNotFiniteIsNull) {
  StepRecord r = record(7);
  r.train_loss = NAN;
  r.gradient_norm = INFINITY;
  const auto json = nlohmann::json::parse(to_json(r));
  EXPECT_TRUE(json["train_loss"].is_null());
  EXPECT_TRUE(json["grad_norm"].is_null());
}

TEST(Metrics, AResumedRunCutsWhatCameAfterItsCheckpoint) {
  const TestFolder folder;
  const auto path = folder / "metrics.jsonl";
  {
    MetricsFile file(path, 0);
    for (std::uint64_t step = 1; step <= 5; ++step) file.append(record(step));
  }
  const std::string whole = read_text(path);
  {
    MetricsFile file(path, 3);
    for (std::uint64_t step = 4; step <= 5; ++step) file.append(record(step));
  }
  EXPECT_EQ(read_text(path), whole);
}

TEST(Metrics, ALineThatACrashCutShortIsRemoved) {
  const TestFolder folder;
  const auto path = folder / "metrics.jsonl";
  const std::string good = to_json(record(1)) + "\n" + to_json(record(2)) + "\n";
  for (const std::string& rest : {to_json(record(3)), std::string(R"({"step":3,"tra)"),
                                  std::string("\0\0\0\n", 4), std::string("[]\n")}) {
    write_text_atomically(path, good + rest);
    const MetricsFile file(path, 2);
    EXPECT_EQ(read_text(path), good) << rest;
    EXPECT_TRUE(file.damage().empty()) << rest;
  }
}

TEST(Metrics, StepsThatAreMissingAreNamed) {
  const TestFolder folder;
  const auto path = folder / "metrics.jsonl";
  write_text_atomically(path, to_json(record(1)) + "\nx\n" + to_json(record(4)) + "\n");
  const MetricsFile file(path, 6);
  EXPECT_THAT(file.damage(),
              ElementsAre(HasSubstr("metrics.jsonl:2: damaged (the checksum differs): the steps 2 "
                                    "to 3 are missing from it"),
                          HasSubstr("metrics.jsonl: the steps 5 to 6 are missing from it")));
}

TEST(Metrics, TheChecksumIsThePublishedFunction) {
  // Test vectors of the FNV reference code (FNV-1a, 64 bits).
  EXPECT_EQ(checksum_of(""), "cbf29ce484222325");
  EXPECT_EQ(checksum_of("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(checksum_of("foobar"), "85944171f73967e8");
}

TEST(Metrics, AFullDiskIsAnErrorThatNamesTheFile) {
  MetricsFile file("/dev/full", 0);
  EXPECT_THAT(error_of([&] { file.append(record(1)); }),
              HasSubstr("/dev/full: cannot be written: No space left on device"));
}

}  // namespace
}  // namespace isobar::train
