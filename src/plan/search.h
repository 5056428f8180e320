// Exhaustive search of the legal layouts of one model on one set of chips. Nothing is sampled:
// every combination of degrees, schedule, sharding, recomputation and overlap is either refused by
// a rule, refused by memory, or timed. What the kernels of a micro-batch cost is computed once per
// (micro-batch, tensor, context, expert, recipe), on all of the host's processors.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "plan/step/step_time.h"

namespace isobar::plan {

/// What is kept beside the degrees; what is not given is searched.
struct Choices {
  std::optional<std::uint32_t> zero;
  std::optional<std::uint32_t> shard_group;  // HSDP: chips of one copy; 0: none but whole shards
  std::optional<Recompute> recompute;
  std::optional<Schedule> schedule;
  std::optional<ContextExchange> exchange;
  std::optional<bool> offload, sequence_parallel, overlaps_tensor, overlaps_data;
};

struct SearchSpace {
  Setting setting;
  std::uint32_t chips = 0;
  std::uint32_t global_batch = 0;  // sequences
  std::uint32_t sequence = 0;      // tokens
  std::vector<Precision> precisions{Precision::kBf16};
  Stack stack;   // but for overlap, which is searched
  Layout fixed;  // degrees other than 0 are kept; see `free_layout`
  Choices choices;
  bool plain_stages = false;  // at least two stages of one chunk each, 1F1B or zero bubble
  std::uint32_t runners_up = 10;
  unsigned threads = 0;  // 0: as many as the host has
};
/// A layout whose degrees are all 0: nothing is fixed.
[[nodiscard]] Layout free_layout();

struct Candidate {
  Layout layout;
  StepTime step;
  MemoryUse memory;
};

/// Faster first. Steps that print alike (four digits) are ties, which go to the simplest layout:
/// fewest kinds of parallelism, then least cut of the model, then the plainest schedule, sharding
/// and recomputation. A total order, so that neither threads nor what else is shown matters.
[[nodiscard]] bool is_before(const Candidate& a, const Candidate& b);

/// A step as it is printed: four significant digits.
[[nodiscard]] double as_printed(double seconds);

struct SearchResult {
  std::uint64_t candidates = 0;  // combinations looked at
  std::uint64_t too_large = 0;   // legal, but not for the memory
  std::uint64_t timed = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(Rule::kCount)> broken{};  // by rule
  std::array<Layout, static_cast<std::size_t>(Rule::kCount)> examples{};       // that break it
  std::vector<Candidate> best;  // fastest first, one of each set of degrees
  std::optional<Candidate> fastest_too_large;
  double seconds = 0;  // the search took
};

/// `progress` is told the share done, from one thread at a time.
[[nodiscard]] SearchResult search(const SearchSpace& space,
                                  const std::function<void(double)>& progress = {});

}  // namespace isobar::plan
