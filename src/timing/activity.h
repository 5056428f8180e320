// What a launch did when, for a timeline: lives of work-groups and warps, and how busy pipes and
// DRAM channels were, in samples. It is gathered between windows, from counts that are kept anyway,
// so it costs nothing when nobody listens and is the same for any number of host threads.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "chip/chip.h"
#include "timing/core/core.h"
#include "timing/memory/memory_system.h"

namespace isobar::timing {

/// Half-open, in cycles of the chip's clock.
struct Span {
  std::uint64_t begin = 0, end = 0;
};

class ActivityListener {
 public:
  virtual ~ActivityListener() = default;
  virtual void warp(std::uint32_t core, const WarpLife& life) = 0;
  virtual void work_group(std::uint32_t core, std::uint64_t number, Span when) = 0;
  /// By PipeKind: the share of the time in which it was held, 0 to 1.
  virtual void pipes(std::uint32_t core, Span when, const std::array<double, kPipes>& busy) = 0;
  /// The share of the time in which the data bus was used, and how many rows were opened.
  virtual void channel(std::uint32_t channel, Span when, double busy, std::uint64_t rows) = 0;
};

class ActivitySampler {
 public:
  static constexpr std::uint64_t kInterval = 512;  // cycles of a sample, at least

  using Cores = std::span<const std::unique_ptr<Core>>;
  /// At the beginning of a launch; it ends with the sampler.
  ActivitySampler(const chip::Chip& chip, ActivityListener& listener, Cores cores,
                  const MemorySystem& memory, std::uint64_t now);
  ActivitySampler(const ActivitySampler&) = delete;
  ActivitySampler& operator=(const ActivitySampler&) = delete;
  ~ActivitySampler();

  /// Between two windows.
  void look(const TimedProgram& program, std::uint64_t now);
  void finish(const TimedProgram& program, std::uint64_t end);

 private:
  void tell_lives();
  void sample(const TimedProgram& program, std::uint64_t now);
  void sample_core(std::uint32_t core, const TimedProgram& program, Span when);
  void sample_channel(std::uint32_t channel, Span when);

  const chip::Chip& chip_;
  ActivityListener& listener_;
  Cores cores_;
  const MemorySystem& memory_;
  std::uint64_t sampled_to_;
  std::vector<std::vector<WarpLife>> lives_;  // by core
  // What was counted, and whether something was shown, at the last sample.
  std::vector<std::array<std::uint64_t, kPipes>> held_;
  std::vector<MemoryEvents> events_;
  std::vector<bool> core_shown_, channel_shown_;
};

}  // namespace isobar::timing
