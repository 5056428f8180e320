// Predicts the step time of a measured run, with the interval that the calibration promises.
#pragma once

#include <string>
#include <vector>

#include "cluster/run_setting.h"
#include "cluster/step_time.h"

namespace isobar::cluster {

struct Prediction {
  Layout layout;  // with the holes filled
  StepTime step;
  double low = 0, high = 0;           // seconds: 80 % of measurements lie between
  double memory = 0;                  // bytes
  std::vector<std::string> warnings;  // where this is outside what was calibrated
};

[[nodiscard]] RunClass class_of(const model::TransformerShape& shape, std::uint32_t chips);

/// What of a prediction no published run stands behind.
[[nodiscard]] std::vector<std::string> outside_calibration(const model::TransformerShape& shape,
                                                           const ChipFigures& chip,
                                                           const Layout& layout);

[[nodiscard]] Prediction predict(const RunSetting& run, const Coefficients& coefficients);

}  // namespace isobar::cluster
