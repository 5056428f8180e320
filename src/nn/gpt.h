// A GPT on an OpenCL device: forward, backward and optimiser step, each a list of kernel launches
// on one in-order queue. Activations are allocated once. Everything is deterministic: the same
// seed, batches and device give the same bits.
//
//   nn::ClContext cl(nn::choose_device("portable"));
//   nn::Gpt gpt(cl, shape, batch, seed);
//   float loss = gpt.loss_and_gradients(inputs, targets);
//   float norm = gpt.step(adamw, learning_rate, gradient_clip);
//
// Architecture: Radford et al. 2019 (GPT-2). Initialisation: normal, 0.02, and 0.02/sqrt(2 layers)
// for the two projections back into the residual stream; biases 0, layer-norm weights 1.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/gpt_shape.h"
#include "nn/device.h"

namespace isobar::nn {

/// Decoupled weight decay (Loshchilov & Hutter 2019); decay touches matrices and embeddings only.
struct AdamW {
  float beta1 = 0.9F, beta2 = 0.99F, epsilon = 1e-8F;
  float weight_decay = 0.1F;
};

/// The four values kept for every parameter.
enum class Kind : std::uint8_t { kWeight, kGradient, kMoment1, kMoment2 };

/// What the last step found; reading it waits for the device.
struct StepResult {
  float loss = 0;           // mean cross-entropy in nats, of the batch before the step
  float gradient_norm = 0;  // global L2 norm before clipping
};

class Gpt {
 public:
  /// `batch` sequences at most per call. shape.vocabulary must be set.
  Gpt(ClContext& cl, const model::GptShape& shape, std::uint32_t batch, std::uint64_t seed);
  ~Gpt();
  Gpt(const Gpt&) = delete;
  Gpt& operator=(const Gpt&) = delete;

  // inputs, targets: (b, T) row-major token ids, b <= batch, T = shape.context. A token outside the
  // vocabulary throws UserError naming it and its place.

  /// Forward and backward; gradients are those of the mean loss. Waits, and returns the loss.
  float loss_and_gradients(std::span<const std::int32_t> inputs,
                           std::span<const std::int32_t> targets);
  /// Clips the gradient to `gradient_clip` (0: not at all) and updates the weights. Waits, and
  /// returns the gradient's norm before clipping.
  float step(const AdamW& settings, float learning_rate, float gradient_clip);

  /// Both of the above without waiting; ask finish() once per step, or less often.
  void enqueue_gradients(std::span<const std::int32_t> inputs,
                         std::span<const std::int32_t> targets);
  void enqueue_step(const AdamW& settings, float learning_rate, float gradient_clip);
  /// Waits for the device. The loss and norm of the last enqueued step.
  StepResult finish();

  /// Mean loss without dropout and without gradients.
  float evaluate(std::span<const std::int32_t> inputs, std::span<const std::int32_t> targets);
  /// Scores of the next token, (vocabulary), after 1..context tokens.
  std::vector<float> logits(std::span<const std::int32_t> tokens);

  // State, for checkpoints. Values are float32, row-major, in the shape of parameters()[i].
  [[nodiscard]] const std::vector<model::ParameterInfo>& parameters() const;
  [[nodiscard]] std::vector<float> read(const std::string& name, Kind kind);
  /// Throws UserError if the name is unknown or the number of elements is wrong.
  void write(const std::string& name, Kind kind, std::span<const float> values);
  /// Optimiser steps done: AdamW's bias correction and dropout's counter depend on it.
  [[nodiscard]] std::uint64_t steps_done() const;
  void set_steps_done(std::uint64_t steps);

  [[nodiscard]] const model::GptShape& shape() const;
  [[nodiscard]] std::uint32_t batch() const;
  [[nodiscard]] std::uint64_t seed() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace isobar::nn
