// Predictions against runs that were published and not fitted: a part of them, kept with their
// sources in data/published_runs.csv. docs/ACCURACY.md has the table of all.
#include "plan/calibration/validate.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/file/file.h"
#include "plan/calibration/fit.h"

namespace isobar::plan {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::vector<ValidatedRun>& validated() {
  static const std::vector<ValidatedRun> runs = [] {
    const std::string path = ISOBAR_SOURCE_DIR "/src/plan/data/published_runs.csv";
    return validate(parse_runs(read_text(path), path), calibrated_coefficients());
  }();
  return runs;
}

ErrorSummary of_class(const std::string& name) {
  for (const ErrorSummary& summary : summarise(validated(), Half::kOther))
    if (summary.group == "class" && summary.name == name) return summary;
  ADD_FAILURE() << "no class " << name;
  return {};
}

TEST(Validate, NoneOfTheseRunsWasFitted) {
  EXPECT_TRUE(std::ranges::none_of(
      validated(), [](const auto& run) { return run.is_modelled() && run.fitted; }));
}

TEST(Validate, DenseRunsAreWithinTheBar) {
  EXPECT_LE(of_class("dense").median_percent, 10);
  EXPECT_LE(of_class("dense").mean_percent, 15);
}

TEST(Validate, RunsOfExpertsAreWithinTheBar) { EXPECT_LE(of_class("experts").median_percent, 15); }

TEST(Validate, RunsOnOneNodeAreWithinTheBar) { EXPECT_LE(of_class("one-node").median_percent, 15); }

TEST(Validate, IntervalsHoldAboutFourInFive) {
  double covered = 0;
  double rows = 0;
  for (const ValidatedRun& run : validated()) {
    if (!run.is_modelled()) continue;
    ++rows;
    if (run.is_covered()) ++covered;
  }
  EXPECT_GE(covered / rows, 0.70);
  EXPECT_LE(covered / rows, 0.92);
}

TEST(Validate, RowsThatCannotBeModelledSayWhy) {
  const auto reason = [](std::string_view id) -> std::string {
    for (const ValidatedRun& run : validated())
      if (run.run.id == id) return std::get<Unmodelled>(run.setting).reason;
    return {};
  };
  EXPECT_THAT(reason("bigscience_prequel_046_L658"), HasSubstr("contradict each other"));
  EXPECT_THAT(reason("mlperf5.1_NVIDIA_theia_ngpu72_ngc25.09_nemo_llama2_70b_lora"),
              HasSubstr("LoRA"));
}

TEST(Validate, JsonHasOneObjectPerRowAndThenTheSummary) {
  std::string text;
  ErrorTally tally;
  for (const ValidatedRun& run : validated()) {
    text += validated_json(run);
    tally.add(run);
  }
  std::istringstream lines(text + summary_json(tally));
  std::string line;
  std::size_t rows = 0;
  while (std::getline(lines, line)) {
    const auto object = nlohmann::json::parse(line);
    if (object.contains("summary")) {
      EXPECT_EQ(object["summary"]["rows"], validated().size());
      EXPECT_EQ(lines.peek(), std::istringstream::traits_type::eof());
      break;
    }
    ++rows;
    EXPECT_TRUE(object.contains("id"));
    if (object.contains("unmodelled")) continue;
    for (const char* key :
         {"family", "chip", "n_chips", "measured_s", "predicted_s", "low_s", "high_s", "error_pct"})
      EXPECT_TRUE(object.contains(key)) << line;
  }
  EXPECT_EQ(rows, validated().size());
}

TEST(Runs, QuotedFieldsMayHoldCommasAndLineEnds) {
  const auto runs = parse_runs("id,notes,n_chips\na,\"x, \"\"y\"\"\nz\",8\n", "f.csv");
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].notes, "x, \"y\"\nz");
  EXPECT_EQ(runs[0].n_chips, 8);
}

