// What a row of measured runs says, as the planner's own terms: shape, chip, network, layout and
// the measured seconds. A row rarely says everything; the rules by which holes are filled are here,
// follow from what was usual for such chips and models, and never look at the measured time. Of the
// row's source they read the release of the vendor's container and the number format, where it
// names them or a round of MLPerf stands for one.
#pragma once

#include <string>
#include <variant>

#include "plan/calibration/runs.h"
#include "plan/network/machine.h"
#include "plan/step/layer_time.h"
#include "plan/step/layout.h"

namespace isobar::plan {

/// What a row did not say and the predicted time decides: of the legal layouts that fit, the run's
/// authors are taken to have chosen the fastest.
struct Open {
  bool degrees = false;  // tensor and pipeline parallelism
  bool context = false;  // of fewer sequences than chips
  bool experts = false;  // expert parallelism
  bool micro_batch = false;
  bool virtual_stages = false;
  bool recompute = false;  // the least that fits
};

struct RunSetting {
  std::string id, family;
  model::TransformerShape shape;
  ChipFigures chip;
  Network network;
  Layout layout;
  Open open;
  double measured = 0;  // seconds
};
struct Unmodelled {
  std::string reason;
};

[[nodiscard]] std::variant<RunSetting, Unmodelled> setting_of(const Run& run);

/// "NVIDIA H100-SXM5-80GB" -> "h100". Empty if nothing is known by that name.
[[nodiscard]] std::string chip_file_name(std::string_view text);

}  // namespace isobar::plan
