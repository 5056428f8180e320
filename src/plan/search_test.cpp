// What the search looks at: every choice can be asked for, is found where it is the only one left,
// and is told apart in the text.
#include "plan/search.h"

#include <gmock/gmock.h>

#include <map>

#include "model/file/transformer_file.h"
#include "plan/alternatives.h"
#include "plan/plan.h"
#include "plan/step/traffic.h"

namespace isobar::plan {
namespace {

PlanRequest request_for(const char* model, const char* chip, std::uint32_t chips) {
  PlanRequest request;
  request.model = model;
  request.chip = chip;
  request.chips = chips;
  request.batch = 256;
  return request;
}

Layout best_of(const PlanRequest& request) {
  return make_plan(request, calibrated_coefficients()).layouts.front().candidate.layout;
}

TEST(Search, EveryChoiceCanBeAskedForAndIsKept) {
  PlanRequest request = request_for("llama-3-8b", "h100", 64);
  for (const std::uint32_t zero : {0U, 1U, 2U, 3U}) {
    request.choices = {};
    request.choices.zero = zero;
    EXPECT_EQ(best_of(request).zero, zero);
  }
  request.choices = {};
  request.choices.zero = 3;
  request.choices.shard_group = 8;
  request.fixed.tensor = 1;
  EXPECT_EQ(best_of(request).shard_group, 8U);
  request.choices = {};
  request.choices.offload = true;
  EXPECT_TRUE(best_of(request).offload_optimizer);
  request.choices = {};
  request.fixed.tensor = 4;
  request.choices.overlaps_tensor = false;
  request.choices.sequence_parallel = false;
  EXPECT_FALSE(best_of(request).stack.overlaps_tensor);
  EXPECT_FALSE(best_of(request).sequence_parallel);
  request.fixed.context = 2;
  for (const ContextExchange exchange : {ContextExchange::kRing, ContextExchange::kAllToAll}) {
    request.choices.exchange = exchange;
    EXPECT_EQ(best_of(request).exchange, exchange);
  }
  request.choices.overlaps_data = false;
  EXPECT_FALSE(best_of(request).stack.overlaps_data);
}

TEST(Search, EveryFormatThatTheChipHasCanBeAskedFor) {
  PlanRequest request = request_for("llama-3-8b", "b200", 64);
  for (const Precision precision : {Precision::kBf16, Precision::kFp8Tensor, Precision::kFp8Block,
                                    Precision::kMxfp8, Precision::kNvfp4}) {
    request.precisions = {precision};
    EXPECT_EQ(best_of(request).precision, precision) << name_of(precision);
  }
}

TEST(Search, CopiesOnFewerChipsBeatWholeShardsWhereTokensAreFew) {
  // 1,024 tokens a chip do not hide the gathering of 8 B parameters from 512 chips.
  PlanRequest request = request_for("llama-3-8b", "h100", 512);
  request.batch = 1024;
  request.sequence = 1024;
  request.fixed.tensor = request.fixed.pipeline = request.fixed.context = 1;
  request.choices.zero = 3;
  const Plan free = make_plan(request, calibrated_coefficients());
  EXPECT_GT(free.layouts.front().candidate.layout.shard_group, 0U);
  request.choices.shard_group = 0;
  EXPECT_LT(free.layouts.front().candidate.step.seconds,
            make_plan(request, calibrated_coefficients()).layouts.front().candidate.step.seconds);
}

TEST(Search, ACopyOnFewerChipsTakesMoreMemory) {
  const model::TransformerShape shape = model::find_transformer("llama-3-70b").shape;
  Layout layout;
  layout.data = 256;
  layout.global_batch = 256;
  layout.zero = 3;
  double before = memory_use(model_bytes(shape, layout), shape, layout).total();
  for (const std::uint32_t group : {64U, 32U, 8U}) {
    layout.shard_group = group;
    const MemoryUse use = memory_use(model_bytes(shape, layout), shape, layout);
    EXPECT_GT(use.total(), before);
    // 16-bit weights, 32-bit gradients and 12 bytes of states, of 70 B parameters over the group.
    EXPECT_NEAR(use.optimizer, 12 * 70.55e9 / group, 0.01 * use.optimizer);
    before = use.total();
  }
}

TEST(Search, DualPipeKeepsTwoStagesOnEachChip) {
  // DeepSeek-V3, table 2: parameters 2 x, activations PP + 1 micro-batches.
  const model::TransformerShape shape = model::find_transformer("gpt3-175b").shape;
  Layout layout;
  layout.tensor = layout.pipeline = 8;
  layout.data = 4;
  layout.global_batch = 128;
  layout.zero = 1;
  const MemoryUse plain = memory_use(model_bytes(shape, layout), shape, layout);
  layout.schedule = Schedule::kDualPipe;
  const MemoryUse both = memory_use(model_bytes(shape, layout), shape, layout);
  EXPECT_NEAR(both.weights, 2 * plain.weights, 1);
  EXPECT_NEAR(both.gradients, 2 * plain.gradients, 1);
  EXPECT_NEAR(both.optimizer, plain.optimizer, 1) << "sharded over twice as many";
  EXPECT_NEAR(both.activations, plain.activations * 9 / 8, 1);
}

TEST(Search, LayoutsThatDifferNeverReadTheSame) {
  Layout base;
  base.tensor = base.context = base.pipeline = base.data = 2;
  std::map<std::string, int> texts;
  for (const bool sequence_parallel : {false, true})
    for (const bool async : {false, true})
      for (const bool overlap : {false, true})
        for (const bool offload : {false, true})
          for (const ContextExchange exchange :
               {ContextExchange::kRing, ContextExchange::kAllToAll})
            for (const double share : {0.25, 0.5, 1.0})
              for (const std::uint32_t group : {0U, 2U}) {
                Layout layout = base;
                layout.sequence_parallel = sequence_parallel;
                layout.stack.overlaps_tensor = async;
                layout.stack.overlaps_data = overlap;
                layout.offload_optimizer = offload;
                layout.exchange = exchange;
                layout.recompute = Recompute::kFull;
                layout.recompute_share = share;
                layout.zero = 3;
                layout.shard_group = group;
                ++texts[layout.describe()];
              }
  EXPECT_EQ(texts.size(), 2U * 2 * 2 * 2 * 2 * 3 * 2);
}

TEST(Alternatives, SayWhatEachChoiceIsWorthOrWhichRuleForbidsIt) {
  PlanRequest request = request_for("gpt3-175b", "a100-80gb", 1024);
  request.fixed.tensor = 8;
  request.fixed.pipeline = 8;
  const Plan plan = make_plan(request, calibrated_coefficients());
  const Layout& best = plan.layouts.front().candidate.layout;
  bool refuses_format = false, refuses_shards = false;
  for (const Alternative& other : alternatives(plan.setting(), best)) {
    EXPECT_NE(other.candidate.layout.describe(), best.describe()) << other.change;
    if (other.refused.empty()) {
      EXPECT_GT(other.candidate.step.seconds, 0.97 * plan.layouts.front().candidate.step.seconds)
          << other.change << ": the search would have found it";
    }
    refuses_format |= other.refused == "a100-80gb has no FP8";
    refuses_shards |= other.refused.starts_with("ZeRO-3 under a pipeline");
  }
  EXPECT_TRUE(refuses_format);
  EXPECT_TRUE(refuses_shards);
}

TEST(Traffic, ListsTheCollectivesOfALayout) {
  PlanRequest request = request_for("deepseek-v3", "h800", 1024);
  request.precisions = {Precision::kFp8Block};
  request.fixed.tensor = 2;
  request.fixed.pipeline = 8;
  request.fixed.expert = 32;
  request.batch = 2048;
  request.sequence = 4096;
  const Plan plan = make_plan(request, calibrated_coefficients());
  std::map<std::string, Transfer> list;
  for (Transfer& transfer : transfers(plan.setting(), plan.layouts.front().candidate.layout))
    list.emplace(transfer.what.substr(0, transfer.what.find(',')), transfer);
  EXPECT_EQ(list.at("tensor parallel").level, "scale-up domain");
  EXPECT_EQ(list.at("experts' tokens").level, "fabric");
  EXPECT_EQ(list.at("experts' tokens").group.size, 32U);
  EXPECT_GT(list.at("pipeline").seconds, 0);
}

}  // namespace
}  // namespace isobar::plan
