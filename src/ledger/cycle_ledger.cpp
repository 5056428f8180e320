#include "ledger/cycle_ledger.h"

#include <array>

namespace isobar::ledger {
namespace {

constexpr std::array<std::string_view, 8> kGroups{"no warp",    "memory",    "synchronisation",
                                                  "dependency", "front end", "pipe busy",
                                                  "divergence", "issued"};

}  // namespace

std::span<const std::string_view> cycle_groups() { return kGroups; }

void charge_cycles(Ledger& ledger, const CycleCharges& charges) {
  for (const std::string_view group : kGroups) {
    for (std::size_t i = 0; i < kCycleCauses; ++i) {
      const CycleCauseName& cause = name(static_cast<CycleCause>(i));
      if (cause.group == group && charges[i] > 0)
        ledger.charge({std::string(group), std::string(cause.name)}, charges[i], cause.meaning);
    }
  }
}

Ledger cycle_ledger(std::uint64_t capacity, const CycleCharges& charges, Convention convention) {
  Ledger ledger(capacity, std::move(convention));
  charge_cycles(ledger, charges);
  return ledger;
}

}  // namespace isobar::ledger
