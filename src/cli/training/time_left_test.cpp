// The estimate against runs whose parts take known times.
#include "cli/training/time_left.h"

#include <gtest/gtest.h>

namespace isobar::cli {
namespace {

/// What the parts of a run truly take.
struct Times {
  double step, batch, checkpoint, token;
};

/// Walks through a run and holds what is said after each step against what then comes.
struct Walk {
  RunLength length;
  Times times;

  [[nodiscard]] double rest_after(std::uint64_t step) const {
    double rest =
        length.final_batches * times.batch + length.sample_tokens * times.token + length.afterwards;
    for (std::uint64_t s = step + 1; s <= length.steps; ++s) {
      rest += times.step;
      if (s % length.evaluate_every == 0) rest += length.evaluate_batches * times.batch;
      if (s % length.checkpoint_every == 0 || s == length.steps) rest += times.checkpoint;
    }
    return rest;
  }
  void check(double tolerance) const {
    TimeLeft left(length);
    for (std::uint64_t s = length.first + 1; s <= length.steps; ++s) {
      left.add_step(times.step);
      if (s % length.evaluate_every == 0)
        for (std::uint32_t b = 1; b < length.evaluate_batches; ++b)
          left.add_evaluation_batch(times.batch);
      if (s % length.checkpoint_every == 0) left.add_checkpoint(times.checkpoint);
      const double truth = rest_after(s), said = left.after_step(s, 0);
      EXPECT_NEAR(said, truth, tolerance * truth) << "after step " << s;
    }
    for (std::uint32_t b = 0; b <= length.final_batches; ++b) {
      const double truth = (length.final_batches - b) * times.batch +
                           length.sample_tokens * times.token + length.afterwards;
      EXPECT_NEAR(left.in_last_validation(b), truth, tolerance * truth) << "after batch " << b;
    }
  }
};

// Where a validation's batch takes the third of a step that is assumed before there was one, and a
// token ten times its share of a batch, nothing is left to guess.
TEST(TimeLeft, CountsAllThatIsStillToCome) {
  const RunLength length{.steps = 60,
                         .evaluate_every = 12,
                         .evaluate_batches = 20,
                         .final_batches = 80,
                         .checkpoint_every = 25,
                         .sample_tokens = 300,
                         .rows = 768,
                         .afterwards = 8};
  Walk{length, {.step = 0.3, .batch = 0.1, .checkpoint = 0, .token = 1.0 / 768}}.check(1e-9);
}

TEST(TimeLeft, LearnsWhatValidationsAndCheckpointsTake) {
  const RunLength length{.first = 200,
                         .steps = 700,
                         .evaluate_every = 100,
                         .evaluate_batches = 20,
                         .final_batches = 80,
                         .checkpoint_every = 100,
                         .rows = 768};
  // Before the first validation and checkpoint they are guesses: here both are small.
  Walk{length, {.step = 0.2, .batch = 0.08, .checkpoint = 0.3, .token = 0}}.check(0.05);
}

// What the issue saw: 0:35 was said of a run whose validations and end took a minute more.
TEST(TimeLeft, DoesNotForgetTheEnd) {
  TimeLeft left({.steps = 100,
                 .evaluate_every = 50,
                 .evaluate_batches = 50,
                 .final_batches = 200,
                 .checkpoint_every = 50,
                 .rows = 768});
  for (int i = 0; i < 10; ++i) left.add_step(0.4);
  EXPECT_NEAR(left.after_step(10, 4), 36 + 300 * 0.4 / 3, 1e-9);
}

TEST(TimeLeft, HoldsALimitOfTheTraining) {
  TimeLeft left({.steps = 1000, .final_batches = 30, .rows = 1, .limit = 60});
  left.add_step(1);
  EXPECT_NEAR(left.after_step(10, 20), 40 + 10, 1e-9);
  EXPECT_NEAR(left.after_step(10, 100), 10, 1e-9);
  EXPECT_NEAR(left.after_step(990, 20), 10 + 10, 1e-9);
}

TEST(TimeLeft, IsFiniteBeforeAnythingWasMeasured) {
  const TimeLeft left({.steps = 10, .evaluate_every = 0, .checkpoint_every = 0, .rows = 1});
  EXPECT_EQ(left.after_step(0, 0), 0);
}

}  // namespace
}  // namespace isobar::cli
