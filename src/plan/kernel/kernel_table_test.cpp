// Tables of known kernels: measured ones (testdata/, from the artefact of LLMCompass, ISCA 2024)
// and simulated ones; and coefficients fitted to one half of a table, judged on the other.
#include "plan/kernel/kernel_table.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "plan/kernel/kernel_fit.h"

namespace isobar::plan {
namespace {

using ::testing::HasSubstr;

ChipUnits chip(const std::string& name) {
  return units_of(chip::read_datasheet(ISOBAR_SOURCE_DIR "/chips/" + name + ".toml"));
}
std::vector<KnownKernel> measured(const std::string& name) {
  return read_kernel_table(ISOBAR_SOURCE_DIR "/src/plan/testdata/kernels_" + name + ".csv");
}
/// Matrix products or streams, those in even or in odd places.
std::vector<KnownKernel> part(const std::vector<KnownKernel>& all, bool matmuls, bool odd) {
  std::vector<KnownKernel> chosen;
  std::size_t place = 0;
  for (const KnownKernel& entry : all)
    if (std::holds_alternative<MatmulKernel>(entry.kernel) == matmuls && (place++ % 2 == 1) == odd)
      chosen.push_back(entry);
  return chosen;
}
std::string error_of(const std::string& csv, const std::string& profile = "") {
  try {
    (void)parse_kernel_table(csv, "k.csv", profile);
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(KernelTable, AKernelOfTheTableTakesExactlyItsTime) {
  const std::vector<KnownKernel> known = measured("a100");
  const TableCost cost(part(known, true, false), std::make_shared<TileWaveCost>(chip("a100-80gb")));
  for (const KnownKernel& entry : part(known, true, false))
    EXPECT_NEAR(cost.time(entry.kernel).total(), entry.seconds, 1e-3 * entry.seconds);
}

TEST(KernelTable, BetweenItsRowsATableIsCloserThanTheModelAlone) {
  const auto model = std::make_shared<TileWaveCost>(chip("a100-80gb"));
  const std::vector<KnownKernel> known = measured("a100");
  const TableCost table(part(known, true, false), model);
  const std::vector<KnownKernel> others = part(known, true, true);
  EXPECT_LT(kernel_error(table, others), 0.5 * kernel_error(*model, others));
  EXPECT_LT(kernel_error(table, others), 0.15);
}

TEST(KernelTable, AKindThatTheTableHasNoneOfIsModelled) {
  const auto model = std::make_shared<TileWaveCost>(chip("a100-80gb"));
  const TableCost table(part(measured("a100"), true, false), model);
  const StreamKernel stream{.bytes_read = 1'000'000};
  EXPECT_EQ(table.time(stream).total(), model->time(stream).total());
}

TEST(KernelFit, HalfOfTheMeasuredProductsPredictTheOtherHalf) {
  // The framework that measured them adds some 25 us to each, which the fit has to find.
  for (const auto& [table, sheet] : {std::pair{"a100", "a100-80gb"}, std::pair{"mi210", "mi210"}}) {
    const std::vector<KnownKernel> known = measured(table);
    const ChipUnits units = chip(sheet);
    const KernelCoefficients fitted = fit_kernels(units, part(known, true, false));
    const double error = kernel_error(TileWaveCost(units, fitted), part(known, true, true));
    EXPECT_LT(error, 0.08) << table;
    for (const KernelCoefficientRow& row : kernel_coefficient_rows()) {
      EXPECT_GE(fitted.*row.field, row.low * (1 - 1e-9)) << row.name;
      EXPECT_LE(fitted.*row.field, row.high * (1 + 1e-9)) << row.name;
    }
    EXPECT_GT(fitted.launch, 1e-5) << table;
  }
}

TEST(KernelFit, HalfOfTheMeasuredStreamsPredictTheOtherHalf) {
  const std::vector<KnownKernel> known = measured("a100");
  const ChipUnits units = chip("a100-80gb");
  const KernelCoefficients fitted = fit_kernels(units, part(known, false, false));
  EXPECT_LT(kernel_error(TileWaveCost(units, fitted), part(known, false, true)), 0.15);
}

TEST(KernelTable, ASimulatedRunGivesTheTimePerLaunch) {
  const std::string profile =
      R"({"chip": "isobar-1", "kernels": [{"kernel": "gemm_nn", "launches": 4,
      "device_picoseconds": 8000000}]})";
  const auto known = parse_kernel_table(
      "kernel,m,n,k,format,profiled\nmatmul,128,64,32,fp32,gemm_nn\n", "k.csv", profile);
  ASSERT_EQ(known.size(), 1U);
  EXPECT_DOUBLE_EQ(known[0].seconds, 2e-6);
  EXPECT_EQ(known[0].kernel,
            Kernel(MatmulKernel{.m = 128, .n = 64, .k = 32, .format = NumberFormat::kFp32}));
  EXPECT_THAT(error_of("kernel,m,n,k,profiled\nmatmul,1,1,1,gemm_tn\n", profile),
              HasSubstr("k.csv:2: profiled is \"gemm_tn\""));
  EXPECT_THAT(error_of("kernel,m,n,k,profiled\nmatmul,1,1,1,gemm_tn\n", "[]"),
              HasSubstr("not a file of `isobar run --json`"));
}

TEST(KernelTable, ErrorsNameFileLineAndRemedy) {
  EXPECT_THAT(error_of(""), HasSubstr("k.csv: empty"));
  EXPECT_THAT(error_of("m,n\n1,2\n"), HasSubstr("no column is called kernel"));
  EXPECT_THAT(error_of("kernel,m\nsoftmax,1\n"),
              HasSubstr("k.csv:2: kernel is \"softmax\" (it must be matmul or stream)"));
  EXPECT_THAT(error_of("kernel,m,n,k,seconds\nmatmul,1,1,-1,1\n"),
              HasSubstr("k.csv:2: k is \"-1\" (it must be a positive whole number)"));
  EXPECT_THAT(error_of("kernel,bytes,seconds\nstream,64,nan\n"),
              HasSubstr("k.csv:2: seconds is \"nan\" (it must be a positive number of seconds"));
  EXPECT_THAT(error_of("kernel,m,n,k,format,seconds\nmatmul,1,1,1,int8,1\n"),
              HasSubstr("format is \"int8\""));
}

}  // namespace
}  // namespace isobar::plan
