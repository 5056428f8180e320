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
#include <optional>
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

/// How far the device is with what was enqueued last: "forward", 3 of 12 layers.
struct PassProgress {
  const char* phase = "";
  std::uint32_t done = 0, all = 0;
};

/// What a model takes of a device's memory, in bytes.
struct MemoryNeeds {
  double state = 0;        // weights, gradients, moments, and transposed weights
  double activations = 0;  // of a batch
  double kept = 0;         // of the tokens that next_logits() has passed
  double largest = 0;      // of one buffer
  [[nodiscard]] double total() const { return state + activations + kept; }
};
[[nodiscard]] MemoryNeeds memory_needs(const model::GptShape& shape, std::uint32_t batch);

class Gpt {
 public:
  /// `batch` sequences at most per call. shape.vocabulary must be set. Throws UserError with both
  /// sizes if the device has not the memory for it.
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
  /// Scores of the next token, (vocabulary), after 1..context tokens: all of them are passed.
  std::vector<float> logits(std::span<const std::int32_t> tokens);
  /// The same bits for less work, where text grows at its end: keys and values of the last call's
  /// tokens are kept, and only those are passed that come after the longest common beginning.
  std::vector<float> next_logits(std::span<const std::int32_t> tokens);
  /// What the device is at; nothing when it has done all it was given. The one function that
  /// another thread may call while this one works or waits.
  [[nodiscard]] std::optional<PassProgress> progress() const;
  /// How many tokens the last next_logits() passed.
  [[nodiscard]] std::uint32_t passed_tokens() const;

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
