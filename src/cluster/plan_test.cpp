#include "cluster/plan.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cluster/cluster_file.h"
#include "cluster/csv.h"
#include "cluster/deepseek_request.h"
#include "cluster/plan_report.h"
#include "cluster/ranks.h"
#include "cluster/sweep.h"

namespace isobar::cluster {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

PlanRequest small_request() {
  PlanRequest request;
  request.model = "llama-3-8b";
  request.chip = "h100";
  request.chips = 64;
  request.batch = 128;
  return request;
}

TEST(Plan, IsTheSameForAnyNumberOfThreads) {
  PlanRequest request = small_request();
  request.threads = 1;
  const Plan one = make_plan(request, calibrated_coefficients());
  request.threads = 4;
  EXPECT_EQ(plan_json(one), plan_json(make_plan(request, calibrated_coefficients())));
}

TEST(Plan, EveryLayoutIsLegalFitsAndIsSlowerThanTheOneBefore) {
  const Plan plan = make_plan(small_request(), calibrated_coefficients());
  double before = 0, ranked = 0;
  for (const PlannedLayout& row : plan.layouts) {
    if (row.simulated) {
      EXPECT_GE(row.ranked(), ranked);
      ranked = row.ranked();
    }
    EXPECT_EQ(row.candidate.layout.chips(), 64U);
    EXPECT_FALSE(broken_rule(row.candidate.layout, plan.shape, plan.chip));
    EXPECT_LE(row.candidate.memory.total(), kUsableMemory * plan.chip.capacity);
    if (!row.simulated) EXPECT_GE(row.candidate.step.seconds, before);
    before = row.candidate.step.seconds;
  }
}

TEST(Plan, TheSearchFindsWhatFixingTheSameDegreesFinds) {
  const Plan all = make_plan(small_request(), calibrated_coefficients());
  const Layout& best = all.layouts.front().candidate.layout;
  PlanRequest request = small_request();
  request.fixed.tensor = best.tensor;
  request.fixed.pipeline = best.pipeline;
  request.fixed.context = best.context;
  request.fixed.micro_batch = best.micro_batch;
  const Plan fixed = make_plan(request, calibrated_coefficients());
  EXPECT_EQ(fixed.layouts.front().candidate.layout.describe(), best.describe());
  EXPECT_LT(fixed.found.candidates, all.found.candidates);
}

TEST(Plan, AnImpossibleLayoutNamesTheRule) {
  PlanRequest request = small_request();
  request.fixed.tensor = 8;
  request.fixed.pipeline = 1;
  request.fixed.context = 1;
  request.batch = 3;
  EXPECT_THAT([&] { (void)make_plan(request, {}); },
              ThrowsMessage<UserError>(HasSubstr("a batch of 3 does not divide")));
  request = small_request();
  request.model = "llama-3.1-405b";
  request.chips = 8;
  request.batch = 8;
  EXPECT_THAT([&] { (void)make_plan(request, {}); },
              ThrowsMessage<UserError>(HasSubstr("no layout of llama-3.1-405b fits 8 h100")));
}

TEST(Plan, DeepSeekV3TakesTheChipHoursThatWerePublished) {
  // arXiv:2412.19437, table 1: 2.664 M H800 hours.
  const Plan plan = make_plan(deepseek_request(), calibrated_coefficients());
  EXPECT_NEAR(plan.cost->chip_hours, 2.664e6, 0.15 * 2.664e6);
}

TEST(Plan, AscendHasNoFp8AndTheScaleUpDomainHelpsExperts) {
  PlanRequest request;
  request.model = "deepseek-v3";
  request.chip = "ascend-910c";
  request.chips = 1536;
  request.batch = 12288;
  request.sequence = 4096;
  request.precisions = {Precision::kFp8Block};
  request.cluster = "cloudmatrix384";
  EXPECT_THAT([&] { (void)make_plan(request, {}); },
              ThrowsMessage<UserError>(HasSubstr("ascend-910c has no FP8")));
  request.precisions = {Precision::kBf16};
  request.fixed.tensor = 1;
  request.fixed.expert = 64;
  request.fixed.context = 1;
  const double with = make_plan(request, {}).layouts.front().candidate.step.seconds;
  request.cluster = "ascend-910c-nodes";
  EXPECT_GT(make_plan(request, {}).layouts.front().candidate.step.seconds, 1.05 * with);
}

TEST(Plan, MixedChipsShareLayersByTheirSpeed) {
  PlanRequest request;
  request.model = "llama-3-70b";
  request.cluster = "mixed-h100-a100";
  request.batch = 512;
  const Plan mixed = make_plan(request, {});
  const PlannedLayout& best = mixed.layouts.front();
  std::uint32_t layers = 0;
  for (const std::uint32_t count : best.stage_layers) layers += count;
  EXPECT_EQ(layers, 80U);
  EXPECT_LT(best.mfu, 0.8) << "of the peak of all chips, not of the slowest";
  EXPECT_GT(best.stage_layers.front(), best.stage_layers.back()) << "H100 stands first";
  request.chip = "a100-80gb";
  EXPECT_LT(best.candidate.step.seconds,
            make_plan(request, {}).layouts.front().candidate.step.seconds);
}

TEST(Sweep, RowsComeInTheOrderOfTheAxesAndSayWhatCannotBePlanned) {
  const auto requests =
      sweep_requests(small_request(), {{"llama-3-8b"}, {"h100", "abacus"}, {8, 16}, {128}});
  ASSERT_EQ(requests.size(), 4U);
  const auto rows = share_among_ranks(
      requests.size(), [&](std::size_t i) { return sweep_row(requests[i], Coefficients{}); });
  EXPECT_THAT(rows[0], HasSubstr("llama-3-8b,h100,8,128"));
  EXPECT_THAT(rows[1], HasSubstr("llama-3-8b,h100,16,128"));
  EXPECT_THAT(rows[2], HasSubstr("no chip is called"));
  const auto columns = [](const std::string& row) { return std::ranges::count(row, ','); };
  EXPECT_EQ(columns(rows[0]), columns(sweep_head(SweepFormat::kCsv)));
}

TEST(Sweep, AnObjectOfJsonHoldsWhatTheLineOfCsvHolds) {
  PlanRequest request = small_request();
  request.tokens = 1e12;
  request.prices.chip_hour = 2;
  for (const char* chip : {"h100", "abacus"}) {
    request.chip = chip;
    const CsvTable csv(sweep_head(SweepFormat::kCsv) + sweep_row(request, {}) + "\n", "sweep");
    const auto json = nlohmann::json::parse(sweep_row(request, {}, SweepFormat::kJson));
    std::size_t filled = 0;
    for (const char* name :
         {"model", "chip", "chips", "batch", "sequence", "step_s", "low_s", "high_s", "mfu",
          "memory_gb", "layout", "goodput", "days", "chip_hours", "cost", "error"}) {
      const std::string& field = csv.at(0, csv.column(name).value());
      EXPECT_EQ(json.contains(name), !field.empty()) << name;
      if (field.empty()) continue;
      ++filled;
      if (json[name].is_number()) {
        EXPECT_EQ(json[name].get<double>(), std::stod(field)) << name;
      } else {
        EXPECT_EQ(json[name].get<std::string>(), field) << name;
      }
    }
    EXPECT_EQ(filled, json.size());
  }
}

TEST(ClusterFile, AllThatComeWithIsobarAreRead) {
  ASSERT_GE(list_clusters().size(), 10U);
  for (const auto& path : list_clusters()) {
    const Cluster cluster = read_cluster(path);
    EXPECT_EQ(cluster.name, path.stem());
    for (const ChipGroup& group : cluster.groups)
      EXPECT_GT(figures_of(chip::find_datasheet(group.chip)).peak_16, 0) << path;
  }
}

TEST(ClusterFile, WrongOnesAreRefusedWithTheirLine) {
  const auto parse = [](const char* text) {
    return [text] { (void)parse_cluster(text, "c.toml"); };
  };
  EXPECT_THAT(parse("name = \"x\"\n"), ThrowsMessage<UserError>(HasSubstr("no [[group]]")));
  const std::string group = "[[group]]\nchip = \"h100\"\nchips = 8\n";
  EXPECT_THAT(parse(group.c_str()), ThrowsMessage<UserError>(HasSubstr("no [[level]]")));
  const std::string unit =
      group + "[[level]]\nchips = 8\nbandwidth = \"4 GB\"\nlatency = \"1 us\"\n";
  EXPECT_THAT(parse(unit.c_str()),
              ThrowsMessage<UserError>(HasSubstr("c.toml:6: level.bandwidth must be a quantity")));
  const std::string key = group + "colour = \"red\"\n";
  EXPECT_THAT(parse(key.c_str()), ThrowsMessage<UserError>(HasSubstr("c.toml:4: group.colour")));
}

}  // namespace
}  // namespace isobar::cluster
