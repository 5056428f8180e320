// Predicts the step time of a measured run, with the interval that the calibration promises.
#pragma once

#include <string>
#include <vector>

#include "plan/calibration/interval.h"
#include "plan/calibration/run_setting.h"
#include "plan/step/step_time.h"

namespace isobar::plan {

struct Prediction {
  Layout layout;  // with the holes filled
  StepTime step;
  double low = 0, high = 0;           // seconds: 80 % of measurements lie between
  double memory = 0;                  // bytes
  std::vector<Beyond> beyond;         // where this is outside what was calibrated
  std::vector<std::string> warnings;  // the same in words
};

[[nodiscard]] Prediction predict(const RunSetting& run, const Coefficients& coefficients);

}  // namespace isobar::plan
