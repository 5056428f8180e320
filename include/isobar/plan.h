// How a model would train on a cluster: step time, memory, MFU, days and cost of the best layouts
// (docs/PLAN.md; docs/ACCURACY.md says how far such predictions are off).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "isobar/error.h"
#include "isobar/ledger.h"

namespace isobar::inline v0 {

/// Degrees of parallelism. In a request 0 leaves the choice to the search.
struct Degrees {
  std::uint32_t tensor = 0, pipeline = 0, data = 0, expert = 0, context = 0;
  std::uint32_t virtual_stages = 0;  // chunks of a stage
  std::uint32_t micro_batch = 0;     // sequences
};

struct PlanRequest {
  std::string model = {};          // a name of the catalogue, a model file or a config.json
  std::string chip = {};           // or empty: the cluster's
  std::string cluster = {};        // or empty: the chip's own domain and one full fabric
  std::uint32_t chips = 0;         // 0: all of the cluster's
  std::uint32_t batch = 0;         // sequences of a step; 0: about four million tokens
  std::uint32_t sequence = 0;      // tokens; 0: the model's context
  double tokens = 0;               // of the whole run; 0: only a step is planned
  Degrees fixed = {};              // what the search may not choose; not `data`, which follows
  std::uint32_t runners_up = 10;   // other layouts to return
  unsigned threads = 0;            // of this host; 0: all. No result depends on it
  double price_per_chip_hour = 0;  // in your currency; 0: not known
  double price_per_kilowatt_hour = 0;
};

struct PlannedLayout {
  std::string description;  // all that was chosen, in a few words; no two layouts read the same
  Degrees degrees;
  double step_seconds = 0;
  double low_seconds = 0, high_seconds = 0;  // 80 % of runs lie between
  double mfu = 0, hfu = 0;                   // 0 to 1, by `mfu_convention`
  double memory_bytes = 0;                   // of the fullest chip
};

struct RunForecast {
  double days = 0;
  double goodput = 0;  // share of the time that trains and counts, 0 to 1
  double chip_hours = 0;
  double megawatt_hours = 0;  // 0 where the chip's power is not known
  double cost = 0;            // 0 where nothing has a price
};

struct Plan {
  std::string model, chip, cluster;
  std::uint32_t chips = 0, batch = 0, sequence = 0;
  std::vector<PlannedLayout> layouts;  // the fastest first; at least one
  std::string mfu_convention;
  Ledger ledger;                   // of one step of the first layout, ps x chip
  std::optional<RunForecast> run;  // with `tokens`
  std::vector<std::string> warnings;
  std::string text;  // all of it as `isobar plan` prints it, 100 columns wide
  std::string json;  // as `isobar plan --json`
};

/// Throws where a name is not known, no layout is legal, or none fits in memory, naming the rule or
/// the bytes.
[[nodiscard]] ISOBAR_API Plan plan_training(const PlanRequest& request);

}  // namespace isobar::inline v0
