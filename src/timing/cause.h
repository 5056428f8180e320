// The causes of the ledger of cycles, as the timed machine charges them.
#pragma once

#include <array>
#include <cstddef>

#include "ledger/cycle_cause.h"
#include "timing/memory/memory_request.h"

namespace isobar::timing {

using Cause = ledger::CycleCause;
inline constexpr std::size_t kCauses = ledger::kCycleCauses;
using CauseCharges = ledger::CycleCharges;

/// Causes that an instruction can be waited for: all between divergence and "no warp".
inline constexpr Cause kFirstWait = Cause::kFetch, kLastWait = Cause::kPipeLoadStore;
inline constexpr std::size_t kWaitCauses =
    static_cast<std::size_t>(kLastWait) - static_cast<std::size_t>(kFirstWait) + 1;
using WaitCharges = std::array<std::uint64_t, kWaitCauses>;
[[nodiscard]] constexpr std::size_t wait_index(Cause cause) {
  return static_cast<std::size_t>(cause) - static_cast<std::size_t>(kFirstWait);
}

[[nodiscard]] constexpr Cause cause_of(MemoryStage stage) {
  return static_cast<Cause>(static_cast<unsigned>(Cause::kRequestNetwork) +
                            static_cast<unsigned>(stage));
}

}  // namespace isobar::timing
