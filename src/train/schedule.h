// The learning rate of each step: linear warm-up, then a cosine down to the minimum, as nanoGPT's
// get_lr has it (karpathy/nanoGPT, train.py), which follows Loshchilov & Hutter 2017 (SGDR).
#pragma once

#include <cstdint>

#include "model/file/model_file.h"

namespace isobar::train {

/// `step` counts from 0, the run's first.
[[nodiscard]] float learning_rate_at(const model::Recipe& recipe, std::uint64_t step);

/// The recipe for another number of steps: the decay ends with them, and the warm-up is never more
/// than a fifth of them.
[[nodiscard]] model::Recipe with_steps(model::Recipe recipe, std::uint32_t steps);
/// The recipe with another top learning rate; the lowest stays the same share of it.
[[nodiscard]] model::Recipe with_learning_rate(model::Recipe recipe, float rate);

}  // namespace isobar::train
