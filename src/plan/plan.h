// A plan: the best layouts of a model on a cluster, each with its step time, interval, memory and
// MFU; the best few checked by an event simulation of their schedule; days and cost of a whole run.
//
// There is one step time: the closed form, which is what was calibrated on published runs. Ranking,
// interval, MFU, ledger, days and cost all derive from it; the simulation is shown beside it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/mfu_convention.h"
#include "plan/calibration/interval.h"
#include "plan/cost.h"
#include "plan/lifetime.h"
#include "plan/search.h"
#include "plan/step/mixed_chips.h"

namespace isobar::plan {

struct PlanRequest {
  std::string model;           // a name or a path
  std::string chip;            // or empty: the cluster's
  std::string cluster;         // or empty: the chip's domain and one full fabric
  std::uint32_t chips = 0;     // 0: all of the cluster's
  std::uint32_t batch = 0;     // sequences; 0: about four million tokens
  std::uint32_t sequence = 0;  // tokens; 0: the model's context
  double tokens = 0;           // of the whole run; 0: only a step is planned
  std::vector<Precision> precisions{Precision::kBf16};
  std::string kernels, kernel_profile;  // kernel_source.h; empty: the calibrated fractions
  Layout fixed = free_layout();
  Choices choices;
  std::uint32_t runners_up = 10;
  unsigned threads = 0;
  Faults faults;
  double checkpoint_bandwidth = 0;  // bytes/s of the cluster's storage; 0: `faults` says the pause
  PowerDraw power;
  Prices prices;
  model::AttentionConvention attention = model::kUsualAttention;  // of the MFU
};

struct PlannedLayout {
  Candidate candidate;
  Interval interval;
  double low = 0, high = 0;                 // the same in seconds
  double mfu = 0, hfu = 0;                  // by the plan's convention
  std::optional<double> simulated;          // seconds of a step by the event simulation: a check
  std::vector<std::uint32_t> stage_layers;  // of each stage, where kinds of chips differ
};

struct Plan {
  std::string model, cluster;
  model::TransformerShape shape;
  ChipFigures chip;              // the slowest, where there are several kinds
  std::vector<ChipShare> kinds;  // of chips in one pipeline; empty: one kind
  Network network;
  Coefficients coefficients;
  std::uint32_t chips = 0, batch = 0, sequence = 0;
  SearchResult found;
  std::vector<PlannedLayout> layouts;  // as is_before() orders them
  std::vector<std::string> warnings;
  std::optional<RunDuration> duration;
  std::optional<RunCost> cost;
  std::shared_ptr<const KernelCost> kernels;
  model::AttentionConvention attention = model::kUsualAttention;  // of every MFU in it

  [[nodiscard]] Setting setting() const {
    return {&shape, &chip, &network, &coefficients, kernels.get()};
  }
};

/// Throws UserError where no layout is legal or none fits, naming the rule or the bytes.
[[nodiscard]] Plan make_plan(const PlanRequest& request, const Coefficients& coefficients,
                             const std::function<void(double)>& progress = {});

/// Seconds of a step by simulating the schedule pass by pass; nothing without a pipeline.
[[nodiscard]] std::optional<double> simulated_step(const Setting& setting, const Layout& layout,
                                                   const StepTime& step);

/// Dense 16-bit FLOP/s of a chip, the mean over all kinds of them: what every MFU is a share of.
[[nodiscard]] double mean_peak(const Plan& plan);

}  // namespace isobar::plan
