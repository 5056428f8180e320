// What `isobar plan --kernels` means, down to the time of a layer.
#include "cluster/kernel_source.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "cluster/kernel_table.h"
#include "cluster/layer_time.h"
#include "model/transformer_file.h"

namespace isobar::cluster {
namespace {

constexpr char kTable[] = ISOBAR_SOURCE_DIR "/src/cluster/testdata/kernels_a100.csv";

chip::Datasheet a100() { return chip::read_datasheet(ISOBAR_SOURCE_DIR "/chips/a100-80gb.toml"); }

TEST(KernelSource, ATablesKernelsTakeTheirKnownTime) {
  const auto cost = kernel_cost_of(a100(), kTable, "");
  for (const KnownKernel& entry : read_kernel_table(kTable)) {
    // Layer norms and GELUs of one size in bytes were measured apart and share a place.
    if (!std::holds_alternative<MatmulKernel>(entry.kernel)) continue;
    EXPECT_NEAR(cost->time(entry.kernel).total(), entry.seconds, 0.01 * entry.seconds);
  }
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
}  // namespace isobar::cluster
