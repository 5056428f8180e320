// The timeline file as a reader of the Trace Event Format sees it.
#include "device/views/trace_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/temporary_folder.h"
#include "device/trouble.h"

namespace isobar::device {
namespace {

using nlohmann::json;

class TraceFileTest : public testing::Test {
 protected:
  /// One launch of two work-groups with a warp each on core 3, at 1 GHz.
  static void a_launch(TraceFile& trace, std::uint64_t begin) {
    trace.warp(3, {0, 7, begin + 100, begin + 600, true});
    trace.work_group(3, 7, {begin + 100, begin + 600});
    trace.warp(3, {1, 8, begin + 100, begin + 700, true});
    trace.work_group(3, 8, {begin + 100, begin + 700});
    trace.pipes(3, {begin, begin + 512}, {0.25, 0, 1, 0, 0, 0.125, 0});
    trace.channel(5, {begin, begin + 512}, 0.5, 12);
    trace.launch("k<\"quoted\">", Picoseconds(begin * 1000), Picoseconds((begin + 800) * 1000), {});
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "trace.json"; }
  [[nodiscard]] json read() const { return json::parse(read_text(path())); }

  TemporaryFolder folder_{"isobar-trace-test"};
};

TEST_F(TraceFileTest, HasATrackForTheQueueEveryWarpPlaceThePipesAndTheChannels) {
  TraceFile trace(path(), 1_MiB, Hertz(1e9));
  a_launch(trace, 0);
  const json all = read();
  std::map<std::string, json> by_name;
  for (const json& event : all.at("traceEvents")) by_name[event.at("name")] = event;
  EXPECT_EQ(by_name.at("k<\"quoted\">").at("dur"), 0.8) << "microseconds";
  EXPECT_EQ(by_name.at("work-group 8").at("ts"), 0.1);
  EXPECT_EQ(by_name.at("work-group 8").at("dur"), 0.6);
  EXPECT_NE(by_name.at("work-group 7").at("tid"), by_name.at("work-group 8").at("tid"));
  EXPECT_EQ(by_name.at("pipes busy %").at("args").at("single"), 100.0);
  EXPECT_EQ(by_name.at("pipes busy %").at("pid"), by_name.at("work-group 8").at("pid"));
  EXPECT_EQ(by_name.at("channel 5 bus %").at("args").at("busy"), 50.0);
  EXPECT_EQ(by_name.at("channel 5 rows opened").at("args").at("rows"), 12);
}

/// What a reader makes of a slice: it adds the two as floating point numbers.
struct Slice {
  double begin = 0, duration = 0, end = 0;
};

// speedscope (1.25, its importer of trace events) nests a slice that begins before the end of the
// one before it; the three launches of ../shared/cases/kernels/speedscope-joined.json are such.
TEST_F(TraceFileTest, SlicesThatTouchDoNotOverlapForAReaderThatAddsFloatingPointNumbers) {
  TraceFile trace(path(), 16_MiB, Hertz(1.6e9));
  std::uint64_t clock = 483'760'379, seed = 1;
  for (int i = 0; i < 5'000; ++i) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    const std::uint64_t end = clock + (i == 0 ? 2'180'706 : i == 1 ? 2'144'250 : seed >> 41U);
    trace.launch("k", Picoseconds(clock), Picoseconds(end), {});
    trace.warp(0, {0, 1, clock / 625, end / 625, true});
    clock = end;
  }
  const json all = read();
  std::map<std::pair<int, int>, std::vector<Slice>> tracks;
  for (const json& event : all.at("traceEvents"))
    if (event.at("ph") == "X")
      tracks[{event.at("pid"), event.at("tid")}].push_back(
          {event.at("ts"), event.at("dur"),
           event.at("ts").get<double>() + event.at("dur").get<double>()});
  ASSERT_EQ(tracks.size(), 2U);
  for (const auto& [track, slices] : tracks) {
    const double first = slices.front().begin;
    for (std::size_t i = 1; i < slices.size(); ++i) {
      ASSERT_LE(slices[i - 1].end, slices[i].begin) << i;
      ASSERT_LE(slices[i - 1].begin - first + slices[i - 1].duration, slices[i].begin - first) << i;
      ASSERT_LT(slices[i].begin - slices[i - 1].end, 1e-5) << "shorter by picoseconds only";
    }
  }
}

// A training step's samples: four cores and eight channels, busy all the time.
TEST_F(TraceFileTest, SamplesTakeHalfOfTheFileAndReachToItsEnd) {
  constexpr std::uint64_t kCycles = 40'000'000;
  TraceFile trace(path(), 2_MiB, Hertz(1e9));
  for (std::uint64_t cycle = 0; cycle < kCycles; cycle += 512) {
    for (std::uint32_t core = 0; core < 4; ++core)
      trace.pipes(core, {cycle, cycle + 512}, {0.25, 0, 0.5, 0, 0, 0.125, 0});
    for (std::uint32_t channel = 0; channel < 8; ++channel)
      trace.channel(channel, {cycle, cycle + 512}, 0.75, 12);
  }
  for (std::uint64_t i = 0; i < 1000; ++i)
    trace.launch("k", Picoseconds(i * 40'000'000), Picoseconds((i + 1) * 40'000'000), {});
  EXPECT_FALSE(trace.is_full());
  const json all = read();
  double last = 0;
  std::size_t launches = 0, samples = 0;
  for (const json& event : all.at("traceEvents")) {
    launches += event.at("ph") == "X" ? 1 : 0;
    if (event.at("ph") != "C") continue;
    ++samples;
    if (event.at("name") != "pipes busy %" || event.at("ts") == 0) continue;
    last = std::max(last, event.at("ts").get<double>());
    const double single = event.at("args").at("single");
    ASSERT_NEAR(single, 50, 0.05) << "a mean over a window, printed to a tenth";
  }
  EXPECT_EQ(launches, 1000U);
  EXPECT_GT(samples, 5000U);
  EXPECT_GT(last, 0.3 * kCycles * 1e-3) << "microseconds: the last window begins far into the run";
}

TEST_F(TraceFileTest, IsCompleteJsonAfterEveryLaunch) {
  TraceFile trace(path(), 1_MiB, Hertz(1e9));
  EXPECT_EQ(read().at("traceEvents").size(), 2U) << "the queue has a name";
  std::size_t before = 2;
  for (std::uint64_t i = 0; i < 5; ++i) {
    a_launch(trace, 1000 * i);
    const std::size_t now = read().at("traceEvents").size();
    EXPECT_GT(now, before);
    before = now;
  }
}

TEST_F(TraceFileTest, StopsAtItsLimitSaysSoAndStaysValid) {
  constexpr Bytes kLimit = 8_KiB;
  TraceFile trace(path(), kLimit, Hertz(1e9));
  testing::internal::CaptureStderr();
  for (std::uint64_t i = 0; i < 1000; ++i) a_launch(trace, 1000 * i);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("--trace-limit"), std::string::npos);
  EXPECT_TRUE(trace.is_full());
  EXPECT_LE(std::filesystem::file_size(path()), kLimit.count());
  const json all = read();
  const json& last = all.at("traceEvents").back();
  EXPECT_EQ(last.at("name"), "the trace is full");
  EXPECT_GT(last.at("ts"), 1.0) << "at the place";
}

TEST_F(TraceFileTest, LeavesAnotherProcesssFileAlone) {
  const TraceFile first(path(), 1_MiB, Hertz(1e9));
  const TraceFile second(path(), 1_MiB, Hertz(1e9));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 2);
  EXPECT_THROW(TraceFile(folder_ / "absent" / "t.json", 1_MiB, Hertz(1e9)), UserError);
}

