#include "api/ledger.h"

#include <algorithm>

namespace isobar {
namespace api {
namespace {

Cause to_public(const ledger::Cause& cause) {
  Cause out{cause.name, cause.explanation, cause.total(), {}};
  out.parts.reserve(cause.children.size());
  for (const ledger::Cause& child : cause.children) out.parts.push_back(to_public(child));
  return out;
}

}  // namespace

Ledger to_public(const ledger::Ledger& ledger) {
  const ledger::Convention& convention = ledger.convention();
  return {ledger.capacity(), convention.unit, convention.source,
          convention.flops,  convention.peak, to_public(ledger.root()).parts};
}

}  // namespace api

inline namespace v0 {

std::int64_t Ledger::unattributed() const {
  std::uint64_t charged = 0;
  for (const Cause& cause : causes) charged += cause.charge;
  return static_cast<std::int64_t>(capacity - charged);
}

std::optional<double> Ledger::share(std::string_view path) const {
  const std::vector<Cause>* below = &causes;
  // A name may hold a slash of its own, so names are matched and the path is not cut.
  while (below != nullptr) {
    const std::vector<Cause>* next = nullptr;
    for (const Cause& cause : *below) {
      if (cause.name == path)
        return static_cast<double>(cause.charge) /
               static_cast<double>(std::max<std::uint64_t>(capacity, 1));
      if (path.starts_with(cause.name + "/")) {
        path.remove_prefix(cause.name.size() + 1);
        next = &cause.parts;
        break;
      }
    }
    below = next;
  }
  return std::nullopt;
}

}  // namespace v0
}  // namespace isobar
