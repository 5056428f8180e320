// The causes of the ledger of cycles, as the timed machine charges them.
#pragma once

#include "ledger/cycle_cause.h"
#include "timing/memory/memory_request.h"

namespace isobar::timing {

using Cause = ledger::CycleCause;
inline constexpr std::size_t kCauses = ledger::kCycleCauses;
using CauseCharges = ledger::CycleCharges;

[[nodiscard]] constexpr Cause cause_of(MemoryStage stage) {
  return static_cast<Cause>(static_cast<unsigned>(Cause::kRequestNetwork) +
                            static_cast<unsigned>(stage));
}

}  // namespace isobar::timing
