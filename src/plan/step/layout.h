// How a training step is laid out over chips: the degrees of parallelism, the schedule, what is
// sharded, recomputed and overlapped, and in which number formats. The rules a layout must obey are
// data, so that an impossible one is answered with the rule it breaks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/transformer_counts.h"
#include "plan/network/machine.h"
#include "plan/step/schedule/schedule.h"

namespace isobar::plan {

/// Number formats of the linear layers; attention and the rest stay in 16 bits.
enum class Precision : std::uint8_t { kBf16, kFp8Tensor, kFp8Block, kMxfp8, kNvfp4 };
enum class ContextExchange : std::uint8_t { kRing, kAllToAll };

[[nodiscard]] std::string_view name_of(Precision precision);
using model::Recompute;
[[nodiscard]] std::string_view name_of(model::Recompute recompute);
[[nodiscard]] std::string_view name_of(ContextExchange exchange);

/// Selective recomputation is of the attention core where scores are stored, else of what is cheap
/// to redo and large to keep: norms, activations, up-projections.

/// What a software stack does by itself, beside the layout.
struct Stack {
  bool fused_attention = true;  // FlashAttention and its kin; false: scores go through memory
  bool dropout = false;         // GPT-style layers: dropout, biases, layer norm
  bool overlaps_tensor = true;  // tensor-parallel communication behind matrix products
  bool overlaps_data = true;    // gradients and parameters behind the backward pass
  bool graphs = false;          // launches recorded once: the host is out of the way
  bool stock = false;           // a framework's own kernels rather than the vendor's tuned ones
  bool one_card = false;  // sharded weights are broadcast by their owners: one card's rate per node
  bool whole_messages = false;   // pipeline messages are not cut among the tensor ranks
  double gradient_bytes = 4;     // of one element on its way between data-parallel ranks
  double busiest_expert = 1.15;  // its load over the mean; 1 where a benchmark forces balance
};

struct Layout {
  std::uint32_t tensor = 1, pipeline = 1, data = 1, expert = 1, context = 1;
  std::uint32_t virtual_stages = 1;
  std::uint32_t micro_batch = 1;   // sequences
  std::uint32_t global_batch = 1;  // sequences per step
  std::uint32_t sequence = 2048;   // tokens
  std::uint32_t zero = 0;          // ZeRO stage; 3 is FSDP
  std::uint32_t shard_group = 0;   // HSDP: chips that share one copy; 0: all of data
  bool sequence_parallel = false;
  bool offload_optimizer = false;
  Schedule schedule = Schedule::kOneForwardOneBackward;
  Recompute recompute = Recompute::kNone;
  double recompute_share = 1;  // kFull: of the layers; the others recompute selectively
  Precision precision = Precision::kBf16;
  ContextExchange exchange = ContextExchange::kRing;
  Stack stack;

  [[nodiscard]] std::uint32_t chips() const { return tensor * pipeline * data * context; }
  /// Per pipeline and step.
  [[nodiscard]] std::uint32_t micro_batches() const {
    return static_cast<std::uint32_t>(global_batch / (std::uint64_t{data} * micro_batch));
  }
  /// All that a search chooses, in a few words; two layouts that differ never read the same.
  [[nodiscard]] std::string describe() const;
};

/// What a layout must obey, in the order of asking.
enum class Rule : std::uint8_t {
  kNone,  // broken
  kPositive,
  kHeads,
  kStages,
  kContext,
  kContextHeads,
  kBatch,
  kNoExperts,
  kExperts,
  kInterleaving,
  kDualPipe,
  kZero,
  kShardedPipeline,
  kShardGroup,
  kFormat,
  kCount
};
[[nodiscard]] Rule first_broken_rule(const Layout& layout, const model::TransformerShape& shape,
                                     const ChipFigures& chip);
[[nodiscard]] std::string explain(Rule rule, const Layout& layout,
                                  const model::TransformerShape& shape, const ChipFigures& chip);
/// Nothing for a layout that can run, else the rule it breaks and what would be right.
[[nodiscard]] std::optional<std::string> broken_rule(const Layout& layout,
                                                     const model::TransformerShape& shape,
                                                     const ChipFigures& chip);

}  // namespace isobar::plan
