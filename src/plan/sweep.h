// Plans for every combination of models, chips, numbers of chips and batches. Under an MPI launcher
// each rank plans its share and the first rank has them all, in the order of the combinations;
// alone, one process does everything. The result does not depend on the number of ranks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace isobar::plan {

struct SweepAxes {
  std::vector<std::string> models, chips;
  std::vector<std::uint32_t> counts, batches;
};

/// One request per combination; `base` says the rest.
[[nodiscard]] std::vector<PlanRequest> sweep_requests(const PlanRequest& base,
                                                      const SweepAxes& axes);

enum class SweepFormat : std::uint8_t { kCsv, kJson };

/// What stands above the rows: the columns of CSV, nothing for JSON.
[[nodiscard]] std::string sweep_head(SweepFormat format);
/// The best layout of one request as a line of CSV, or as an object of JSON with the same names;
/// what cannot be planned has an `error` that says why. Numbers are those of `plan --json`, to the
/// last digit. Without a line end.
[[nodiscard]] std::string sweep_row(const PlanRequest& request, const Coefficients& coefficients,
                                    SweepFormat format = SweepFormat::kCsv);

}  // namespace isobar::plan
