// The closed form against the bubbles of the literature, and against the event simulation.
#include "plan/step/step_time.h"

#include <gtest/gtest.h>

#include "model/file/transformer_file.h"
#include "plan/plan.h"
#include "plan/report/plan_ledger.h"
#include "plan/utilisation.h"

namespace isobar::plan {
namespace {

class StepTimeTest : public ::testing::Test {
 protected:
  StepTimeTest() {
    // Without an output layer to speak of, all stages are alike and the formulas are exact.
    shape_.vocabulary = 128;
    coefficients_.pipeline_exchange = 0;
    layout_.tensor = 8;
    layout_.pipeline = 12;
    layout_.data = 1;
    layout_.global_batch = 96;
    layout_.sequence = 2048;
  }
  [[nodiscard]] Setting setting() const { return {&shape_, &chip_, &network_, &coefficients_}; }
  [[nodiscard]] double bubble_ratio() const {
    const StepTime step = step_time(setting(), layout_);
    const MicroBatchTime micro = micro_batch_time(setting(), layout_);
    return step.parts[Part::kBubble] /
           (layout_.micro_batches() * pipeline_of(layout_, micro, shape_.layers).longest);
  }
  model::TransformerShape shape_ = model::find_transformer("gpt3-175b").shape;
  ChipFigures chip_ = figures_of(chip::find_datasheet("a100-80gb"));
  Network network_ = network_of(chip_);
  Coefficients coefficients_;
  Layout layout_;
};

TEST_F(StepTimeTest, OneForwardOneBackwardIdlesForStagesLessOneOverMicroBatches) {
  EXPECT_NEAR(bubble_ratio(), 11.0 / 96, 0.01 * 11 / 96);
}

TEST_F(StepTimeTest, InterleavingDividesTheBubbleByTheChunks) {
  layout_.schedule = Schedule::kInterleaved;
  layout_.virtual_stages = 4;
  EXPECT_NEAR(bubble_ratio(), 11.0 / 96 / 4, 0.01 * 11 / 96 / 4);
}

TEST_F(StepTimeTest, ZeroBubbleIsShorterThanOneForwardOneBackward) {
  const double plain = bubble_ratio();
  layout_.schedule = Schedule::kZeroBubble;
  EXPECT_LT(bubble_ratio(), plain / 2);
  EXPECT_GT(bubble_ratio(), 0);
}

TEST_F(StepTimeTest, TheEventSimulationAgreesWhereStagesAreAlike) {
  for (const auto& [schedule, chunks] :
       {std::pair{Schedule::kOneForwardOneBackward, 1U}, std::pair{Schedule::kInterleaved, 2U},
        std::pair{Schedule::kZeroBubble, 1U}}) {
    layout_.schedule = schedule;
    layout_.virtual_stages = chunks;
    const StepTime step = step_time(setting(), layout_);
    const auto simulated = simulated_step(setting(), layout_, step);
    ASSERT_TRUE(simulated);
    EXPECT_NEAR(*simulated / step.seconds, 1, 0.03) << name_of(schedule);
  }
}

TEST_F(StepTimeTest, PartsSumToTheStepAndTheLedgerIsExact) {
  for (const std::uint32_t zero : {0U, 1U, 2U}) {
    layout_.zero = zero;
    const StepTime step = step_time(setting(), layout_);
    EXPECT_NEAR(step.parts.total(), step.seconds, 1e-12 * step.seconds);
    Plan plan;
    plan.shape = shape_;
    plan.chip = chip_;
    EXPECT_TRUE(plan_ledger(plan, PlannedLayout{{layout_, step, {}}}).ledger.is_exact());
  }
}

TEST_F(StepTimeTest, AllWaitForTheSlowestOfSoManyChips) {
  coefficients_.straggler = 0;
  const double even = step_time(setting(), layout_).seconds;
  coefficients_.straggler = 0.02;
  // The mean of the largest of 96 normal draws is 2.5 deviations (Blom: 2.49).
  EXPECT_NEAR(step_time(setting(), layout_).seconds / even, 1 + 0.02 * 2.49, 0.0005);
}

TEST_F(StepTimeTest, FullRecomputationCostsAboutAThird) {
  layout_.pipeline = 1;
  layout_.data = 1;  // nothing but computation
  const double plain = step_time(setting(), layout_).seconds;
  layout_.recompute = Recompute::kFull;
  EXPECT_NEAR(step_time(setting(), layout_).seconds / plain, 4.0 / 3, 0.04);
}

TEST_F(StepTimeTest, UtilisationCountsSixNAndAttention) {
  layout_.pipeline = 1;
  layout_.data = 1;
  layout_.global_batch = 1;
  const double per_token = model::six_n(shape_) + 12.0 * 96 * 12288 * 2048;
  const double expected = per_token * 2048 / (1.0 * 8 * 312e12);
  EXPECT_NEAR(utilisation(shape_, layout_, 1, chip_.peak_16, model::AttentionConvention::kFull).mfu,
              expected, 0.01 * expected);
}

TEST(LayersOfChunk, EveryLayerStandsInExactlyOneChunk) {
  for (const std::uint32_t layers : {61U, 94U, 96U, 126U})
    for (const std::uint32_t chunks : {1U, 2U, 7U, 16U, 128U})
      for (const double head : {0.0, 0.6, 3.4}) {
        std::uint32_t next = 0;
        for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
          const LayerRange range = layers_of_chunk(layers, chunks, chunk, head);
          EXPECT_EQ(range.first, next) << layers << " " << chunks << " " << chunk << " " << head;
          EXPECT_LE(range.first, range.last);
          next = range.last;
        }
        EXPECT_EQ(next, layers);
      }
}

TEST(LayersOfChunk, LlamasFirstAndLastChunksAreShort) {
  // The Llama 3 report, section 3.3.2: 126 layers, the first and the last of 128 chunks have none.
  EXPECT_EQ(layers_of_chunk(126, 128, 0, 0.6).last, 0U);
  EXPECT_EQ(layers_of_chunk(126, 128, 127, 0.6).first, 126U);
}

TEST(LayersOfChunk, TheLastChunkGivesUpWhatItsOutputLayerIsWorth) {
  // 61 layers and an output layer worth 3.4: fifteen chunks of four and a last one of 1 + 3.4.
  for (std::uint32_t chunk = 0; chunk + 1 < 16; ++chunk)
    EXPECT_EQ(layers_of_chunk(61, 16, chunk, 3.4).last - layers_of_chunk(61, 16, chunk, 3.4).first,
              4U);
  EXPECT_EQ(layers_of_chunk(61, 16, 15, 3.4).first, 60U);
}

}  // namespace
}  // namespace isobar::plan
