#include "cli/planner_judge.h"

#include "plan/kernel/tile_wave_cost.h"

namespace isobar::cli {
namespace {

using plan::AttentionKernel;
using plan::KernelTime;
using plan::MatmulKernel;
using plan::StreamKernel;

constexpr std::uint64_t kTokens = 4096, kWidth = 8192, kInner = 28672, kChips = 8;
constexpr std::uint32_t kHeads = 64, kGroups = 8;
constexpr double kHiddenCollectives = 0.5;

class PlannerJudge final : public fab::Judge {
 public:
  [[nodiscard]] std::string_view name() const override {
    return "the planner's kernel cost over one layer of a 70-billion-parameter transformer";
  }

  [[nodiscard]] double mfu(const fab::Design& design) const override {
    const chip::Datasheet sheet = datasheet_of(design);
    const plan::TileWaveCost cost(plan::units_of(sheet));
    KernelTime time;
    double useful = 0;
    const auto product = [&](std::uint64_t n, std::uint64_t k) {
      const MatmulKernel forward{.m = kTokens, .n = n, .k = k};
      time += cost.time(forward);
      time += cost.time(MatmulKernel{.m = kTokens, .n = k, .k = n});
      time += cost.time(MatmulKernel{.m = k, .n = n, .k = kTokens, .output_bytes = 4});
      useful += 3 * plan::flops(forward);
    };
    const std::uint64_t heads = kWidth / kChips, inner = kInner / kChips;
    product((kWidth + 2ULL * kGroups * (kWidth / kHeads)) / kChips, kWidth);
    product(kWidth, heads);
    product(2 * inner, kWidth);
    product(kWidth, inner);

    AttentionKernel attention{.heads = kHeads / kChips,
                              .kv_heads = kGroups / kChips,
                              .queries = kTokens,
                              .keys = kTokens,
                              .query_key_width = kWidth / kHeads,
                              .value_width = kWidth / kHeads};
    useful += 3 * plan::flops(attention);  // what the backward pass recomputes does not count
    time += cost.time(attention);
    attention.backward = true;
    time += cost.time(attention);
    // Norms, rotary positions, the gate and residuals, forward and backward: about 16 arrays of the
    // width and 8 of the inner width, a third of them written.
    const std::uint64_t streamed = (16 * kWidth + 8 * inner) * kTokens * 2;
    time += cost.time(StreamKernel{
        .bytes_read = streamed * 2 / 3, .bytes_written = streamed / 3, .launches = 12});

    // Four sums over the chips, each in two halves around a ring.
    const double summed = 4.0 * kTokens * kWidth * 2 * 2 * (kChips - 1) / kChips;
    const double exposed = (1 - kHiddenCollectives) * summed / (*sheet.link.bandwidth).count();
    return useful / (design.peak() * (time.total() + exposed));
  }
};

}  // namespace

std::unique_ptr<fab::Judge> planner_judge() { return std::make_unique<PlannerJudge>(); }

}  // namespace isobar::cli
