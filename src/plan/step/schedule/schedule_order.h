// In which order each stage of a pipeline runs the passes of its micro-batches. The schedules are
// those of the literature, written out pass by pass, so that a simulation (schedule_simulation.h)
// can find the time and the memory that their published formulas promise, and what they do where
// stages are uneven and messages take time.
//
// GPipe (Huang et al., 2019); 1F1B and its interleaved form (Narayanan et al., 2021); ZB-H1 (Qi et
// al., Zero Bubble Pipeline Parallelism, 2023); DualPipe (DeepSeek-AI, DeepSeek-V3, 2024).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::plan {

enum class PipelineSchedule : std::uint8_t {
  kGpipe,
  kOneForwardOneBackward,
  kInterleaved,
  kZeroBubbleH1,
  kDualPipe
};
[[nodiscard]] std::string_view name_of(PipelineSchedule schedule);

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
  PipelineSchedule schedule = PipelineSchedule::kOneForwardOneBackward;
  std::uint32_t ranks = 0, micro_batches = 0;
  std::uint32_t chunks = 1;               // pieces of the model per rank
  std::vector<std::vector<Pass>> passes;  // by rank

  /// DualPipe feeds micro-batches from both ends; each rank holds two stages.
  [[nodiscard]] bool is_bidirectional() const { return schedule == PipelineSchedule::kDualPipe; }
  /// Pieces of the model from its first layer to its last.
  [[nodiscard]] std::uint32_t stages() const { return is_bidirectional() ? ranks : ranks * chunks; }
  [[nodiscard]] std::uint32_t stage(std::uint32_t rank, std::uint32_t chunk) const {
    if (is_bidirectional()) return chunk == 0 ? rank : ranks - 1 - rank;
    return chunk * ranks + rank;
  }
};

/// Nothing if the schedule exists for these numbers, else the rule they break and the remedy.
[[nodiscard]] std::optional<std::string> broken_schedule_rule(PipelineSchedule schedule,
                                                              std::uint32_t ranks,
                                                              std::uint32_t micro_batches,
                                                              std::uint32_t chunks);
/// `chunks` counts for the interleaved schedule only. Throws UserError with the broken rule.
[[nodiscard]] PipelineOrder pipeline_order(PipelineSchedule schedule, std::uint32_t ranks,
                                           std::uint32_t micro_batches, std::uint32_t chunks = 1);

}  // namespace isobar::plan