TEST(Runs, WhatAColumnCannotHoldIsNamedWithItsLine) {
  const auto parse = [](const std::string& column, const std::string& value) {
    return [text = "id," + column + "\na," + value + "\n"] { (void)parse_runs(text, "f.csv"); };
  };
  for (const char* column : {"layers",
                             "hidden",
                             "heads",
                             "kv_heads",
                             "ffn_hidden",
                             "vocab",
                             "seq",
                             "experts",
                             "topk",
                             "params_total_B",
                             "n_chips",
                             "tp",
                             "pp",
                             "dp",
                             "ep",
                             "cp",
                             "vpp",
                             "microbatch",
                             "global_batch",
                             "step_time_s",
                             "tflops_per_chip",
                             "mfu_pct",
                             "hfu_pct",
                             "tokens_per_s",
                             "tokens_per_s_per_chip"})
    for (const char* value : {"-3", "nan", "inf", "fast", "1e999", "3 4", "0x10", "1,5"}) {
      if (std::string_view(value) == "1,5") continue;  // two fields
      EXPECT_THAT(
          parse(column, value),
          ThrowsMessage<UserError>(HasSubstr(std::string("f.csv:2: column ") + column + ": \"")))
          << column << " " << value;
    }
  for (const auto& [column, value] :
       {std::pair{"precision", "banana"}, std::pair{"zero", "-1"}, std::pair{"zero", "7"},
        std::pair{"recompute", "17"}, std::pair{"n_chips", "7.5"}, std::pair{"tp", "0"}})
    EXPECT_THAT(parse(column, value), ThrowsMessage<UserError>(HasSubstr("f.csv:2: column ")))
        << column << " " << value;
}

TEST(Runs, PublishedWaysToWriteANumberAreRead) {
  const auto runs = parse_runs(
      "id,n_chips,vpp,kv_heads,experts,seq,zero\na,~6000,4 (2),MLA,0, 4096 ,FSDP (ZeRO-2 style)\n",
      "f.csv");
  EXPECT_EQ(runs[0].n_chips, 6000);
  EXPECT_EQ(runs[0].vpp, 4);
  EXPECT_FALSE(runs[0].kv_heads);
  EXPECT_FALSE(runs[0].experts);
  EXPECT_EQ(runs[0].seq, 4096);
}

TEST(Runs, HsdpIsShardedOverTheNodeAndFsdpOverAll) {
  const auto layout_of = [](const std::string& zero) {
    const auto setting = setting_of(
        parse_runs("id,model,layers,hidden,heads,kv_heads,ffn_hidden,vocab,seq,chip,n_chips,"
                   "precision,tp,pp,zero,microbatch,global_batch,step_time_s\n"
                   "a,Llama2-7b,32,4096,32,32,11008,32000,4096,A100-80GB,128,bf16,1,1," +
                       zero + ",2,256,2.2\n",
                   "f.csv")
            .front());
    return std::get<RunSetting>(setting).layout;
  };
  EXPECT_EQ(layout_of("HSDP").zero, 3U);
  EXPECT_EQ(layout_of("HSDP").shard_group, 8U);
  EXPECT_EQ(layout_of("FSDP").shard_group, 0U);
  EXPECT_EQ(layout_of("ZeRO-1").zero, 1U);
}

TEST(Validate, RowsComeInTheirOrderForAnyNumberOfThreads) {
  const std::string path = ISOBAR_SOURCE_DIR "/src/plan/data/published_runs.csv";
  const std::vector<plan::Run> runs = parse_runs(read_text(path), path);
  std::string texts[2];
  for (const unsigned threads : {1U, 4U}) {
    std::size_t at = 0;
    validate(
        [&](plan::Run& run) {
          if (at == runs.size()) return false;
          run = runs[at++];
          return true;
        },
        calibrated_coefficients(), threads,
        [&](const ValidatedRun& run) {
          texts[threads == 1 ? 0 : 1] += validated_json(run) + validated_csv(run);
        });
  }
  EXPECT_EQ(texts[0], texts[1]);
}

