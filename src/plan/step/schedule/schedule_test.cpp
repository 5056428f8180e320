// Simulated pipelines against the formulas of the papers that published them: exactly, since with
// equal stages and no latency there is nothing to round.
#include <gmock/gmock.h>

#include "base/error.h"
#include "plan/step/schedule/schedule_simulation.h"

namespace isobar::plan {
namespace {

using S = Schedule;

struct Times {
  double forward, input, weight;  // s of a rank's whole share of the model
  [[nodiscard]] double backward() const { return input + weight; }
  [[nodiscard]] double total() const { return forward + input + weight; }
};
constexpr Times kEven{1, 1, 1};
constexpr Times kUneven{1.0, 1.25, 0.75};

ScheduleOutcome run(S schedule, std::uint32_t ranks, std::uint32_t micro_batches, Times t,
                    std::uint32_t chunks = 1, double message = 0) {
  const PipelineOrder order = pipeline_order(schedule, ranks, micro_batches, chunks);
  const StagePassTimes one{Seconds(t.forward / chunks), Seconds(t.input / chunks),
                           Seconds(t.weight / chunks), Seconds(0)};
  const std::vector<StagePassTimes> times(order.stages(), one);
  return simulate_schedule(order, times, Seconds(message));
}
double bubble(const ScheduleOutcome& outcome) {
  double most = 0;
  for (const RankOutcome& rank : outcome.ranks) most = std::max(most, rank.idle.count());
  return most;
}

TEST(Schedule, OneForwardOneBackwardIdlesForRanksLessOneMicroBatches) {
  // Narayanan et al. 2021, section 2.2.1: (p - 1)(F + B), hence (p - 1) / m of the ideal time.
  for (const Times t : {kEven, kUneven})
    for (const std::uint32_t p : {1U, 2U, 4U, 8U})
      for (const std::uint32_t m : {p, 2 * p, 5 * p}) {
        const ScheduleOutcome outcome = run(S::kOneForwardOneBackward, p, m, t);
        EXPECT_NEAR(bubble(outcome), (p - 1) * t.total(), 1e-9);
        EXPECT_NEAR(outcome.bubble_ratio(), (p - 1.0) / m, 1e-9);
      }
}

TEST(Schedule, InterleavingDividesTheBubbleByThePieces) {
  // The same paper, section 2.2.2: (p - 1)(F + B) / v.
  for (const Times t : {kEven, kUneven})
    for (const std::uint32_t p : {2U, 4U, 8U})
      for (const std::uint32_t v : {2U, 3U, 6U})
        EXPECT_NEAR(bubble(run(S::kInterleaved, p, 4 * p, t, v)), (p - 1) * t.total() / v, 1e-9)
            << p << " ranks, " << v << " pieces";
}

TEST(Schedule, ZeroBubbleH1SavesTwoWeightGradientsPerRank) {
  // Qi et al. 2023, table 2: (p - 1)(F + B - W), B the gradient of inputs alone.
  for (const Times t : {kEven, Times{1, 1.1, 0.9}})
    for (const std::uint32_t p : {2U, 4U, 8U})
      for (const std::uint32_t m : {2 * p, 4 * p})
        EXPECT_NEAR(bubble(run(S::kZeroBubble, p, m, t)),
                    (p - 1) * (t.forward + t.input - t.weight), 1e-9)
            << p << " ranks, " << m << " micro-batches";
}

TEST(Schedule, DualPipeIdlesAsDeepSeekV3Says) {
  // DeepSeek-V3, table 2: (PP / 2 - 1)(F&B + B - 3 W), B the whole backward pass.
  for (const Times t : {kEven, kUneven})
    for (const std::uint32_t p : {2U, 4U, 8U, 16U})
      for (const std::uint32_t m : {2 * p, 4 * p})
        EXPECT_NEAR(bubble(run(S::kDualPipe, p, m, t)),
                    (p / 2.0 - 1) * (t.total() + t.backward() - 3 * t.weight), 1e-9)
            << p << " ranks, " << m << " micro-batches";
}

TEST(Schedule, RanksHoldAsManyMicroBatchesAsPublished) {
  const std::uint32_t p = 8, m = 32;
  for (std::uint32_t rank = 0; rank < p; ++rank) {
    EXPECT_EQ(run(S::kOneForwardOneBackward, p, m, kEven).ranks[rank].most_held, p - rank);
    // "The same peak as 1F1B": that of its first rank.
    EXPECT_LE(run(S::kZeroBubble, p, m, kEven).ranks[rank].most_held, p);
    // DeepSeek-V3, table 2: PP + 1.
    EXPECT_LE(run(S::kDualPipe, p, m, kEven).ranks[rank].most_held, p + 1);
  }
  // Interleaved: 1 + (p - 1) / (p v) times the memory of 1F1B (Korthikanti et al. 2022,
  // section 4.2.3).
  const std::uint32_t v = 4;
  EXPECT_EQ(run(S::kInterleaved, p, m, kEven, v).ranks[0].most_held, p * v + p - 1);
}

TEST(Schedule, EveryPassRunsOnceOnEveryRank) {
  for (const S schedule : kSchedules) {
    const std::uint32_t p = 4, m = 16;
    const std::uint32_t v = schedule == S::kInterleaved ? 2 : 1;
    for (const RankOutcome& rank : run(schedule, p, m, kUneven, v).ranks)
      EXPECT_NEAR(rank.busy.count(), m * kUneven.total(), 1e-9) << name_of(schedule);
  }
}

TEST(Schedule, AMessageOnTheWayDelaysAFullRoundTrip) {
  // The first micro-batch's way to the last rank and the last one's way back are on the critical
  // path of 1F1B; in between messages hide where a rank has something else to do, and F + B = 3.
  const double without = run(S::kOneForwardOneBackward, 4, 16, kEven).total.count();
  const double with = run(S::kOneForwardOneBackward, 4, 16, kEven, 1, 0.01).total.count();
  EXPECT_GE(with, without + 6 * 0.01 - 1e-9);
  EXPECT_LE(with, without + 2 * 16 * 0.01 + 6 * 0.01);
}

TEST(Schedule, AnOverlappedPassShortensDualPipe) {
  const PipelineOrder order = pipeline_order(S::kDualPipe, 8, 64);
  const StagePassTimes apart{Seconds(1), Seconds(1), Seconds(1), Seconds(0)};
  StagePassTimes beside = apart;
  beside.overlapped = Seconds(2.4);
  const auto total = [&](const StagePassTimes& times) {
    return simulate_schedule(order, std::vector<StagePassTimes>(8, times), Seconds(0))
        .total.count();
  };
  EXPECT_LT(total(beside), 0.85 * total(apart));
}

TEST(Schedule, TheSlowestStageSetsThePace) {
  const PipelineOrder order = pipeline_order(S::kOneForwardOneBackward, 4, 64);
  std::vector<StagePassTimes> times(4, {Seconds(1), Seconds(1), Seconds(1), Seconds(0)});
  times[3] = {Seconds(1.5), Seconds(1.5), Seconds(1.5), Seconds(0)};
  const double total = simulate_schedule(order, times, Seconds(0)).total.count();
  EXPECT_NEAR(total, 64 * 4.5 + 3 * 3, 1e-9);  // the others' way there and back
}

TEST(Schedule, NumbersThatAScheduleDoesNotTakeAreRefusedWithTheRule) {
  const auto error_of = [](S schedule, std::uint32_t p, std::uint32_t m) -> std::string {
    try {
      (void)pipeline_order(schedule, p, m, 2);
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(error_of(S::kInterleaved, 4, 6), HasSubstr("4 do not divide 6 (try 8)"));
  EXPECT_THAT(error_of(S::kDualPipe, 3, 8), HasSubstr("an even number of ranks"));
  EXPECT_THAT(error_of(S::kDualPipe, 8, 8), HasSubstr("twice as many"));
  EXPECT_THAT(error_of(S::kOneForwardOneBackward, 0, 8), HasSubstr("needs a rank"));
  EXPECT_EQ(error_of(S::kDualPipe, 8, 16), "no error");
}

}  // namespace
}  // namespace isobar::plan
