#include "timing/activity.h"

#include <algorithm>

#include "chip/dram_presets.h"

namespace isobar::timing {

ActivitySampler::ActivitySampler(const chip::Chip& chip, ActivityListener& listener, Cores cores,
                                 const MemorySystem& memory, std::uint64_t now)
    : chip_(chip),
      listener_(listener),
      cores_(cores),
      memory_(memory),
      sampled_to_(now),
      lives_(cores.size()),
      held_(cores.size()),
      core_shown_(cores.size()),
      channel_shown_(memory.partitions()) {
  for (std::uint32_t c = 0; c < cores_.size(); ++c) cores_[c]->record_lives(&lives_[c]);
  for (std::uint32_t p = 0; p < memory_.partitions(); ++p) events_.push_back(memory_.events(p));
}

ActivitySampler::~ActivitySampler() {
  for (const auto& core : cores_) core->record_lives(nullptr);
}

void ActivitySampler::look(const TimedProgram& program, std::uint64_t now) {
  tell_lives();
  if (now >= sampled_to_ + kInterval) sample(program, now);
}

void ActivitySampler::finish(const TimedProgram& program, std::uint64_t end) {
  tell_lives();
  if (end > sampled_to_) sample(program, end);
  // Twice: what was busy to the end is idle from there on.
  sample(program, end + 1);
}

void ActivitySampler::tell_lives() {
  for (std::uint32_t c = 0; c < cores_.size(); ++c) {
    for (const WarpLife& life : lives_[c]) {
      listener_.warp(c, life);
      if (life.ends_group) listener_.work_group(c, life.group, {life.begin, life.end});
    }
    lives_[c].clear();
  }
}

void ActivitySampler::sample(const TimedProgram& program, std::uint64_t now) {
  const Span when{sampled_to_, now};
  for (std::uint32_t c = 0; c < cores_.size(); ++c) sample_core(c, program, when);
  for (std::uint32_t p = 0; p < memory_.partitions(); ++p) sample_channel(p, when);
  sampled_to_ = now;
}

void ActivitySampler::sample_core(std::uint32_t core, const TimedProgram& program, Span when) {
  std::array<std::uint64_t, kPipes> held{};
  for (const std::uint32_t each : cores_[core]->issued_operations()) {
    const TimedOperation& op = program.operations()[each];
    held[op.pipe] += cores_[core]->operation_times(each).issues * op.hold;
  }
  const bool any = held != held_[core];
  if (any || core_shown_[core]) {
    std::array<double, kPipes> busy{};
    for (std::size_t p = 0; p < kPipes; ++p) {
      const bool one = p == static_cast<std::size_t>(PipeKind::kLoadStore);
      const double most = static_cast<double>(when.end - when.begin) *
                          (one ? 1.0 : static_cast<double>(chip_.core.schedulers));
      busy[p] = std::min(1.0, static_cast<double>(held[p] - held_[core][p]) / most);
    }
    listener_.pipes(core, when, busy);
  }
  held_[core] = held;
  core_shown_[core] = any;
}

void ActivitySampler::sample_channel(std::uint32_t channel, Span when) {
  const MemoryEvents events = memory_.events(channel);
  const std::uint64_t bytes = events.dram_read_bytes + events.dram_write_bytes -
                              events_[channel].dram_read_bytes - events_[channel].dram_write_bytes;
  const std::uint64_t rows = events.dram_activates - events_[channel].dram_activates;
  const bool any = bytes != 0 || rows != 0;
  if (any || channel_shown_[channel]) {
    const double seconds = static_cast<double>(when.end - when.begin) / chip_.clock.count();
    const double most = chip_.dram.bandwidth.count() / memory_.partitions() * seconds;
    listener_.channel(channel, when, std::min(1.0, static_cast<double>(bytes) / most), rows);
  }
  events_[channel] = events;
  channel_shown_[channel] = any;
}

}  // namespace isobar::timing
