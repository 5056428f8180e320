// The ledger of a stretch of training, from what the device counted: each picosecond of the
// simulated chip is charged to useful arithmetic or to one reason why there was not more of it.
//
// The tree, from the outside in, when the timed machine gave the cycles:
//   idle device                 between commands
//   no warp, memory, synchronisation, dependency, front end, pipe busy, divergence
//                               issue slots without an instruction, or its idle lanes
//                               (cycle_cause.h)
//   issued / <kind>             instructions other than arithmetic
//   other arithmetic            executed FLOPs that the model's convention does not count
//   useful model arithmetic     the convention's FLOPs at peak rate: this share is the MFU
// and from the first-order model (functional fidelity):
//   idle device, launch, memory / dram, local memory, issue / <kind>, then the same two.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "isobar/cl_isobar.h"
#include "ledger/ledger.h"

namespace isobar::ledger {

inline constexpr char kUseful[] = "useful model arithmetic";

struct TrainingRun {
  /// Rows of clGetContextCountersISOBAR over exactly the stretch.
  std::span<const cl_isobar_kernel_row> kernels;
  cl_isobar_chip chip{};
  /// By the convention, over the stretch: tokens x model::training_flops_per_token.
  std::uint64_t model_flops = 0;
  /// The stretch itself, from its first command's start to its last one's end. Less than the
  /// kernels took is a defect of the caller and shows as an overcharged ledger.
  std::uint64_t device_picoseconds = 0;
  std::string flops_convention =
      "6N + 12 L H Q T per token, causal attention not halved, recomputation not counted (MFU)";
};

struct TrainingLedger {
  Ledger ledger;
  /// Time at peak of FLOPs that the convention counts but nobody executed (a causal kernel skips
  /// the masked half of attention). No time was spent on them, so they are not in the tree; the
  /// report adds them to the useful share to arrive at the MFU, and says so.
  std::uint64_t credited = 0;
  /// Model FLOPs over peak FLOPs of the stretch; useful share plus credit.
  double mfu = 0;
};

/// Throws UserError where the model's FLOPs would take longer at peak than a ledger can hold.
[[nodiscard]] TrainingLedger ledger_from_training(const TrainingRun& run);

}  // namespace isobar::ledger
