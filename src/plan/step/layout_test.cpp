#include "plan/step/layout.h"

#include <gmock/gmock.h>

#include "model/file/transformer_file.h"

namespace isobar::plan {
namespace {

using ::testing::HasSubstr;

class LayoutTest : public ::testing::Test {
 protected:
  LayoutTest() {
    layout_.tensor = 8;
    layout_.pipeline = 12;
    layout_.data = 4;
    layout_.global_batch = 1536;
  }
  std::string answer() const { return broken_rule(layout_, shape_, chip_).value_or("legal"); }
  model::TransformerShape shape_ = model::find_transformer("gpt3-175b").shape;
  ChipFigures chip_ = figures_of(chip::find_datasheet("a100-80gb"));
  Layout layout_;
};

TEST_F(LayoutTest, AcceptsTheLayoutThatMegatronRan) { EXPECT_EQ(answer(), "legal"); }

TEST_F(LayoutTest, NamesTheHeadsThatTensorParallelismDoesNotDivide) {
  layout_.tensor = 7;
  EXPECT_THAT(answer(), HasSubstr("tensor parallelism 7 does not divide the 96 heads"));
}

TEST_F(LayoutTest, NamesTheLayersThatStagesExceed) {
  layout_.pipeline = 64;
  layout_.virtual_stages = 4;
  EXPECT_THAT(answer(), HasSubstr("64 stages of 4 chunks need more than the 96 layers"));
}

TEST_F(LayoutTest, NamesTheBatchThatReplicasDoNotDivide) {
  layout_.global_batch = 1537;
  EXPECT_THAT(answer(), HasSubstr("a batch of 1537 does not divide into micro-batches of 1 on 4"));
}

TEST_F(LayoutTest, NamesTheFormatThatTheChipLacks) {
  layout_.precision = Precision::kFp8Tensor;
  EXPECT_THAT(answer(), HasSubstr("a100-80gb has no FP8"));
  layout_.precision = Precision::kNvfp4;
  EXPECT_THAT(answer(), HasSubstr("a100-80gb has no FP4"));
}

TEST_F(LayoutTest, RefusesExpertParallelismOfADenseModel) {
  layout_.expert = 8;
  EXPECT_THAT(answer(), HasSubstr("expert parallelism 8 needs experts, but the model is dense"));
}

TEST_F(LayoutTest, RefusesInterleavingOfUnevenMicroBatches) {
  layout_.virtual_stages = 2;
  layout_.schedule = Schedule::kInterleaved;
  layout_.global_batch = 4 * 13;
  EXPECT_THAT(answer(), HasSubstr("multiple of the 12 stages"));
}

TEST_F(LayoutTest, RefusesDualPipeWithAnOddNumberOfStages) {
  layout_.schedule = Schedule::kDualPipe;
  layout_.pipeline = 3;
  EXPECT_THAT(answer(), HasSubstr("DualPipe needs an even number of stages"));
}

TEST_F(LayoutTest, RefusesShardedWeightsUnderAPipeline) {
  layout_.zero = 3;
  EXPECT_THAT(answer(), HasSubstr("ZeRO-3 under a pipeline"));
}

TEST_F(LayoutTest, RefusesADegreeOfZero) {
  layout_.context = 0;
  EXPECT_THAT(answer(), HasSubstr("a degree or size is 0"));
}

}  // namespace
}  // namespace isobar::plan
