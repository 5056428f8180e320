// For tests: a checkpoint made without a device.
#pragma once

#include <string>
#include <vector>

#include "train/run/checkpoint.h"
#include "train/testing/test_folder.h"

namespace isobar::train {

inline model::GptShape tiny_shape() {
  return {.layers = 1, .heads = 2, .width = 8, .context = 4, .vocabulary = 5};
}

/// Made without a device: each tensor counts up.
inline Checkpoint made_up(std::uint64_t step) {
  Checkpoint c{.model = "tiny", .shape = tiny_shape(), .step = step, .data_position = step + 1};
  c.seed = 0xFFFF'FFFF'FFFF'FFF0U;
  c.batch = 3;
  c.data_fingerprint = 0xFEDC'BA98'7654'3210U;
  c.tokeniser = "{\"kind\":\"a \\\"kind\\\"\"}";
  c.train_loss = 0.3F;
  c.totals = {.tokens = step * 12, .seconds = 0.1, .device_tokens = 12, .device_source = "a chip"};
  c.totals.device = {.names = {"adamw"}, .counters = {{.launches = 7}}, .device_picoseconds = 9};
  c.validation_loss = 2.3283064e-10F;
  c.best_validation_loss = 0.1F;
  float next = 0;
  for (const model::ParameterInfo& info : model::parameters(c.shape))
    for (const char* prefix : {"", "moment1/", "moment2/"}) {
      std::vector<float> values(info.elements());
      for (float& value : values) value = next++;
      c.tensors[prefix + info.name] =
          StoredTensor::from_floats({info.shape.begin(), info.shape.end()}, values);
    }
  return c;
}

}  // namespace isobar::train
