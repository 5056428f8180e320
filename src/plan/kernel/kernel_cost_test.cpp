// What a kernel computes and moves, against counting; and that remembering changes no answer.
#include "plan/kernel/kernel_cost.h"

#include <gmock/gmock.h>

namespace isobar::plan {
namespace {

TEST(KernelCost, AttentionCountsExactlyThePairsTheMaskLeaves) {
  for (const std::uint32_t queries : {1U, 7U, 64U})
    for (const std::uint32_t keys : {64U, 100U})
      for (const std::uint32_t window : {0U, 1U, 16U, 80U, 200U}) {
        std::uint64_t pairs = 0;
        for (std::uint32_t q = 0; q < queries; ++q)
          for (std::uint32_t k = 0; k < keys; ++k) {
            const std::uint32_t position = keys - queries + q;
            if (k <= position && (window == 0 || k + window > position)) ++pairs;
          }
        const AttentionKernel kernel{.sequences = 2,
                                     .heads = 3,
                                     .kv_heads = 1,
                                     .queries = queries,
                                     .keys = keys,
                                     .query_key_width = 5,
                                     .value_width = 4,
                                     .window = window};
        EXPECT_DOUBLE_EQ(flops(kernel), 2.0 * 2 * 3 * static_cast<double>(pairs) * (5 + 4))
            << queries << " queries, " << keys << " keys, window " << window;
      }
}

TEST(KernelCost, AMatrixProductMovesItsOperandsAndItsResult) {
  const MatmulKernel g{.m = 3, .n = 5, .k = 7, .groups = 2};
  EXPECT_EQ(flops(g), 2.0 * 3 * 5 * 7 * 2);
  EXPECT_EQ(bytes(g), 2.0 * (2 * (3 * 7 + 7 * 5) + 2 * 3 * 5));
  MatmulKernel gradient = g;
  gradient.format = NumberFormat::kFp8;
  gradient.output_bytes = 4;
  gradient.accumulates = true;
  EXPECT_EQ(bytes(gradient), 2.0 * ((3 * 7 + 7 * 5) + 2 * 4 * 3 * 5));
}

class CountingCost final : public KernelCost {
 public:
  KernelTime time(const Kernel& kernel) const override {
    ++asked;
    KernelTime time;
    time.ideal = flops(kernel);
    time.memory = bytes(kernel);
    return time;
  }
  mutable int asked = 0;
};

TEST(KernelCost, ARememberedAnswerIsTheSameAndAskedForOnce) {
  const auto inner = std::make_shared<CountingCost>();
  const MemoisedCost cost(inner);
  const std::vector<Kernel> kernels{
      MatmulKernel{.m = 1, .n = 2, .k = 3},
      MatmulKernel{.m = 2, .n = 1, .k = 3},
      MatmulKernel{.m = 1, .n = 2, .k = 3, .format = NumberFormat::kFp8},
      AttentionKernel{.queries = 8, .keys = 8, .query_key_width = 4, .value_width = 4},
      AttentionKernel{
          .queries = 8, .keys = 8, .query_key_width = 4, .value_width = 4, .backward = true},
      StreamKernel{.bytes_read = 8},
      StreamKernel{.bytes_written = 8}};
  for (int round = 0; round < 3; ++round)
    for (const Kernel& kernel : kernels) {
      EXPECT_EQ(cost.time(kernel).ideal, flops(kernel));
      EXPECT_EQ(cost.time(kernel).memory, bytes(kernel));
    }
  EXPECT_EQ(inner->asked, static_cast<int>(kernels.size()));
}

}  // namespace
}  // namespace isobar::plan
