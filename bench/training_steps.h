// A training run without its data: whole optimiser steps of a model file on tokens drawn at random,
// for measuring. What the tokens say matters neither to the speed nor to the chip's cycles.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/file/model_file.h"
#include "nn/gpt/gpt.h"

namespace isobar::bench {

/// One device in the middle of a training run.
class TrainingSteps {
 public:
  /// `device`: a pattern as nn::choose_device takes it.
  TrainingSteps(const std::string& device, const model::ModelFile& model);
  /// The model's shape, with the vocabulary of a character-level tokeniser where it names none.
  [[nodiscard]] static model::GptShape shape_of(const model::ModelFile& model);

  /// Takes so many steps; tokens per second on this host.
  double run(unsigned steps);
  /// Of the last step.
  [[nodiscard]] float loss() const { return loss_; }
  [[nodiscard]] std::string name() const { return cl_.device().platform; }

 private:
  nn::ClContext cl_;
  model::GptShape shape_;
  model::Recipe recipe_;
  nn::Gpt gpt_;
  std::vector<std::int32_t> inputs_, targets_;
  float loss_ = 0;
};

}  // namespace isobar::bench
