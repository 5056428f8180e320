// The results in a run's folder: sample.txt, ledger.json and, written last, summary.json, which
// holds the checksums of the other two and of itself. So a run knows whether its end was written
// down whole, and of which step.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "train/run/run_directory.h"

namespace isobar::train {

struct Results {
  std::string sample;              // empty: none was drawn
  std::string ledger;              // JSON; empty: the device does not count
  nlohmann::ordered_json summary;  // must hold "steps"
};

/// Writes them, and removes an earlier session's file that these results have not. Gives the
/// summary as it was written. Throws UserError (disk full).
nlohmann::ordered_json write_results(const RunDirectory& run, Results results);

/// Why the results of the run after `step` steps are not there as they were written ("<file>: it
/// is damaged"); nothing if they are.
[[nodiscard]] std::optional<std::string> results_damage(const RunDirectory& run,
                                                        std::uint64_t step);

}  // namespace isobar::train
