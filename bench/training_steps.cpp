#include "bench/training_steps.h"

#include <chrono>

namespace isobar::bench {
namespace {

/// A character-level vocabulary, as large as tinyshakespeare's.
constexpr std::uint32_t kVocabulary = 65;

}  // namespace

TrainingSteps::TrainingSteps(const std::string& device, const model::ModelFile& model)
    : cl_(nn::choose_device(device)),
      shape_(shape_of(model)),
      recipe_(model.recipe),
      gpt_(cl_, shape_, recipe_.batch, recipe_.seed),
      inputs_(std::size_t{recipe_.batch} * shape_.context),
      targets_(inputs_.size()) {
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    state = state * 1664525U + 1013904223U;
    inputs_[i] = static_cast<std::int32_t>((state >> 16U) % kVocabulary);
    targets_[i] = static_cast<std::int32_t>((state >> 8U) % kVocabulary);
  }
}

model::GptShape TrainingSteps::shape_of(const model::ModelFile& model) {
  model::GptShape shape = model.shape;
  if (shape.vocabulary == 0) shape.vocabulary = kVocabulary;
  return shape;
}

double TrainingSteps::run(unsigned steps) {
  const auto start = std::chrono::steady_clock::now();
  for (unsigned i = 0; i < steps; ++i) {
    gpt_.enqueue_gradients(inputs_, targets_);
    gpt_.enqueue_step({recipe_.beta1, recipe_.beta2, recipe_.epsilon, recipe_.weight_decay},
                      recipe_.learning_rate, recipe_.gradient_clip);
    loss_ = gpt_.finish().loss;
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  return static_cast<double>(inputs_.size()) * steps / time.count();
}

}  // namespace isobar::bench
