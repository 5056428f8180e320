// What `isobar plan --kernels` means, down to the time of a layer.
#include "plan/kernel/kernel_source.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/error.h"
#include "model/file/transformer_file.h"
#include "plan/kernel/kernel_table.h"
#include "plan/step/layer_time.h"

namespace isobar::plan {
namespace {

constexpr char kTable[] = ISOBAR_SOURCE_DIR "/src/plan/testdata/kernels_a100.csv";

chip::Datasheet a100() { return chip::read_datasheet(ISOBAR_SOURCE_DIR "/chips/a100-80gb.toml"); }

TEST(KernelSource, ATablesKernelsTakeTheirKnownTime) {
  const auto cost = kernel_cost_of(a100(), kTable, "");
  for (const KnownKernel& entry : read_kernel_table(kTable)) {
    // Layer norms and GELUs of one size in bytes were measured apart and share a place.
    if (!std::holds_alternative<MatmulKernel>(entry.kernel)) continue;
    EXPECT_NEAR(cost->time(entry.kernel).total(), entry.seconds, 0.01 * entry.seconds);
  }
}

/// What is said of a table with one row.
std::string error_of_row(const std::string& row) {
  const std::string path = ::testing::TempDir() + "kernels_of_one_row.csv";
  std::ofstream(path) << "kernel,m,n,k,groups,format,bytes,seconds\n" << row << "\n";
  try {
    (void)kernel_cost_of(a100(), path, "");
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(KernelSource, ATableFasterThanItsChipIsRefused) {
  using ::testing::HasSubstr;
  // 2 x 4096^3 FLOP at 312 TFLOP/s: 440.5 us; printed times and peaks are rounded by 1 %.
  EXPECT_EQ(error_of_row("matmul,4096,4096,4096,,bf16,,0.000441"), "");
  EXPECT_EQ(error_of_row("matmul,4096,4096,4096,,bf16,,0.000437"), "");
  EXPECT_THAT(error_of_row("matmul,4096,4096,4096,,bf16,,0.000435"),
              HasSubstr(":2: 0.000435 s is 1.01 times faster than a100-80gb can be: its dense "
                        "16-bit peak, 312 TFLOP/s allows 0.0004405 s"));
  // Each group is as much work; TF32 has half the rate.
  EXPECT_THAT(error_of_row("matmul,4096,4096,4096,2,bf16,,0.000600"), HasSubstr("1.47 times"));
  EXPECT_THAT(error_of_row("matmul,4096,4096,4096,,tf32,,0.000600"), HasSubstr("tf32 peak"));
  // 10 GB at 2.039 TB/s: 4.9 ms. What fits the 40 MB of cache may come from there, at 108 cores x
  // 256 bytes a cycle.
  EXPECT_EQ(error_of_row("stream,,,,,,10000000000,0.00495"), "");
  EXPECT_THAT(error_of_row("stream,,,,,,10000000000,0.00400"), HasSubstr("memory bandwidth"));
  EXPECT_EQ(error_of_row("stream,,,,,,20000000,0.000002"), "");
  EXPECT_THAT(error_of_row("stream,,,,,,20000000,0.0000002"), HasSubstr("108 cores"));
}

TEST(KernelSource, ATableWithMoreGroupsThanAKernelHasIsRefused) {
  EXPECT_THAT(error_of_row("matmul,1,1,1,1048577,bf16,,1"), ::testing::HasSubstr("up to 1048576"));
}

TEST(KernelSource, WrongSourcesAreNamed) {
  const auto error_of = [](const std::string& source, const std::string& profile) -> std::string {
    try {
      (void)kernel_cost_of(a100(), source, profile);
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(error_of("missing.csv", ""), HasSubstr("missing.csv"));
  EXPECT_THAT(error_of("model", "run.json"), HasSubstr("a profile goes with a table"));
}

/// Every kernel takes a second.
class OneSecond final : public KernelCost {
 public:
  KernelTime time(const Kernel& /*kernel*/) const override {
    KernelTime time;
    time.ideal = 1;
    return time;
  }
};

TEST(KernelSource, ALayerTakesTheSumOfItsKernels) {
  const auto model = model::read_transformer(ISOBAR_SOURCE_DIR "/models/llama-3-8b.toml");
  const ChipFigures chip = figures_of(a100());
  const Network network = network_of(chip);
  const Coefficients coefficients;
  const OneSecond cost;
  Layout layout;
  layout.sequence = 4096;
  const Setting setting{&model.shape, &chip, &network, &coefficients, &cost};
  const MicroBatchTime micro = micro_batch_time(setting, layout);
  // Forward: four products, attention, six streams (two norms, rotary positions, SwiGLU, two
  // residuals). Backward: each product twice.
  EXPECT_NEAR(micro.forward_before[1], 4 + 1 + 6, 1e-6);
  EXPECT_NEAR(micro.backward_before[1], 8 + 1 + 6, 1e-6);
}

}  // namespace
}  // namespace isobar::plan
