// The public interface as a stranger uses it: through the shared library and include/isobar alone.
// Results are held against the host's arithmetic, capacities against the chip's figures, and what
// must be refused against the name of what is wrong in the message. That the numbers are the
// command's is tests/package/installed_api.sh's affair.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <regex>

#include "isobar/isobar.h"

namespace {

using isobar::ErrorKind;
using testing::AllOf;
using testing::HasSubstr;

constexpr char kScale[] = R"(
kernel void scale(global float* data, float factor) {
  data[get_global_id(0)] *= factor;
}
kernel void shift(global int* data, local int* scratch, int4 by) {
  size_t i = get_global_id(0), l = get_local_id(0);
  scratch[get_local_size(0) - 1 - l] = data[i];
  barrier(CLK_LOCAL_MEM_FENCE);
  data[i] = scratch[l] + by.x + by.w;
}
kernel void wild(global int* data) { data[get_global_id(0) + 100000] = 1; }
kernel void say(global int* data) { printf("item %d\n", data[0]); }
kernel __attribute__((reqd_work_group_size(8, 1, 1))) void eight(global int* data) { data[0] = 1; }
)";

/// What the call throws; fails where it throws nothing or something else.
template <class Call>
std::string refusal(ErrorKind kind, const Call& call) {
  try {
    call();
  } catch (const isobar::Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "not an isobar::Error: " << error.what();
    return {};
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// What the command of this build prints, where it is built.
std::string command(const std::string& arguments) {
  const std::string line = "LC_ALL=C.UTF-8 " ISOBAR_BUILD_DIR "/bin/isobar " + arguments;
  FILE* pipe = ::popen(line.c_str(), "r");
  std::string text;
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0) << line;
  return text;
}

std::vector<float> ramp(std::size_t count) {
  std::vector<float> data(count);
  std::iota(data.begin(), data.end(), 0.0F);
  return data;
}

class PublicChip : public testing::TestWithParam<isobar::Fidelity> {};

TEST_P(PublicChip, ComputesAndChargesAllOfItsCapacity) {
  const isobar::Chip chip("isobar-nano", {.fidelity = GetParam()});
  const isobar::Buffer data = chip.buffer(ramp(1000));
  const isobar::Program program = chip.build(kScale);
  const isobar::Launch launch = program.launch("scale", {.global = {1000}}, {data, 3.0F});
  const std::vector<float> result = data.read<float>();
  ASSERT_EQ(result.size(), 1000U);
  for (std::size_t i = 0; i < result.size(); ++i)
    ASSERT_EQ(result[i], 3.0F * static_cast<float>(i));

  EXPECT_EQ(launch.counts.work_items, 1000U);
  EXPECT_EQ(launch.counts.flops_fp32, 1000U);
  EXPECT_EQ(launch.counts.global_load_bytes, 4000U);
  EXPECT_EQ(launch.counts.global_store_bytes, 4000U);
  const isobar::ChipFigures figures = chip.figures();
  if (GetParam() == isobar::Fidelity::kFunctional) {
    EXPECT_EQ(launch.cycles, 0U);
    EXPECT_EQ(launch.ledger.unit, "ps");
    EXPECT_NEAR(launch.seconds * 1e12, static_cast<double>(launch.ledger.capacity), 0.5);
  } else {
    EXPECT_EQ(launch.ledger.unit, "lane-slots");
    EXPECT_EQ(launch.ledger.capacity,
              launch.cycles * figures.cores * figures.schedulers * figures.lanes);
    EXPECT_NEAR(launch.seconds * figures.clock_hz, static_cast<double>(launch.cycles), 1.0);
  }
  EXPECT_EQ(launch.ledger.unattributed(), 0);
  double sum = 0;
  for (const isobar::Cause& cause : launch.ledger.causes) sum += *launch.ledger.share(cause.name);
  EXPECT_NEAR(sum, 1, 1e-12);
}
INSTANTIATE_TEST_SUITE_P(AtEachFidelity, PublicChip,
                         testing::Values(isobar::Fidelity::kFunctional, isobar::Fidelity::kSampled,
                                         isobar::Fidelity::kTimed));

TEST(PublicChip, TwoChipsAtOnceAreTwoMachines) {
  const isobar::Chip nano("isobar-nano", {.fidelity = isobar::Fidelity::kTimed});
  const isobar::Chip large("isobar-1", {.fidelity = isobar::Fidelity::kTimed});
  EXPECT_LT(nano.figures().cores, large.figures().cores);
  const auto run = [](const isobar::Chip& chip) {
    const isobar::Buffer data = chip.buffer(ramp(65536));
    return chip.build(kScale).launch("scale", {.global = {65536}, .local = {64}}, {data, 2.0F});
  };
  EXPECT_GT(run(nano).cycles, run(large).cycles);
  const isobar::Buffer elsewhere = large.buffer(64);
  EXPECT_THAT(
      refusal(ErrorKind::kRequest,
              [&] { (void)nano.build(kScale).launch("say", {.global = {1}}, {elsewhere}); }),
      HasSubstr("another chip"));
}

TEST(PublicChip, HandlesOutliveTheChipThatMadeThem) {
  auto make = [] {
    const isobar::Chip chip("isobar-nano", {.fidelity = isobar::Fidelity::kFunctional});
    return std::pair{chip.build(kScale), chip.buffer(ramp(64))};
  };
  const auto [program, data] = make();
  (void)program.launch("scale", {.global = {64}}, {data, 2.0F});
  EXPECT_EQ(data.read<float>()[63], 126.0F);
}

TEST(PublicChip, LocalMemoryVectorsAndPrintfArriveAsTheKernelDeclaresThem) {
  const isobar::Chip chip("isobar-nano", {.fidelity = isobar::Fidelity::kFunctional});
  const isobar::Program program = chip.build(kScale);
  EXPECT_THAT(program.kernels(), testing::ElementsAre("scale", "shift", "wild", "say", "eight"));
  std::vector<int> numbers(32);
  std::iota(numbers.begin(), numbers.end(), 0);
  const isobar::Buffer data = chip.buffer(numbers);
  const std::array<int, 4> by{100, 0, 0, 1000};
  (void)program.launch("shift", {.global = {32}, .local = {16}},
                       {data, isobar::LocalMemory{16 * sizeof(int)}, by});
  for (int i = 0; i < 32; ++i)
    ASSERT_EQ(data.read<int>()[static_cast<std::size_t>(i)], i / 16 * 16 + 15 - i % 16 + 1100);
  EXPECT_EQ(program.launch("say", {.global = {1}}, {data}).printed, "item 1115\n");
}

TEST(PublicChip, BuffersRefuseWhatLiesOutsideThem) {
  const isobar::Chip chip("isobar-nano");
  isobar::Buffer data = chip.buffer(16);
  EXPECT_THAT(data.read<int>(), testing::Each(0));
  data.write(std::vector<int>{7}, 12);
  EXPECT_EQ(data.read<int>()[3], 7);
  const auto write = [&](std::uint64_t offset) {
    return [&data, offset] { data.write(std::vector<int>{1}, offset); };
  };
  EXPECT_THAT(refusal(ErrorKind::kRequest, write(13)), HasSubstr("buffer of 16 bytes"));
  EXPECT_THAT(refusal(ErrorKind::kRequest, write(~0ULL - 1)), HasSubstr("buffer of 16 bytes"));
  EXPECT_THAT(refusal(ErrorKind::kRequest, [&] { (void)chip.buffer(0); }), HasSubstr("0 bytes"));
  EXPECT_THAT(refusal(ErrorKind::kRequest, [&] { (void)chip.buffer(1ULL << 50U); }),
              HasSubstr("does not fit"));
}

TEST(PublicChip, MemoryComesBackWithTheLastHandle) {
  const isobar::Chip chip("isobar-nano");
  const std::uint64_t half = chip.figures().memory_bytes / 2;
  for (int i = 0; i < 5; ++i) (void)chip.buffer(half + 4096);
}

TEST(PublicChip, WhatDoesNotFitAKernelIsRefusedByName) {
  const isobar::Chip chip("isobar-nano", {.fidelity = isobar::Fidelity::kFunctional});
  const isobar::Program program = chip.build(kScale);
  const isobar::Buffer data = chip.buffer(4096);
  const auto refused = [&](const char* kernel, const isobar::Range& range,
                           const std::vector<isobar::Argument>& arguments) {
    return refusal(ErrorKind::kRequest, [&] { (void)program.launch(kernel, range, arguments); });
  };
  EXPECT_THAT(refused("scales", {.global = {8}}, {}), HasSubstr("no kernel scales"));
  EXPECT_THAT(refused("scale", {.global = {8}}, {data}), HasSubstr("takes 2 arguments"));
  EXPECT_THAT(refused("scale", {.global = {8}}, {data, 2.0}),
              AllOf(HasSubstr("argument 1 (float"), HasSubstr("4 bytes, but 8")));
  EXPECT_THAT(refused("scale", {.global = {8}}, {data, data}), HasSubstr("a buffer is given"));
  EXPECT_THAT(refused("scale", {.global = {8}}, {1, 2.0F}), HasSubstr("give an isobar::Buffer"));
  EXPECT_THAT(refused("shift", {.global = {8}}, {data, 1, std::array<int, 4>{}}),
              HasSubstr("LocalMemory"));
  EXPECT_THAT(refused("shift", {.global = {8}},
                      {data, isobar::LocalMemory{1ULL << 40U}, std::array<int, 4>{}}),
              HasSubstr("core.local_memory"));
  EXPECT_THAT(refused("scale", {}, {data, 2.0F}), HasSubstr("1 to 3 dimensions"));
  EXPECT_THAT(refused("scale", {.global = {8, 0}}, {data, 2.0F}),
              HasSubstr("empty in dimension 1"));
  EXPECT_THAT(refused("scale", {.global = {1ULL << 40U, 1ULL << 40U}}, {data, 2.0F}),
              HasSubstr("2^64"));
  EXPECT_THAT(refused("scale", {.global = {8}, .local = {4, 4}}, {data, 2.0F}),
              HasSubstr("`local` has 2 dimensions"));
  EXPECT_THAT(refused("scale", {.global = {10}, .local = {4}}, {data, 2.0F}),
              HasSubstr("no whole number of work-groups"));
  EXPECT_THAT(refused("scale", {.global = {1 << 20U}, .local = {1 << 20U}}, {data, 2.0F}),
              HasSubstr("work-group of 1048576"));
  EXPECT_THAT(refused("eight", {.global = {16}, .local = {4}}, {data}), HasSubstr("8 x 1 x 1"));
  // The same range is right where the language allows smaller groups at the edge.
  const isobar::Program modern = chip.build(kScale, "-cl-std=CL3.0");
  EXPECT_EQ(modern.launch("scale", {.global = {10}, .local = {4}}, {data, 2.0F}).counts.work_items,
            10U);
}

TEST(PublicChip, AKernelThatGoesAstrayIsDiagnosed) {
  const isobar::Chip chip("isobar-nano", {.fidelity = isobar::Fidelity::kFunctional});
  const isobar::Program program = chip.build(kScale, {}, "stray.cl");
  const isobar::Buffer data = chip.buffer(64);
  EXPECT_THAT(
      refusal(ErrorKind::kKernel, [&] { (void)program.launch("wild", {.global = {1}}, {data}); }),
      AllOf(HasSubstr("wild"), HasSubstr("stray.cl:11")));
  // And the chip works on.
  (void)program.launch("say", {.global = {1}}, {data});
}

TEST(PublicChip, NamesAndSourcesThatAreWrongAreAnswered) {
  EXPECT_THAT(refusal(ErrorKind::kRequest, [] { isobar::Chip("isobar-nanu"); }),
              HasSubstr("did you mean isobar-nano"));
  EXPECT_THAT(refusal(ErrorKind::kRequest, [] { isobar::Chip("h100"); }),
              HasSubstr("without a machine to simulate"));
  EXPECT_THAT(
      refusal(ErrorKind::kRequest, [] { isobar::Chip("isobar-nano", {.time_limit_seconds = -1}); }),
      HasSubstr("time_limit_seconds"));
  const isobar::Chip chip("isobar-nano");
  EXPECT_THAT(
      refusal(ErrorKind::kRequest, [&] { (void)chip.build("kernel void a( {}", {}, "mine.cl"); }),
      AllOf(HasSubstr("mine.cl:1"), HasSubstr("error")));
  EXPECT_THAT(refusal(ErrorKind::kRequest,
                      [&] { (void)chip.build("kernel void a() {}", "--no-such-option"); }),
              HasSubstr("--no-such-option"));
}

TEST(PublicExplain, ExplainsATraceAndAddsUp) {
  const isobar::Explanation e =
      isobar::explain_trace({.traces = {ISOBAR_SOURCE_DIR "/src/explain/samples/cuda.json"}});
  ASSERT_TRUE(e.mfu.has_value());
  EXPECT_EQ(e.ledger.unattributed(), 0);
  // Nothing in this sample is credited, so the useful share is the MFU.
  EXPECT_NEAR(*e.ledger.share("useful model arithmetic"), *e.mfu, 1e-6);
  EXPECT_EQ(e.ledger.share("no such cause"), std::nullopt);
  EXPECT_FALSE(e.advice.empty());
  EXPECT_TRUE(std::ranges::is_sorted(e.advice, std::greater{}, &isobar::Advice::gain_seconds));
  for (const isobar::Advice& each : e.advice) EXPECT_LE(each.gain_seconds, e.step_seconds);
}

TEST(PublicExplain, SaysWhatTheCommandSays) {
  const std::string trace = ISOBAR_SOURCE_DIR "/src/explain/samples/cuda.json";
  const isobar::Explanation e = isobar::explain_trace({.traces = {trace}});
  EXPECT_EQ(e.text, command("explain " + trace));
  EXPECT_EQ(e.json + "\n", command("explain --json " + trace));
}

TEST(PublicExplain, RequestsThatDoNotFitTogetherAreRefused) {
  const std::string trace = ISOBAR_SOURCE_DIR "/src/explain/samples/cuda.json";
  const auto refused = [](const isobar::ExplainRequest& request) {
    return refusal(ErrorKind::kRequest, [&] { (void)isobar::explain_trace(request); });
  };
  EXPECT_THAT(refused({}), HasSubstr("traces is empty"));
  EXPECT_THAT(refused({.traces = {"/nowhere.json"}}), HasSubstr("/nowhere.json"));
  EXPECT_THAT(refused({.traces = {trace}, .tokens = 5}), HasSubstr("only with `model`"));
  EXPECT_THAT(refused({.traces = {trace}, .chips = 5}), HasSubstr("chips counts only"));
  EXPECT_THAT(refused({.traces = {trace}, .step = 12345}), HasSubstr("12345"));
}

TEST(PublicPlan, PlansAndAddsUp) {
  isobar::PlanRequest request{.model = "gpt3-1.3b", .chip = "h100", .chips = 16, .batch = 64};
  request.fixed.tensor = 2;
  request.tokens = 1e9;
  const isobar::Plan plan = isobar::plan_training(request);
  ASSERT_FALSE(plan.layouts.empty());
  EXPECT_EQ(plan.ledger.unattributed(), 0);
  for (const isobar::PlannedLayout& row : plan.layouts) {
    const isobar::Degrees& d = row.degrees;
    EXPECT_EQ(d.tensor, 2U);
    EXPECT_EQ(d.tensor * d.pipeline * d.data * d.context, 16U) << row.description;
    EXPECT_LE(row.low_seconds, row.step_seconds);
    EXPECT_GE(row.high_seconds, row.step_seconds);
  }
  ASSERT_TRUE(plan.run.has_value());
  // Steps x step time is the part of the days that counts.
  const double steps = 1e9 / (64.0 * plan.sequence);
  EXPECT_NEAR(plan.run->days * 86400 * plan.run->goodput, steps * plan.layouts.front().step_seconds,
              1e-6 * plan.run->days * 86400);
  EXPECT_NEAR(plan.run->chip_hours, plan.run->days * 24 * 16, 1e-6 * plan.run->chip_hours);
}

TEST(PublicPlan, SaysWhatTheCommandSays) {
  const isobar::Plan plan = isobar::plan_training(
      {.model = "gpt3-1.3b", .chip = "h100", .chips = 16, .batch = 64, .runners_up = 2});
  const std::string options = "plan -m gpt3-1.3b -c h100 -n 16 --batch 64 --runners-up 2";
  EXPECT_EQ(plan.json, command(options + " --json"));
  // How long the search took is another matter each time.
  const auto timeless = [](const std::string& text) {
    return std::regex_replace(text, std::regex("candidates in [0-9.]+ s"), "candidates in ? s");
  };
  EXPECT_EQ(timeless(plan.text), timeless(command(options)));
}

TEST(PublicPlan, RequestsThatCannotBeAreRefused) {
  const auto refused = [](const isobar::PlanRequest& request) {
    return refusal(ErrorKind::kRequest, [&] { (void)isobar::plan_training(request); });
  };
  EXPECT_THAT(refused({}), HasSubstr("model is empty"));
  EXPECT_THAT(refused({.model = "gpt2", .chip = "h101", .chips = 8}), HasSubstr("h100"));
  EXPECT_THAT(refused({.model = "deepseek-v3", .chip = "h100", .chips = 8, .batch = 64}),
              HasSubstr("GB"));
  isobar::PlanRequest data{.model = "gpt2", .chip = "h100", .chips = 8, .batch = 64};
  data.fixed.data = 8;
  EXPECT_THAT(refused(data), HasSubstr("fixed.data"));
  data.fixed = {.pipeline = 1, .virtual_stages = 2};
  EXPECT_THAT(refused(data), HasSubstr("virtual_stages"));
  data.fixed = {};
  data.tokens = -1;
  EXPECT_THAT(refused(data), HasSubstr("tokens"));
}

TEST(PublicVersion, TheLibraryAndItsHeadersAgree) {
  EXPECT_EQ(isobar::library_version(), ISOBAR_VERSION_TEXT);
  EXPECT_EQ(ISOBAR_VERSION_NUMBER,
            ISOBAR_VERSION_MAJOR * 10000 + ISOBAR_VERSION_MINOR * 100 + ISOBAR_VERSION_PATCH);
}

}  // namespace
