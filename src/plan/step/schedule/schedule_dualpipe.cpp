#include "plan/step/schedule/schedule_dualpipe.h"

#include <algorithm>
#include <array>
#include <deque>

namespace isobar::plan {
namespace {

/// One rank's list under construction. A "side" is the direction seen from the rank's end of the
/// pipeline: the near side's micro-batches enter at the end the rank is closer to.
class Side {
 public:
  Side(const PipelineOrder& order, std::uint32_t rank)
      : half_(order.micro_batches / 2), far_half_(rank >= order.ranks / 2) {}

  void forward(std::uint32_t side) {
    passes_.push_back({PassKind::kForward, next(forwards_, side), chunk(side)});
  }
  void backward(std::uint32_t side) {
    passes_.push_back({PassKind::kBackward, next(backwards_, side), chunk(side)});
  }
  void input_gradient(std::uint32_t side) {
    const Pass pass{PassKind::kInputGradient, next(backwards_, side), chunk(side)};
    passes_.push_back(pass);
    waiting_.push_back(pass);
  }
  /// Of the oldest micro-batch that waits for it.
  void weight_gradient() {
    Pass pass = waiting_.front();
    waiting_.pop_front();
    pass.kind = PassKind::kWeightGradient;
    passes_.push_back(pass);
  }
  void overlapped(std::uint32_t forward_side, std::uint32_t backward_side) {
    Pass pass{PassKind::kOverlapped, next(forwards_, forward_side), chunk(forward_side)};
    pass.backward_micro_batch = next(backwards_, backward_side);
    pass.backward_chunk = chunk(backward_side);
    passes_.push_back(pass);
  }
  [[nodiscard]] std::vector<Pass> take() { return std::move(passes_); }

 private:
  [[nodiscard]] std::uint32_t chunk(std::uint32_t side) const {
    return far_half_ ? 1 - side : side;
  }
  std::uint32_t next(std::array<std::uint32_t, 2>& counts, std::uint32_t side) const {
    const std::uint32_t direction = chunk(side);
    return direction * half_ + counts.at(direction)++;
  }

  std::uint32_t half_;  // micro-batches of a direction
  bool far_half_;
  std::array<std::uint32_t, 2> forwards_{}, backwards_{};
  std::deque<Pass> waiting_;
  std::vector<Pass> passes_;
};

}  // namespace

std::vector<Pass> dualpipe(const PipelineOrder& order, std::uint32_t rank) {
  constexpr std::uint32_t kNear = 0, kFar = 1;
  const std::uint32_t middle = order.ranks / 2;
  const std::uint32_t from_end = std::min(rank, order.ranks - 1 - rank);
  const std::uint32_t to_middle = middle - from_end - 1;
  const std::uint32_t pairs = order.micro_batches / 2 - order.ranks + from_end + 1;
  Side side(order, rank);
  for (std::uint32_t i = 0; i < 2 * to_middle; ++i) side.forward(kNear);
  for (std::uint32_t i = 0; i <= from_end; ++i) {
    side.forward(kNear);
    side.forward(kFar);
  }
  for (std::uint32_t i = 0; i < to_middle; ++i) {
    side.input_gradient(kFar);
    side.weight_gradient();
    side.forward(kFar);
  }
  for (std::uint32_t i = 0; i < pairs; ++i) {
    side.overlapped(kNear, kFar);
    side.overlapped(kFar, kNear);
  }
  for (std::uint32_t i = 0; i < to_middle; ++i) {
    side.backward(kFar);
    side.overlapped(kFar, kNear);
  }
  // From the middle of this phase on weight gradients wait, to fill the end.
  bool split = false;
  for (std::uint32_t i = 0; i <= from_end; ++i) {
    const bool turn = i == (from_end + 1) / 2;
    if (turn && from_end % 2 == 1) split = true;
    split ? side.input_gradient(kFar) : side.backward(kFar);
    if (turn && from_end % 2 == 0) split = true;
    split ? side.input_gradient(kNear) : side.backward(kNear);
  }
  for (std::uint32_t i = 0; i < to_middle; ++i) {
    side.weight_gradient();
    side.input_gradient(kNear);
  }
  for (std::uint32_t i = 0; i <= from_end; ++i) side.weight_gradient();
  return side.take();
}

}  // namespace isobar::plan
