// Explanations, held against times added up by hand (the samples) and against an independent
// reading of DeepSeek's published trace.
#include "explain/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file/file.h"
#include "explain/causes.h"
#include "explain/explain_text.h"

namespace isobar::explain {
namespace {

using ::testing::HasSubstr;

std::filesystem::path sample(const char* name) {
  return std::filesystem::path(ISOBAR_SOURCE_DIR) / "src/explain/samples" / name;
}

Explanation of(const char* name, const std::string& chip = {}) {
  Request request;
  request.traces = {sample(name)};
  request.chip = chip;
  return explain(request);
}

/// The charge at a path of the ledger, in ns x SM.
std::uint64_t charge(const Explanation& e, const std::vector<std::string>& path) {
  const ledger::Cause* cause = &e.ledger->root();
  for (const std::string& name : path) {
    const auto child = std::ranges::find(cause->children, name, &ledger::Cause::name);
    if (child == cause->children.end()) return 0;
    cause = &*child;
  }
  return cause->total();
}

const ClassTotals& find_class(const Explanation& e, std::string_view name) {
  for (const ClassTotals& c : e.classes)
    if (c.klass.name == name) return c;
  throw std::logic_error("no such class");
}

TEST(Explanation, OfTheCudaSampleChargesEachMicrosecondAsAddedUpByHand) {
  const Explanation e = of("cuda.json");
  const TimelineFigures f = e.totals();
  EXPECT_EQ(f.span, 1'000'000U);
  EXPECT_EQ(f.compute_busy, 790'000U);  // 500 product, 100 norm, 100 cast, 90 optimiser
  EXPECT_EQ(f.communication, 400'000U);
  EXPECT_EQ(f.exposed_communication, 100'000U);
  EXPECT_EQ(f.exposed_copy, 50'000U);
  EXPECT_EQ(f.idle, 60'000U);
  EXPECT_EQ(f.host_bound, 40'000U);  // the norm's launch returned 40 us into a gap of 50
  EXPECT_EQ(f.lent_sms, 20U);
  EXPECT_TRUE(e.ledger->is_exact());
  EXPECT_EQ(e.ledger->capacity(), 100'000'000U);
  EXPECT_EQ(charge(e, {"idle", "host-bound gaps"}), 4'000'000U);
  EXPECT_EQ(charge(e, {"idle", "waiting"}), 2'000'000U);
  EXPECT_EQ(charge(e, {"exposed communication", "all-reduce"}), 10'000'000U);
  EXPECT_EQ(charge(e, {"exposed copies"}), 5'000'000U);
  EXPECT_EQ(charge(e, {"SMs lent to communication", "all-reduce"}), 20U * 300'000U);
  EXPECT_EQ(charge(e, {"kernels without model FLOPs", "cast and transpose"}), 10'000'000U);
  EXPECT_EQ(charge(e, {"kernels without model FLOPs", "norm"}), 10'000'000U);
  EXPECT_EQ(charge(e, {"kernels without model FLOPs", "optimiser"}), 9'000'000U);
  // 2 x 4096^3 FLOPs at the H100's dense BF16 peak, 989.5 TFLOP/s or so.
  const double useful = 2.0 * 4096 * 4096 * 4096 / e.peak.flops * 1e9 * 100;
  EXPECT_NEAR(static_cast<double>(charge(e, {"useful model arithmetic"})), useful, 1);
  EXPECT_EQ(e.peak.chip, "h100");
  EXPECT_NEAR(*e.mfu, useful / 1e8, 1e-9);
}

TEST(Explanation, OfRocmTreatsEachDeviceAsARank) {
  const Explanation e = of("rocm.json");
  ASSERT_EQ(e.ranks.size(), 2U);
  EXPECT_TRUE(e.ledger->is_exact());
  EXPECT_EQ(e.ranks[0].figures.span, 249'750U);
  EXPECT_EQ(e.ranks[0].figures.exposed_communication, 99'750U);
  EXPECT_EQ(e.ranks[1].figures.span, 240'000U);
  EXPECT_EQ(find_class(e, "reduce-scatter").busy, 150'250U);
  EXPECT_EQ(find_class(e, "gemm bf16").launches, 2U);
  EXPECT_EQ(find_class(e, "attention forward").launches, 1U);
  EXPECT_FALSE(e.mfu.has_value());
  EXPECT_THAT(summary_text(e, 100), HasSubstr("record_shapes=True"));
}

TEST(Explanation, OfAscendAndMtiaFindsTheirProductsAndCollectives) {
  const Explanation ascend = of("ascend.json", "ascend-910b");
  EXPECT_TRUE(ascend.ledger->is_exact());
  EXPECT_EQ(ascend.totals().span, 600'000U);
  EXPECT_EQ(ascend.totals().exposed_communication, 100'000U);
  EXPECT_EQ(find_class(ascend, "gemm").busy, 300'500U);
  EXPECT_EQ(find_class(ascend, "attention forward").launches, 1U);
  EXPECT_EQ(find_class(ascend, "all-reduce").busy, 350'000U);
  EXPECT_EQ(find_class(ascend, "norm").busy, 40'000U);
  const Explanation mtia = of("mtia.json");
  EXPECT_TRUE(mtia.ledger->is_exact());
  EXPECT_EQ(mtia.totals().host_bound, 60'000U);  // 1150 to 1210
  EXPECT_EQ(mtia.totals().idle, 70'000U);
  EXPECT_EQ(find_class(mtia, "all-reduce").busy, 50'000U);
  EXPECT_EQ(find_class(mtia, "gemm bf16").launches + find_class(mtia, "gemm").launches, 1U);
}

TEST(Explanation, ListsTheKernelsBehindACauseAndTheyAddUpToIt) {
  const Explanation e = of("cuda.json");
  const auto causes = kernels_behind(e, "Cast and Transpose");
  ASSERT_EQ(causes.size(), 1U);
  ASSERT_EQ(causes[0].kernels.size(), 1U);
  EXPECT_EQ(causes[0].kernels[0].charge, causes[0].charge);
  EXPECT_EQ(kernels_behind(e, "idle").size(), 2U);
  EXPECT_EQ(kernels_behind(e, "idle/waiting").size(), 1U);
  EXPECT_THROW((void)kernels_behind(e, "coffee"), UserError);
}

TEST(Explanation, AdvisesAboutWhatTheSampleSuffersFrom) {
  const Explanation e = of("cuda.json");
  const auto find = [&](std::string_view cause) {
    return std::ranges::find(e.advice, cause, &Advice::cause);
  };
  const auto cast = find("kernels without model FLOPs/cast and transpose");
  ASSERT_NE(cast, e.advice.end());
  EXPECT_NEAR(cast->gain_us, 100, 1e-6);
  EXPECT_THAT(cast->finding, HasSubstr("10.0 % of the step"));
  const auto host = find("idle/host-bound gaps");
  ASSERT_NE(host, e.advice.end());
  EXPECT_NEAR(host->gain_us, 40, 1e-6);
  EXPECT_TRUE(std::ranges::is_sorted(e.advice, std::ranges::greater{}, &Advice::gain_us));
}

TEST(Explanation, TakesTheUsersKernelsFirst) {
  const std::string name = ::testing::TempDir() + "isobar-classes.toml";
  write_text_atomically(name,
                        "[[class]]\nname = \"my norm\"\ngroup = \"vector\"\n"
                        "match = 'layer_norm_kernel'\n");
  Request request;
  request.traces = {sample("cuda.json")};
  request.kernel_classes = name;
  const Explanation e = explain(request);
  EXPECT_EQ(find_class(e, "my norm").launches, 1U);
  EXPECT_EQ(find_class(e, "norm").launches, 0U);
  write_text_atomically(name, "[[class]]\nname = \"x\"\ngroup = \"vector\"\nmatch = '('\n");
  EXPECT_THROW((void)explain(request), UserError);
}

TEST(Explanation, TakesTheFlopsOfAModelAndItsTokensWhereTheyAreGiven) {
  Request request;
  request.traces = {sample("cuda.json")};
  request.model = "gpt2";
  request.tokens = 8 * 1024;
  request.sequence = 1024;
  request.chips = 8;
  const Explanation e = explain(request);
  // 6 N a token with the 124 M weights of GPT-2, and causal attention: 6 x 12 layers x 1024 x 768.
  const double expected = 1024 * (6 * 124e6 + 6.0 * 12 * 1024 * 768);
  EXPECT_NEAR(static_cast<double>(e.model_flops), expected, 0.01 * expected);
  request.tokens = 0;  // and the sample shows no attention
  EXPECT_THROW((void)explain(request), UserError);
}

TEST(Explanation, RefusesAStepThatIsNotThereAndNamesThoseThatAre) {
  Request request;
  request.traces = {sample("cuda.json")};
  request.step = 8;
  try {
    (void)explain(request);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("has steps 7"));
  }
}

TEST(Explanation, AsJsonHasTheFiguresAndALedgerThatAddsUp) {
  const auto json = nlohmann::json::parse(to_json(of("cuda.json"), {}));
  EXPECT_DOUBLE_EQ(json["span_ms"], 1.0);
  EXPECT_DOUBLE_EQ(json["compute_busy_ms"], 0.79);
  EXPECT_DOUBLE_EQ(json["communication_ms"], 0.4);
  EXPECT_DOUBLE_EQ(json["exposed_communication_ms"], 0.1);
  EXPECT_DOUBLE_EQ(json["idle_ms"], 0.06);
  EXPECT_NEAR(json["model_tflop"], 0.1374, 1e-4);
  EXPECT_TRUE(json["mfu"].is_number());
  EXPECT_TRUE(json["mfu_convention"].is_string());
  EXPECT_EQ(json["ledger"]["unattributed"], 0);
  EXPECT_EQ(json["ledger"]["charged"], json["ledger"]["capacity"]);
}

/// One trace of DeepSeek's, published with its profile data; not in this repository.
class DeepSeekTrace : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(path_))
      GTEST_SKIP() << path_ << " is not there; the published trace is not part of the repository";
    Request request;
    request.traces = {path_};
    e_ = explain(request);
  }
  /// Within 2 % of the independent reading.
  static void near(double ours, double theirs, const char* what) {
    EXPECT_NEAR(ours, theirs, 0.02 * theirs) << what;
  }
  double busy_ms(std::string_view klass) {
    return static_cast<double>(find_class(e_, klass).busy) / 1e6;
  }

  std::filesystem::path path_ = std::filesystem::path(ISOBAR_SOURCE_DIR) / ".." / "shared" /
                                "data" / "deepseek_v3_h800_train_trace.json.gz";
  Explanation e_;
};

TEST_F(DeepSeekTrace, GivesTheFiguresOfTheIndependentReading) {
  const TimelineFigures f = e_.totals();
  EXPECT_TRUE(e_.ledger->is_exact());
  near(static_cast<double>(f.span) / 1e6, 129.0, "span");
  near(static_cast<double>(f.compute_busy) / 1e6, 124.3, "compute busy");
  near(static_cast<double>(f.communication) / 1e6, 114.5, "communication");
  near(static_cast<double>(f.exposed_communication) / 1e6, 4.2, "exposed");
  near(static_cast<double>(f.idle) / 1e6, 0.5, "idle");
  EXPECT_EQ(f.lent_sms, 20U);
  EXPECT_EQ(e_.peak.sms, 132U);
  near(busy_ms("gemm fp8"), 74.5, "FP8 products");
  EXPECT_EQ(find_class(e_, "gemm fp8").launches, 140U);
  near(busy_ms("attention forward"), 4.95, "attention forward");
  near(busy_ms("attention forward") + busy_ms("attention backward"), 22.0, "attention");
  near(busy_ms("cast and transpose"), 17.5, "casts and transposes");
  near(static_cast<double>(e_.model_flops) / 1e12, 65.8, "TFLOP");
  near(100 * *e_.mfu, 51.5, "MFU");
}

TEST_F(DeepSeekTrace, HasWithTheModelsDescriptionTheFlopsOfTheIndependentReading) {
  // 6 FLOPs x 4,096 tokens x 4 layers x 585.3 M weights a token visits (MLA 187.1 M, 9 experts of
  // 44.04 M, router 1.8 M), and attention as below.
  Request request;
  request.traces = {path_};
  request.model = "deepseek-v3";
  const Explanation planned = explain(request);
  EXPECT_THAT(planned.flops_method, HasSubstr("4 layers passed forward and back"));
  near(static_cast<double>(planned.model_flops) / 1e12, 65.8, "TFLOP");
  near(static_cast<double>(planned.model_flops), 6.0 * 4096 * 4 * 585.3e6 + 8.246e12, "FLOPs");
  near(100 * *planned.mfu, 51.5, "MFU");
  EXPECT_TRUE(planned.ledger->is_exact());
}

TEST_F(DeepSeekTrace, TellsEveryWeightGradientFromTheCastsOfItsOperands) {
  // 4 layers x (q and kv down and up, output, shared expert's two, the routed experts' two).
  EXPECT_THAT(e_.flops_method, HasSubstr("36 weight gradients"));
  // Attention: 4 layers x 3 passes x 128 heads x 4096^2 x (192 + 128), causal.
  const double attention = 4.0 * 3 * 128 * 4096 * 4096 * 320;
  EXPECT_NEAR(static_cast<double>(find_class(e_, "attention forward").flops +
                                  find_class(e_, "attention backward").flops),
              attention, 1);
}

}  // namespace
}  // namespace isobar::explain
