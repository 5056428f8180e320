#include "cli/training/time_left.h"

#include <algorithm>

namespace isobar::cli {
namespace {

/// A forward pass is a third of a step (Kaplan et al. 2020, section 2.1), and one row alone takes
/// this many times its share of a pass over many: kernels of one row fill the device badly.
constexpr double kForwardShare = 1.0 / 3, kRowAlone = 10;

/// How many multiples of `every` lie above `from` and up to `to`.
double multiples(std::uint64_t from, std::uint64_t to, std::uint64_t every) {
  return every == 0 ? 0 : static_cast<double>(to / every - from / every);
}

}  // namespace

double TimeLeft::batch_seconds() const { return batch_.or_else(step_.or_else(0) * kForwardShare); }

double TimeLeft::sample_seconds() const {
  return kRowAlone * batch_seconds() / length_.rows * length_.sample_tokens;
}

double TimeLeft::in_last_validation(std::uint32_t batches) const {
  const std::uint32_t left = length_.final_batches - std::min(batches, length_.final_batches);
  return left * batch_seconds() + sample_seconds() + length_.afterwards;
}

double TimeLeft::after_step(std::uint64_t step, double elapsed) const {
  const std::uint64_t end = std::max(step, length_.steps);
  const double validations = multiples(step, end, length_.evaluate_every);
  const bool last_is_extra = end % std::max(1U, length_.checkpoint_every) != 0;
  const double checkpoints =
      multiples(step, end, length_.checkpoint_every) + (last_is_extra && step < end ? 1 : 0);
  double training = static_cast<double>(end - step) * step_.or_else(0) +
                    validations * length_.evaluate_batches * batch_seconds() +
                    checkpoints * checkpoint_.or_else(0);
  if (length_.limit > 0) training = std::min(training, std::max(0.0, length_.limit - elapsed));
  return training + in_last_validation(0);
}

}  // namespace isobar::cli
