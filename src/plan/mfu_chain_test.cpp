// The chain from a layer's utilisation to the run's, and DeepSeek-V3 as published: its profiler
// trace at the top (deepseek-ai/profile-data: four layers with experts, forward and backward,
// evenly routed), its step and its chip-hours at the bottom (arXiv:2505.09343, table 4;
// arXiv:2412.19437, table 1). The run was not fitted.
#include "plan/mfu_chain.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "ledger/training_ledger.h"
#include "plan/deepseek_request.h"
#include "plan/report/plan_ledger.h"
#include "plan/report/plan_report.h"

namespace isobar::plan {
namespace {

const Plan& deepseek() {
  static const Plan plan = make_plan(deepseek_request(), calibrated_coefficients());
  return plan;
}

void expect_exact(const Plan& plan) {
  const auto chain = mfu_chain(plan, plan.layouts.front());
  double seconds = 0;
  double points = chain.front().mfu;
  for (const ChainLink& link : chain) {
    seconds += link.seconds;
    points += link.points;
  }
  double expected = plan.layouts.front().candidate.step.seconds;
  if (plan.duration) expected /= plan.duration->shares.goodput;
  EXPECT_NEAR(seconds, expected, 1e-9 * expected);
  EXPECT_NEAR(points, chain.back().mfu, 1e-12);
}

TEST(MfuChain, AddsUpToTheRunExactly) {
  expect_exact(deepseek());
  PlanRequest dense;
  dense.model = "llama-3-8b";
  dense.chip = "h100";
  dense.chips = 64;
  dense.batch = 128;
  expect_exact(make_plan(dense, calibrated_coefficients()));
}

TEST(MfuChain, TableChainAndLedgerHaveOneMfu) {
  for (const auto attention :
       {model::AttentionConvention::kCausal, model::AttentionConvention::kFull})
    for (const bool narrow : {false, true}) {
      PlanRequest request = deepseek_request();  // fp8, multi-token prediction
      request.attention = attention;
      if (!narrow) {
        request = {};
        request.model = "gpt3-175b";
        request.chip = "a100-80gb";
        request.chips = 64;
        request.fixed.context = 1;
        request.attention = attention;
      }
      const Plan plan = make_plan(request, calibrated_coefficients());
      const PlannedLayout& best = plan.layouts.front();
      for (const ChainLink& link : mfu_chain(plan, best))
        if (link.cause == kLastOfStep) EXPECT_NEAR(link.mfu, best.mfu, 1e-12);
      const PlanLedger ledger = plan_ledger(plan, best);
      EXPECT_TRUE(ledger.ledger.is_exact());
      double useful = static_cast<double>(ledger.credited);
      for (const ledger::Cause& cause : ledger.ledger.root().children)
        if (cause.name == ledger::kUseful) useful += static_cast<double>(cause.total());
      EXPECT_NEAR(useful / static_cast<double>(ledger.ledger.capacity()), best.mfu, 1e-9);
      EXPECT_GE(best.hfu, best.mfu);
    }
}

TEST(MfuChain, StepsOfAnyLengthHaveAnExactLedger) {
  PlanRequest request;
  request.model = "llama-3-8b";
  request.chip = "a100-80gb";
  request.chips = 64;
  request.batch = 64;
  request.runners_up = 0;
  Plan plan = make_plan(request, calibrated_coefficients());
  PlannedLayout row = plan.layouts.front();
  const double short_step = row.candidate.step.seconds;
  // Up to 2 x 10^18 chip-seconds: 10 M chips for 6,000 years.
  for (const double longer : {1.0, 1e4, 1e6, 1e9, 1e12, 1e15}) {
    row.candidate.step.seconds = longer * short_step;
    row.candidate.step.parts = plan.layouts.front().candidate.step.parts * longer;
    const PlanLedger ledger = plan_ledger(plan, row);
    EXPECT_TRUE(ledger.ledger.is_exact()) << longer;
    const std::string& unit = ledger.ledger.convention().unit;
    const double per_second = unit.starts_with("ps")   ? 1e12
                              : unit.starts_with("ns") ? 1e9
                              : unit.starts_with("us") ? 1e6
                              : unit.starts_with("ms") ? 1e3
                                                       : 1;
    const double chip_seconds = 64 * longer * short_step;
    EXPECT_NEAR(static_cast<double>(ledger.ledger.capacity()) / per_second / chip_seconds, 1, 1e-9);
    EXPECT_EQ(unit.starts_with("ps"), chip_seconds < 9e6) << longer;
  }
  row.candidate.step.seconds = 1e18;
  EXPECT_THROW((void)plan_ledger(plan, row), UserError);
}

TEST(MfuChain, WhatIsCountedOfAttentionMovesTheMfuAndNothingElse) {
  PlanRequest request = deepseek_request();
  request.attention = model::AttentionConvention::kFull;
  const Plan full = make_plan(request, calibrated_coefficients());
  const PlannedLayout& best = full.layouts.front();
  const PlannedLayout& halved = deepseek().layouts.front();
  EXPECT_EQ(best.candidate.step.seconds, halved.candidate.step.seconds);
  EXPECT_EQ(best.candidate.layout.describe(), halved.candidate.layout.describe());
  // Attention's masked half: 61 layers, 128 heads, widths 192 + 128, keys T / 2 on average.
  const double masked = 3.0 * 61 * 2 * 128 * (192 + 128) * 2048.0;
  const double peak = 989.5e12 * 2048 * best.candidate.step.seconds;
  EXPECT_NEAR(best.mfu - halved.mfu, masked * 15360 * 4096 / peak, 1e-4);
}

TEST(MfuChain, JsonCarriesSharesThatSumToOne) {
  const auto json = nlohmann::json::parse(plan_json(deepseek()));
  double share = 0;
  for (const auto& link : json["mfu_chain"]) share += link["share"].get<double>();
  EXPECT_NEAR(share, 1, 1e-9);
}

TEST(MfuChain, DeepSeeksLayerIsAsItsTraceShowsIt) {
  const double layer = mfu_chain(deepseek(), deepseek().layouts.front()).front().mfu;
  EXPECT_NEAR(layer, 0.515, 0.08 * 0.515);
}

TEST(MfuChain, DeepSeeksRunIsAsPublished) {
  // Before failures: the published hours are those of the step, 180,000 per trillion tokens.
  const auto& spread = deepseek().coefficients.spread[static_cast<std::size_t>(RunClass::kExperts)];
  const double step = deepseek().layouts.front().candidate.step.seconds;
  EXPECT_NEAR(step, 19.926, 0.1 * 19.926);
  EXPECT_LT(step * spread.low, 19.926);
  EXPECT_GT(step * spread.high, 19.926);
  EXPECT_NEAR(deepseek().cost->chip_hours, 2.664e6, 0.1 * 2.664e6);
  double before_failures = 0;
  for (const ChainLink& link : mfu_chain(deepseek(), deepseek().layouts.front()))
    if (link.cause == kLastOfStep) before_failures = link.mfu;
  EXPECT_NEAR(before_failures, 0.3894, 0.1 * 0.3894);
}

/// Seconds of four layers with experts, as in the trace, in milliseconds. Cores set aside slow
/// every kernel alike in the planner; the trace's kernels ran beside them.
double milliseconds(std::initializer_list<Part> parts) {
  const Plan& plan = deepseek();
  const Layout& layout = plan.layouts.front().candidate.layout;
  const MicroBatchTime micro = micro_batch_time(plan.setting(), layout);
  constexpr std::size_t kSomeExpertLayer = 10;
  const PassTime& after = micro.layers_before[kSomeExpertLayer + 1];
  const PassTime& before = micro.layers_before[kSomeExpertLayer];
  const Parts layer = after.forward + after.backward - (before.forward + before.backward);
  double seconds = 0;
  for (const Part part : parts) seconds += layer[part];
  return 4e3 * seconds;
}

TEST(DeepSeekChunk, KernelsTakeAboutWhatTheTraceShows) {
  constexpr double kBeside = 112.0 / 132;  // cores that 20 of 132 leave
  // 74.5 ms of products on two streams at once are 63.2 ms of the device; 2.4 ms of those are
  // up-projections done again.
  EXPECT_NEAR(milliseconds({Part::kMatmul, Part::kMatmulLoss}), kBeside * 60.8, 0.12 * 60.8);
  EXPECT_NEAR(milliseconds({Part::kAttention, Part::kAttentionLoss}), kBeside * 22.0, 0.12 * 22);
  EXPECT_NEAR(milliseconds({Part::kCast}), kBeside * 17.5, 0.2 * 17.5);
  EXPECT_NEAR(milliseconds({Part::kExpert}), 4.2, 1.5);
}

}  // namespace
}  // namespace isobar::plan