TEST_F(TraceFileTest, WhatIsNotPlainIsWrittenAndStays) {
  const std::filesystem::path fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const Descriptor reader(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK));
  {
    TraceFile trace(fifo, 1_MiB, Hertz(1e9));
    a_launch(trace, 0);
  }
  std::string got(100'000, '\0');
  const ssize_t size = ::read(reader.value(), got.data(), got.size());
  ASSERT_GT(size, 0);
  EXPECT_GT(json::parse(got.substr(0, static_cast<std::size_t>(size))).at("traceEvents").size(),
            2U);
  EXPECT_TRUE(std::filesystem::is_fifo(fifo));
}

TEST_F(TraceFileTest, OnAFullDiskItIsWholeUpToThereAndTheLossIsReported) {
  expect_trouble();
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{10'000, 10'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);  // SIGXFSZ stays as it is: it would end this process
    TraceFile trace(path(), 1_MiB, Hertz(1e9));
    for (std::uint64_t i = 0; i < 100; ++i) a_launch(trace, 1000 * i);
    ::_exit(trace.is_full() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_GT(read().at("traceEvents").size(), 10U);
  EXPECT_EQ(noted_trouble(),
            "the trace " + path().string() +
                ": cannot be written: File too large (it is whole up to here; what "
                "follows is left out)\n");
}

}  // namespace
}  // namespace isobar::device
