#include "plan/plan.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/rank_shares.h"
#include "base/text/csv.h"
#include "plan/deepseek_request.h"
#include "plan/network/cluster_file.h"
#include "plan/report/plan_report.h"
#include "plan/sweep.h"

namespace isobar::plan {
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

TEST(Plan, EveryLayoutIsLegalFitsAndIsNotFasterThanTheOneBefore) {
  const Plan plan = make_plan(small_request(), calibrated_coefficients());
  double before = 0;
  for (const PlannedLayout& row : plan.layouts) {
    EXPECT_EQ(row.candidate.layout.chips(), 64U);
    EXPECT_FALSE(broken_rule(row.candidate.layout, plan.shape, plan.chip));
    EXPECT_LE(row.candidate.memory.total(), kUsableMemory * plan.chip.capacity);
    EXPECT_GE(as_printed(row.candidate.step.seconds), before);
    before = as_printed(row.candidate.step.seconds);
  }
}

TEST(Plan, StepsThatPrintAlikeGoToTheSimplestLayout) {
  Candidate plain, cut;
  plain.layout = cut.layout = Layout{};
  cut.layout.tensor = 2;
  plain.step.seconds = 7.1004;  // both print as 7.1
  cut.step.seconds = 7.0996;
  EXPECT_TRUE(is_before(plain, cut));
  EXPECT_FALSE(is_before(cut, plain));
  cut.step.seconds = 7.0994;  // prints as 7.099
  EXPECT_TRUE(is_before(cut, plain));
  plain.step.seconds = cut.step.seconds;
  plain.layout = cut.layout;
  plain.layout.pipeline = cut.layout.pipeline = 2;
  cut.layout.schedule = Schedule::kDualPipe;
  EXPECT_TRUE(is_before(plain, cut)) << "the plainer schedule";
}

TEST(Plan, ShowingMoreOrFewerLayoutsChangesNoneOfThem) {
  PlanRequest request = small_request();
  const Plan many = make_plan(request, calibrated_coefficients());
  for (const std::uint32_t others : {0U, 1U, 3U}) {
    request.runners_up = others;
    const Plan few = make_plan(request, calibrated_coefficients());
    ASSERT_EQ(few.layouts.size(), others + 1);
    for (std::size_t i = 0; i < few.layouts.size(); ++i) {
      EXPECT_EQ(few.layouts[i].candidate.layout.describe(),
                many.layouts[i].candidate.layout.describe());
      EXPECT_EQ(few.layouts[i].candidate.step.seconds, many.layouts[i].candidate.step.seconds);
    }
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
  const auto columns = [](const std::string& row) {  // a warning may hold one, in quotes
    bool quoted = false;
    return std::ranges::count_if(row, [&](char c) {
      quoted ^= c == '"';
      return c == ',' && !quoted;
    });
  };
  EXPECT_EQ(columns(rows[0]), columns(sweep_head(SweepFormat::kCsv)));
}

/// One request of each kind that a sweep meets: dense and experts, small and large, narrow formats,
/// chips that were calibrated and that were not, a cluster file.
std::vector<PlanRequest> requests_of_all_kinds() {
  std::vector<PlanRequest> list;
  for (const char* model : {"llama-3-8b", "gpt3-175b", "mixtral-8x7b"})
    for (const char* chip : {"h100", "a100-80gb", "mi300x", "ascend-910c", "b200"})
      for (const std::uint32_t chips : {64U, 256U}) {
        PlanRequest request;
        request.model = model;
        request.chip = chip;
        request.chips = chips;
        list.push_back(request);
      }
  PlanRequest cluster;
  cluster.model = "llama-3-70b";
  cluster.cluster = "dgx-h100-superpod";
  cluster.chips = 256;
  cluster.precisions = {Precision::kFp8Tensor};
  list.push_back(cluster);
  return list;
}

TEST(Sweep, AgreesWithThePlanToTheLastDigit) {
  for (PlanRequest& request : requests_of_all_kinds()) {
    request.tokens = 1e12;
    request.prices.chip_hour = 2;
    // Fewer layouts to look at, for the test's time: the comparison is the same.
    request.fixed.context = 1;
    request.fixed.micro_batch = 1;
    const auto plan =
        nlohmann::json::parse(plan_json(make_plan(request, calibrated_coefficients())));
    request.runners_up = 0;
    const auto row =
        nlohmann::json::parse(sweep_row(request, calibrated_coefficients(), SweepFormat::kJson));
    const auto& best = plan["layouts"][0];
    EXPECT_EQ(row["layout"], best["layout"]);
    for (const char* name : {"step_s", "low_s", "high_s", "mfu", "hfu"})
      EXPECT_EQ(row[name].get<double>(), best[name].get<double>()) << name;
    for (const char* name : {"days", "goodput", "chip_hours", "cost"})
      EXPECT_EQ(row[name].get<double>(), plan["run"][name].get<double>()) << name;
    EXPECT_EQ(row.contains("warnings"), !plan["warnings"].empty());
  }
}

TEST(Plan, DaysCostAndIntervalFollowFromThePrintedStep) {
  PlanRequest request = small_request();
  request.tokens = 1e12;
  request.prices.chip_hour = 2;
  for (const std::uint32_t chips : {8U, 64U}) {
    request.chips = chips;
    const auto plan =
        nlohmann::json::parse(plan_json(make_plan(request, calibrated_coefficients())));
    const auto& best = plan["layouts"][0];
    const double step = best["step_s"];
    const double steps = 1e12 / (plan["batch"].get<double>() * plan["sequence"].get<double>());
    const double days = step * steps / plan["run"]["goodput"].get<double>() / 86400;
    EXPECT_NEAR(plan["run"]["days"], days, 1e-12 * days);
    EXPECT_NEAR(plan["run"]["cost"], days * 24 * chips * 2, 1e-9 * days);
    double parts = 0;
    for (const auto& part : best["seconds"]) parts += part.get<double>();
    EXPECT_NEAR(parts, step, 1e-12 * step);
    EXPECT_NEAR(plan["ledger"]["capacity"].get<double>(), step * 1e12 * chips, 1);
    const auto spread = calibrated_coefficients().spread.at(chips == 8 ? 0 : 1);
    EXPECT_DOUBLE_EQ(best["low_s"], step * spread.low);
    EXPECT_DOUBLE_EQ(best["high_s"], step * spread.high);
  }
}

TEST(Sweep, AnObjectOfJsonHoldsWhatTheLineOfCsvHolds) {
  PlanRequest request = small_request();
  request.tokens = 1e12;
  request.prices.chip_hour = 2;
  for (const char* chip : {"h100", "mi300x", "abacus"}) {
    request.chip = chip;
    const CsvTable csv(sweep_head(SweepFormat::kCsv) + sweep_row(request, {}) + "\n", "sweep");
    const auto json = nlohmann::json::parse(sweep_row(request, {}, SweepFormat::kJson));
    std::size_t filled = 0;
    for (const char* name : {"model", "chip", "chips", "batch", "sequence", "step_s", "low_s",
                             "high_s", "mfu", "hfu", "mfu_attention", "memory_gb", "layout",
                             "goodput", "days", "chip_hours", "cost", "warnings", "error"}) {
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
    EXPECT_TRUE(json.contains("isobar"));  // which version wrote it: not of the plan
    EXPECT_EQ(filled + 1, json.size());
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
              ThrowsMessage<UserError>(
                  HasSubstr("c.toml:6: level.bandwidth is \"4 GB\" (it must be a quantity")));
  const std::string key = group + "colour = \"red\"\n";
  EXPECT_THAT(parse(key.c_str()),
              ThrowsMessage<UserError>(
                  HasSubstr("c.toml:4: \"colour\" is not a key of [[group]] (it has chip")));
}

}  // namespace
}  // namespace isobar::plan
