#include "plan/step/schedule/schedule_order.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "plan/step/schedule/schedule_dualpipe.h"

namespace isobar::plan {
namespace {

/// Enough forward passes to reach the last stage and back, then one of each, then the backward
/// rest.
std::vector<Pass> one_forward_one_backward(const PipelineOrder& order, std::uint32_t rank) {
  const std::uint32_t ahead = std::min(order.ranks - 1 - rank, order.micro_batches);
  std::vector<Pass> passes;
  passes.reserve(std::size_t{2} * order.micro_batches);
  for (std::uint32_t i = 0; i < ahead; ++i) passes.push_back({PassKind::kForward, i});
  for (std::uint32_t i = 0; i < order.micro_batches; ++i) {
    if (i + ahead < order.micro_batches) passes.push_back({PassKind::kForward, i + ahead});
    passes.push_back({PassKind::kBackward, i});
  }
  return passes;
}

/// The same over pieces: groups of `ranks` micro-batches go through a rank's first piece, then its
/// second, and so on; backward from the last.
std::vector<Pass> interleaved(const PipelineOrder& order, std::uint32_t rank) {
  const std::uint32_t total = order.micro_batches * order.chunks;
  const std::uint32_t group = order.ranks * order.chunks;
  const auto pass = [&](PassKind kind, std::uint32_t i) {
    const std::uint32_t chunk = i % group / order.ranks;
    const std::uint32_t micro_batch = i / group * order.ranks + i % order.ranks;
    return Pass{kind, micro_batch, kind == PassKind::kForward ? chunk : order.chunks - 1 - chunk};
  };
  const std::uint32_t ahead =
      std::min((order.ranks - 1 - rank) * 2 + (order.chunks - 1) * order.ranks, total);
  std::vector<Pass> passes;
  passes.reserve(std::size_t{2} * total);
  for (std::uint32_t i = 0; i < ahead; ++i) passes.push_back(pass(PassKind::kForward, i));
  for (std::uint32_t i = 0; i < total; ++i) {
    if (i + ahead < total) passes.push_back(pass(PassKind::kForward, i + ahead));
    passes.push_back(pass(PassKind::kBackward, i));
  }
  return passes;
}

/// 1F1B whose weight gradients wait: `rank` of them at most, so that no rank keeps more
/// micro-batches than the first one does, and the last ranks fill the end with them.
std::vector<Pass> zero_bubble_h1(const PipelineOrder& order, std::uint32_t rank) {
  const std::uint32_t ahead = std::min(order.ranks - 1 - rank, order.micro_batches);
  std::vector<Pass> passes;
  passes.reserve(std::size_t{3} * order.micro_batches);
  for (std::uint32_t i = 0; i < ahead; ++i) passes.push_back({PassKind::kForward, i});
  std::uint32_t weights = 0;
  for (std::uint32_t i = 0; i < order.micro_batches; ++i) {
    if (i + ahead < order.micro_batches) passes.push_back({PassKind::kForward, i + ahead});
    passes.push_back({PassKind::kInputGradient, i});
    if (i >= rank) passes.push_back({PassKind::kWeightGradient, weights++});
  }
  while (weights < order.micro_batches) passes.push_back({PassKind::kWeightGradient, weights++});
  return passes;
}

}  // namespace

std::optional<std::string> broken_schedule_rule(Schedule schedule, std::uint32_t ranks,
                                                std::uint32_t micro_batches, std::uint32_t chunks) {
  constexpr std::uint64_t kMostPasses = 1U << 26U;
  if (ranks == 0 || micro_batches == 0 || chunks == 0)
    return "a pipeline needs a rank, a micro-batch and a piece of the model at least";
  if (std::uint64_t{ranks} * micro_batches * chunks > kMostPasses)
    return fmt::format(
        "{} ranks x {} micro-batches x {} pieces are too many passes to simulate "
        "(2^26 at most)",
        ranks, micro_batches, chunks);
  if (schedule == Schedule::kInterleaved && micro_batches % ranks != 0)
    return fmt::format(
        "interleaving needs micro-batches that the ranks divide, and {} do not divide "
        "{} (try {})",
        ranks, micro_batches, (micro_batches / ranks + 1) * ranks);
  if (schedule == Schedule::kDualPipe &&
      (ranks % 2 != 0 || micro_batches % 2 != 0 || micro_batches < 2 * ranks))
    return fmt::format(
        "DualPipe needs an even number of ranks and an even number of micro-batches, "
        "twice as many at least ({} and {} are given)",
        ranks, micro_batches);
  return std::nullopt;
}

PipelineOrder pipeline_order(Schedule schedule, std::uint32_t ranks, std::uint32_t micro_batches,
                             std::uint32_t chunks) {
  if (schedule != Schedule::kInterleaved) chunks = 1;
  if (const auto rule = broken_schedule_rule(schedule, ranks, micro_batches, chunks))
    fail("{}: {}", name_of(schedule), *rule);
  PipelineOrder order{schedule, ranks, micro_batches, chunks, {}};
  if (schedule == Schedule::kDualPipe) order.chunks = 2;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    switch (schedule) {
      case Schedule::kOneForwardOneBackward:
        order.passes.push_back(one_forward_one_backward(order, rank));
        break;
      case Schedule::kInterleaved:
        order.passes.push_back(interleaved(order, rank));
        break;
      case Schedule::kZeroBubble:
        order.passes.push_back(zero_bubble_h1(order, rank));
        break;
      case Schedule::kDualPipe:
        order.passes.push_back(dualpipe(order, rank));
        break;
    }
  }
  return order;
}

}  // namespace isobar::plan
