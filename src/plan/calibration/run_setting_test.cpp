// How a row's holes are filled. Each row below is one that somebody published.
#include "plan/calibration/run_setting.h"

#include <gmock/gmock.h>

#include "plan/calibration/predict.h"

namespace isobar::plan {
namespace {

using ::testing::HasSubstr;

Run run_of(const std::string& columns, const std::string& row) {
  return parse_runs("id," + columns + "\na_b," + row + "\n", "f.csv").front();
}

RunSetting setting_of_row(const std::string& columns, const std::string& row) {
  auto setting = setting_of(run_of(columns, row));
  if (const auto* reason = std::get_if<Unmodelled>(&setting)) {
    ADD_FAILURE() << reason->reason;
    return {};
  }
  return std::get<RunSetting>(setting);
}

TEST(RunSetting, ANameStandsForTheSizesThatARowLeavesOut) {
  // arXiv:2505.04519, abstract: a name, "6K Ascend NPUs" and an MFU.
  const RunSetting run =
      setting_of_row("model,chip,n_chips,mfu_pct", "Pangu Ultra MoE,Ascend NPU,~6000,30");
  EXPECT_EQ(run.shape.layers, 61U);
  EXPECT_EQ(run.shape.experts.count, 256U);
  EXPECT_EQ(run.layout.chips(), 6016U);  // whole replicas of up to 128
  EXPECT_TRUE(run.open.degrees);
  EXPECT_TRUE(run.open.experts);
}

TEST(RunSetting, PanguUltraMoeIsInsideItsInterval) {
  const RunSetting run =
      setting_of_row("model,chip,n_chips,mfu_pct", "Pangu Ultra MoE,Ascend NPU,~6000,30");
  const Prediction prediction = predict(run, calibrated_coefficients());
  EXPECT_LE(prediction.low, run.measured);
  EXPECT_GE(prediction.high, run.measured);
  EXPECT_LE(prediction.memory, kUsableMemory * run.chip.capacity);
}

TEST(RunSetting, SizesThatNothingHasAreNamed) {
  const auto reason_of = [](const char* cells) -> std::string {
    const auto setting =
        setting_of(run_of("model,chip,n_chips,precision,layers,hidden,heads,seq,tp,pp,microbatch,"
                          "global_batch,step_time_s",
                          cells));
    const auto* unmodelled = std::get_if<Unmodelled>(&setting);
    return unmodelled == nullptr ? "modelled" : unmodelled->reason;
  };
  // 2^16 x 2^16 replicas are 0 in 32 bits.
  EXPECT_THAT(reason_of("GPT,A100,65536,bf16,24,2048,16,2048,1,1,65536,65536,9"),
              HasSubstr("4294967296"));
  EXPECT_THAT(reason_of("GPT,A100,64,bf16,24,2048,16,2048,2000000,1,1,64,9"), HasSubstr("tp is"));
  EXPECT_THAT(reason_of("GPT,A100,64,bf16,24,2048,16,2048,65536,65536,1,64,9"),
              HasSubstr("do not divide into replicas of 4294967296"));
  EXPECT_THAT(reason_of("GPT,A100,64,bf16,20000,2048,16,2048,1,1,1,64,9"),
              HasSubstr("layers is 20000, above 10000"));
  EXPECT_THAT(reason_of("GPT,A100,64,bf16,1000,16777216,16,2048,1,1,1,64,9"),
              HasSubstr("at most 10^15"));
}

TEST(RunSetting, FewerSequencesThanChipsMeanReplicasOfSeveral) {
  const RunSetting run = setting_of_row(
      "model,chip,n_chips,precision,layers,hidden,heads,kv_heads,ffn_hidden,seq,zero,global_batch,"
      "step_time_s",
      "Llama 3.1 405b,H100-80GB-SXM,1024,bf16,126,16384,128,8,53248,8192,1,512,30");
  EXPECT_LE(run.layout.data, 512U);
  EXPECT_EQ(run.layout.chips(), 1024U);
  const Prediction prediction = predict(run, calibrated_coefficients());
  EXPECT_EQ(prediction.layout.chips(), 1024U);
  EXPECT_LE(prediction.memory, kUsableMemory * run.chip.capacity);
}

TEST(RunSetting, ModelsMadeAfterGpt2ReadAThousandTokens) {
  const RunSetting run = setting_of_row(
      "model,chip,n_chips,precision,layers,hidden,heads,tp,pp,microbatch,global_batch,step_time_s",
      "GPT2-8B,A100-40GB,8,fp16,72,3072,24,8,1,16,16,1.343");
  EXPECT_EQ(run.layout.sequence, 1024U);
}

TEST(RunSetting, ARowWithAStepTimeButNoBatchSaysNothing) {
  const auto setting = setting_of(run_of("model,chip,n_chips,step_time_s", "Llama 2 7B,A100,8,3"));
  ASSERT_TRUE(std::holds_alternative<Unmodelled>(setting));
  EXPECT_THAT(std::get<Unmodelled>(setting).reason, HasSubstr("global_batch is not given"));
}

}  // namespace
}  // namespace isobar::plan
