#include "plan/step/schedule/schedule_simulation.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "base/error.h"

namespace isobar::plan {
namespace {

constexpr double kNotYet = -1;

class Simulation {
 public:
  Simulation(const PipelineOrder& order, std::span<const StagePassTimes> times, Seconds message)
      : order_(order),
        times_(times),
        message_(message.count()),
        stages_(order.stages()),
        forward_(std::size_t{order.micro_batches} * stages_, kNotYet),
        backward_(forward_.size(), kNotYet),
        next_(order.ranks, 0),
        free_(order.ranks, 0),
        held_(order.ranks, 0),
        outcome_{{}, std::vector<RankOutcome>(order.ranks)} {}

  ScheduleOutcome run() {
    // Ends do not depend on the order in which ranks are looked at, since each runs its own list.
    for (bool moved = true; moved;) {
      moved = false;
      for (std::uint32_t rank = 0; rank < order_.ranks; ++rank)
        while (step(rank)) moved = true;
    }
    double last = 0;
    for (std::uint32_t rank = 0; rank < order_.ranks; ++rank) {
      if (next_[rank] < order_.passes[rank].size())
        fail(
            "{}: rank {} waits forever for the input of its pass {} (the order of passes is wrong)",
            name_of(order_.schedule), rank, next_[rank]);
      last = std::max(last, free_[rank]);
    }
    outcome_.total = Seconds(last);
    for (RankOutcome& rank : outcome_.ranks) rank.idle = outcome_.total - rank.busy;
    return std::move(outcome_);
  }

 private:
  double& end_of(std::vector<double>& ends, std::uint32_t micro_batch, std::uint32_t stage) {
    return ends[std::size_t{micro_batch} * stages_ + stage];
  }
  /// When the input of a forward pass is there; nothing if that is not known yet.
  std::optional<double> forward_input(std::uint32_t micro_batch, std::uint32_t stage) {
    if (stage == 0) return 0;
    const double end = end_of(forward_, micro_batch, stage - 1);
    return end < 0 ? std::nullopt : std::optional(end + hop(stage - 1, stage));
  }
  std::optional<double> backward_input(std::uint32_t micro_batch, std::uint32_t stage) {
    const double own = end_of(forward_, micro_batch, stage);
    if (own < 0) return std::nullopt;
    if (stage + 1 == stages_) return own;
    const double end = end_of(backward_, micro_batch, stage + 1);
    return end < 0 ? std::nullopt : std::optional(std::max(own, end + hop(stage + 1, stage)));
  }
  /// Nothing is sent between stages of one rank.
  [[nodiscard]] double hop(std::uint32_t from, std::uint32_t to) const {
    if (order_.is_bidirectional()) return message_;
    return from % order_.ranks == to % order_.ranks ? 0 : message_;
  }

  [[nodiscard]] double duration(const Pass& pass, std::uint32_t rank) const {
    const StagePassTimes& own = times_[order_.stage(rank, pass.chunk)];
    const double backward = (own.input_gradient + own.weight_gradient).count();
    switch (pass.kind) {
      case PassKind::kForward:
        return own.forward.count();
      case PassKind::kBackward:
        return backward;
      case PassKind::kInputGradient:
        return own.input_gradient.count();
      case PassKind::kWeightGradient:
        return own.weight_gradient.count();
      case PassKind::kOverlapped: {
        const StagePassTimes& other = times_[order_.stage(rank, pass.backward_chunk)];
        if (own.overlapped.count() > 0) return std::max(own.overlapped, other.overlapped).count();
        return (own.forward + other.input_gradient + other.weight_gradient).count();
      }
    }
    return 0;
  }

  std::optional<double> input_of(const Pass& pass, std::uint32_t rank) {
    const std::uint32_t stage = order_.stage(rank, pass.chunk);
    switch (pass.kind) {
      case PassKind::kForward:
        return forward_input(pass.micro_batch, stage);
      case PassKind::kBackward:
      case PassKind::kInputGradient:
        return backward_input(pass.micro_batch, stage);
      case PassKind::kWeightGradient: {
        const double end = end_of(backward_, pass.micro_batch, stage);
        return end < 0 ? std::nullopt : std::optional(end);
      }
      case PassKind::kOverlapped: {
        const auto one = forward_input(pass.micro_batch, stage);
        const auto other =
            backward_input(pass.backward_micro_batch, order_.stage(rank, pass.backward_chunk));
        return one && other ? std::optional(std::max(*one, *other)) : std::nullopt;
      }
    }
    return std::nullopt;
  }

  /// Runs the rank's next pass; false if there is none or its input is not known.
  bool step(std::uint32_t rank) {
    if (next_[rank] == order_.passes[rank].size()) return false;
    const Pass& pass = order_.passes[rank][next_[rank]];
    const std::optional<double> input = input_of(pass, rank);
    if (!input) return false;
    const double length = duration(pass, rank);
    const double end = std::max(free_[rank], *input) + length;
    record(pass, rank, end);
    free_[rank] = end;
    outcome_.ranks[rank].busy += Seconds(length);
    ++next_[rank];
    return true;
  }

  void record(const Pass& pass, std::uint32_t rank, double end) {
    const std::uint32_t stage = order_.stage(rank, pass.chunk);
    std::uint32_t& held = held_[rank];
    const auto holds = [&] {
      ++held;
      outcome_.ranks[rank].most_held = std::max(outcome_.ranks[rank].most_held, held);
    };
    switch (pass.kind) {
      case PassKind::kForward:
        end_of(forward_, pass.micro_batch, stage) = end;
        holds();
        break;
      case PassKind::kBackward:
        end_of(backward_, pass.micro_batch, stage) = end;
        --held;
        break;
      case PassKind::kInputGradient:
        end_of(backward_, pass.micro_batch, stage) = end;
        break;
      case PassKind::kWeightGradient:
        --held;
        break;
      case PassKind::kOverlapped:
        end_of(forward_, pass.micro_batch, stage) = end;
        holds();
        end_of(backward_, pass.backward_micro_batch, order_.stage(rank, pass.backward_chunk)) = end;
        --held;
        break;
    }
  }

  const PipelineOrder& order_;
  std::span<const StagePassTimes> times_;
  double message_;
  std::uint32_t stages_;
  std::vector<double> forward_, backward_;  // ends, by micro-batch and stage
  std::vector<std::size_t> next_;
  std::vector<double> free_;
  std::vector<std::uint32_t> held_;
  ScheduleOutcome outcome_;
};

}  // namespace

double ScheduleOutcome::bubble_ratio() const {
  double busy = 0, idle = 0;
  for (const RankOutcome& rank : ranks) {
    busy += rank.busy.count();
    idle += rank.idle.count();
  }
  return busy > 0 ? idle / busy : 0;
}

ScheduleOutcome simulate_schedule(const PipelineOrder& order, std::span<const StagePassTimes> times,
                                  Seconds message) {
  assert(times.size() == order.stages());
  return Simulation(order, times, message).run();
}

}  // namespace isobar::plan
