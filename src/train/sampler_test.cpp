// Draws: the likeliest at temperature 0, the model's own shares at 1, none beyond the best k.
#include "train/sampler.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "train/testing/test_folder.h"

namespace isobar::train {
namespace {

using ::testing::HasSubstr;

const std::vector<float> kLogits{0, std::log(2.0F), std::log(4.0F), std::log(1.0F), -30};

std::map<std::int32_t, int> draws(const SampleSettings& settings, int count) {
  std::map<std::int32_t, int> result;
  for (int i = 0; i < count; ++i)
    ++result[draw_token(kLogits, settings, static_cast<std::uint64_t>(i))];
  return result;
}

TEST(Sampler, TemperatureZeroTakesTheLikeliest) {
  EXPECT_EQ(draws({.temperature = 0}, 100), (std::map<std::int32_t, int>{{2, 100}}));
  const std::vector<float> tie{1, 3, 3};
  EXPECT_EQ(draw_token(tie, {.temperature = 0}, 0), 1);
}

TEST(Sampler, TemperatureOneDrawsTheModelsOwnShares) {
  constexpr int kDraws = 16000;
  std::map<std::int32_t, int> found = draws({.temperature = 1, .seed = 7}, kDraws);
  // Shares 1, 2, 4, 1 of 8. A share's deviation is at most sqrt(16000 / 4) = 63; five of them.
  for (const auto& [token, share] : std::map<std::int32_t, int>{{0, 1}, {1, 2}, {2, 4}, {3, 1}})
    EXPECT_NEAR(found[token], kDraws * share / 8.0, 320) << token;
  EXPECT_EQ(found.count(4), 0U);
}

TEST(Sampler, ALowerTemperatureSharpensAndAHigherOneFlattens) {
  // At 1/2 the weights are squared: 16 of 22 for the likeliest; at a high one all come near 1/5.
  EXPECT_NEAR(draws({.temperature = 0.5}, 8000)[2], 8000 * 16 / 22.0, 225);
  EXPECT_NEAR(draws({.temperature = 100}, 8000)[2], 1600 * 1.07, 225);
}

TEST(Sampler, TopKNeverGoesBeyondTheBestK) {
  const std::map<std::int32_t, int> found = draws({.temperature = 2, .top_k = 2}, 4000);
  EXPECT_EQ(found.size(), 2U);
  EXPECT_TRUE(found.contains(1) && found.contains(2));
  EXPECT_EQ(draws({.temperature = 100, .top_k = 99}, 8000).size(), 5U);  // more than there are
}

TEST(Sampler, ADrawIsAFunctionOfSeedAndNumber) {
  EXPECT_EQ(draws({.seed = 5}, 500), draws({.seed = 5}, 500));
  int different = 0;
  for (std::uint64_t i = 0; i < 100; ++i)
    different += draw_token(kLogits, {.temperature = 1, .seed = 5}, i) !=
                         draw_token(kLogits, {.temperature = 1, .seed = 6}, i)
                     ? 1
                     : 0;
  EXPECT_GT(different, 30);
}

TEST(Sampler, TheWindowHoldsTheLastThreeQuartersOfTheContextOrMore) {
  for (const std::size_t context : {1U, 2U, 3U, 4U, 7U, 64U, 1024U}) {
    const std::size_t quarter = std::max<std::size_t>(context / 4, 1);
    std::size_t before = 0, moved_at = 0;
    for (std::size_t length = 1; length <= 5 * context + 3; ++length) {
      const std::size_t start = window_start(length, context), held = length - start;
      ASSERT_LE(held, context);
      if (length <= context) ASSERT_EQ(start, 0U);
      if (length > context) ASSERT_GT(held, context - quarter);
      if (start == before) continue;
      ASSERT_EQ(start, before + quarter);
      if (moved_at > 0) ASSERT_EQ(length, moved_at + quarter);
      before = start;
      moved_at = length;
    }
    ASSERT_GT(moved_at, 0U);
  }
}

TEST(Sampler, ASpoiltModelIsAnError) {
  const std::vector<float> logits{0, NAN};
  EXPECT_THAT(error_of([&] { (void)draw_token(logits, {}, 0); }), HasSubstr("not finite"));
}

}  // namespace
}  // namespace isobar::train
