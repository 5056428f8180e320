// How much of what a device did was the model's arithmetic, from the trace alone. Three sources, in
// this order of trust, and each product's FLOPs are taken from the first that knows them:
//
//   recorded shapes   record_shapes=True leaves the operands of every operator in the trace
//   attention's grid  the launch of a FlashAttention kernel tells heads, sequence and widths
//   operand casts     an FP8 recipe that sums weight gradients over tokens casts both operands per
//                     channel; the casts' grids are the matrices. Each linear layer does as much in
//                     its forward pass and its data gradient, so the model's share is three times
//                     the weight gradients. Recomputation is left out by construction.
//
// What it leaves out: products whose shape nobody tells (they are counted and named), and the
// padding of rows to whole blocks, which the casts' grids include.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explain/kernel_table.h"
#include "explain/trace/trace.h"
#include "explain/window.h"

namespace isobar::explain {

struct ModelFlops {
  std::vector<std::uint64_t> by_class;  // of KernelTable::classes(); causal attention halved
  std::uint64_t masked = 0;             // of the halves that causal masks leave out
  bool known = false;              // products were found, and at least half of their time has FLOPs
  std::string method;              // one sentence: where they come from
  std::string flops_convention;    // what is counted, but for the share of causal attention
  std::vector<std::string> notes;  // what is not known
  [[nodiscard]] std::uint64_t total() const;
};

/// Attention launches of one pass, for the description and for --model.
struct AttentionPasses {
  std::uint64_t launches = 0;
  std::uint64_t flops = 0;
  std::uint64_t query_rows = 0;  // heads x sequence, summed over launches
  std::uint64_t sequence = 0;    // of the last launch
};
struct SeenAttention {
  AttentionPasses forward, backward;
};

[[nodiscard]] SeenAttention seen_attention(const Trace& trace, std::int64_t device,
                                           const Window& window, const KernelTable& table);

[[nodiscard]] ModelFlops traced_flops(const Trace& trace, std::int64_t device, const Window& window,
                                      const KernelTable& table,
                                      const std::vector<std::uint32_t>& classes);

}  // namespace isobar::explain
