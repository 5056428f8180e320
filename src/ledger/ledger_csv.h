// A ledger's causes as rows of CSV.
#pragma once

#include "base/text/csv.h"
#include "ledger/ledger.h"

namespace isobar::ledger {

/// The table "ledger": a row for each cause without parts, its path ("idle/waiting"), its charge
/// and its share of the capacity.
void add_to_csv(const Ledger& ledger, CsvSheet& sheet);

}  // namespace isobar::ledger
