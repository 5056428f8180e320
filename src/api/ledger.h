// From the ledger as Isobar keeps it to the one that it hands out.
#pragma once

#include "isobar/ledger.h"
#include "ledger/ledger.h"

namespace isobar::api {

[[nodiscard]] Ledger to_public(const ledger::Ledger& ledger);

}  // namespace isobar::api
