// The options of `isobar plan` that say what the search may not choose: degrees, schedule,
// sharding, recomputation, overlap, number formats.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace isobar::cli {

class LayoutOptions {
 public:
  void add_to(CLI::App& command);
  /// Throws UserError for a word that is not among an option's.
  void apply(plan::PlanRequest& request) const;

 private:
  void check_pipeline() const;

  plan::Layout fixed_ = plan::free_layout();
  std::vector<std::string> precisions_;
  std::string recompute_, schedule_, exchange_;
  std::string offload_, sequence_parallel_, async_tensor_, overlap_;
  int zero_ = -1;
  int shard_group_ = -1;
};

}  // namespace isobar::cli
