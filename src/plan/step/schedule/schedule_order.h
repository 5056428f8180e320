// In which order each stage of a pipeline runs the passes of its micro-batches. The schedules are
// those of the literature, written out pass by pass, so that a simulation (schedule_simulation.h)
// can find the time and the memory that their published formulas promise, and what they do where
// stages are uneven and messages take time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/step/schedule/schedule.h"

namespace isobar::plan {

enum class PassKind : std::uint8_t {
  kForward,
  kBackward,       // gradients of inputs and of weights
  kInputGradient,  // of inputs only; its weights' gradient comes as a pass of its own
  kWeightGradient,
  kOverlapped,  // the forward pass of one micro-batch beside the whole backward pass of another
};

struct Pass {
  PassKind kind = PassKind::kForward;
  std::uint32_t micro_batch = 0;
  std::uint32_t chunk = 0;  // which of the rank's pieces of the model
  std::uint32_t backward_micro_batch = 0, backward_chunk = 0;  // kOverlapped: the other one
};

struct PipelineOrder {
  Schedule schedule = Schedule::kOneForwardOneBackward;
  std::uint32_t ranks = 0, micro_batches = 0;
  std::uint32_t chunks = 1;               // pieces of the model per rank
  std::vector<std::vector<Pass>> passes;  // by rank

  /// DualPipe feeds micro-batches from both ends; each rank holds two stages.
  [[nodiscard]] bool is_bidirectional() const { return schedule == Schedule::kDualPipe; }
  /// Pieces of the model from its first layer to its last.
  [[nodiscard]] std::uint32_t stages() const { return is_bidirectional() ? ranks : ranks * chunks; }
  [[nodiscard]] std::uint32_t stage(std::uint32_t rank, std::uint32_t chunk) const {
    if (is_bidirectional()) return chunk == 0 ? rank : ranks - 1 - rank;
    return chunk * ranks + rank;
  }
};

/// Nothing if the schedule exists for these numbers, else the rule they break and the remedy.
[[nodiscard]] std::optional<std::string> broken_schedule_rule(Schedule schedule,
                                                              std::uint32_t ranks,
                                                              std::uint32_t micro_batches,
                                                              std::uint32_t chunks);
/// `chunks` counts for the interleaved schedule only. Throws UserError with the broken rule.
[[nodiscard]] PipelineOrder pipeline_order(Schedule schedule, std::uint32_t ranks,
                                           std::uint32_t micro_batches, std::uint32_t chunks = 1);

}  // namespace isobar::plan