TEST(Runs, WrongFilesAreRefusedWithTheirLine) {
  const auto parse = [](const char* text) { return [text] { (void)parse_runs(text, "f.csv"); }; };
  EXPECT_THAT(parse(""), ThrowsMessage<UserError>(HasSubstr("f.csv: empty")));
  EXPECT_THAT(parse("model\nx\n"), ThrowsMessage<UserError>(HasSubstr("no column is called id")));
  EXPECT_THAT(parse("id,seq\na\n"), ThrowsMessage<UserError>(HasSubstr("f.csv:2: 1 fields")));
  EXPECT_THAT(parse("id\n\"a\n"), ThrowsMessage<UserError>(HasSubstr("f.csv:2: a quote")));
  EXPECT_THAT(parse("id\na\na\n"), ThrowsMessage<UserError>(HasSubstr("f.csv:3: the id a")));
  EXPECT_THAT(parse("id,seq,seq\na,1,2\n"),
              ThrowsMessage<UserError>(HasSubstr("f.csv:1: the column seq stands twice")));
}

TEST(RunSetting, ChipsAreFoundByAnyOfTheirNames) {
  EXPECT_EQ(chip_file_name("NVIDIA H100-SXM5-80GB"), "h100");
  EXPECT_EQ(chip_file_name("NVIDIA Blackwell Ultra GPU (GB300)"), "gb300");
  EXPECT_EQ(chip_file_name("NVIDIA Blackwell GPU (B200-SXM-180GB)"), "b200");
  EXPECT_EQ(chip_file_name("A100-40GB-SXM"), "a100-40gb");
  EXPECT_EQ(chip_file_name("Ascend NPU (910B class, 8/node HCCS, 200Gb/s RoCE)"), "ascend-910b");
  EXPECT_EQ(chip_file_name("abacus"), "");
}

TEST(Fit, RecoversACoefficientFromRunsMadeWithIt) {
  // Runs as the planner itself would measure them on slower kernels: fitting must find out.
  Coefficients truth;
  truth.chips[static_cast<std::size_t>(Generation::kAmpere)].gemm_16 = 0.6;
  std::vector<RunSetting> runs;
  for (const ValidatedRun& run : validated()) {
    if (!run.is_modelled()) continue;
    RunSetting setting = std::get<RunSetting>(run.setting);
    if (setting.chip.generation != Generation::kAmpere || runs.size() >= 30) continue;
    setting.measured = predict(setting, truth).step.seconds;
    runs.push_back(setting);
  }
  FitOptions options;
  options.pull = 0;
  const FitResult result = fit(runs, Coefficients{}, options, [](unsigned, double) {});
  EXPECT_LT(result.after, 0.1 * result.before);
  EXPECT_NEAR(result.coefficients.of(Generation::kAmpere).gemm_16, 0.6, 0.06);
}

TEST(Coefficients, AFileReadsBackAsItWasWritten) {
  Coefficients coefficients;
  coefficients.network = 0.61;
  coefficients.spread[1].high = 1.3;
  const Coefficients again = parse_coefficients(coefficients_file(coefficients, "A test."), "c");
  for (const CoefficientRow& row : coefficient_rows())
    EXPECT_NEAR(row.in(again), row.in(coefficients), 1e-3 * row.in(coefficients) + 1e-12)
        << row.name;
  EXPECT_NEAR(again.spread[1].high, 1.3, 1e-9);
}

TEST(Coefficients, ImplausibleOnesAreRefused) {
  EXPECT_THAT([] { (void)parse_coefficients("network = 2.0\n", "c.toml"); },
              ThrowsMessage<UserError>(HasSubstr("c.toml:1: network is 2, but plausible is")));
  EXPECT_THAT([] { (void)parse_coefficients("warp = 1.0\n", "c.toml"); },
              ThrowsMessage<UserError>(HasSubstr(
                  "c.toml:1: \"warp\" is not a key of a calibration (docs/PLAN.md lists")));
}

TEST(Coefficients, DefaultsAndCalibrationAreInTheirRanges) {
  for (const Coefficients& coefficients : {Coefficients{}, calibrated_coefficients()})
    for (const CoefficientRow& row : coefficient_rows()) {
      EXPECT_GE(row.in(coefficients), row.low) << row.name;
      EXPECT_LE(row.in(coefficients), row.high) << row.name;
    }
}

}  // namespace
}  // namespace isobar::plan
