#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace isobar::train {

float learning_rate_at(const model::Recipe& recipe, std::uint64_t step) {
  const double top = recipe.learning_rate, low = recipe.min_learning_rate;
  const double warmup = recipe.warmup_steps, decay = recipe.decay_steps;
  const auto at = static_cast<double>(step);
  if (at < warmup) return static_cast<float>(top * (at + 1) / (warmup + 1));
  if (at >= decay) return recipe.min_learning_rate;
  const double share = (at - warmup) / (decay - warmup);  // warmup <= at < decay
  return static_cast<float>(low + 0.5 * (1 + std::cos(std::numbers::pi * share)) * (top - low));
}

model::Recipe with_steps(model::Recipe recipe, std::uint32_t steps) {
  recipe.steps = steps;
  recipe.decay_steps = steps;
  recipe.warmup_steps = std::min(recipe.warmup_steps, steps / 5);
  return recipe;
}

model::Recipe with_learning_rate(model::Recipe recipe, float rate) {
  const float share =
      recipe.learning_rate > 0 ? recipe.min_learning_rate / recipe.learning_rate : 0.1F;
  recipe.learning_rate = rate;
  recipe.min_learning_rate = std::min(rate, rate * share);
  return recipe;
}

}  // namespace isobar::train
