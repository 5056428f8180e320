// What a core is doing, in words: for the watchdog, which shows it when nothing goes on.
#include <fmt/format.h>

#include "isa/instruction.h"
#include "timing/core/core.h"

namespace isobar::timing {
namespace {

constexpr std::string_view kStates[] = {"free", "ready", "blocked", "at barrier", "fetching"};

std::string cycle(Cycles value) {
  return value == Core::kNever ? "never" : fmt::format("{}", value.count());
}

}  // namespace

std::string Core::describe_warp(std::uint32_t slot, const simt::Program& program) const {
  const TimedWarp& warp = warps_[slot];
  const auto instruction = [&](std::uint32_t operation) {
    const std::uint64_t pc = program.pc_of(operation);
    return fmt::format("{:#x}  {}", pc, isa::disassemble(program.instructions()[operation], pc));
  };
  const auto& cause = ledger::name(warp.wait_cause);
  std::string text = fmt::format("    warp {} (work-group {}): {}\n", slot, warp.group->number,
                                 kStates[static_cast<std::size_t>(warp.state)]);
  text += fmt::format("      next  {}\n", instruction(warp.at));
  if (warp.state == State::kBlocked)
    text += fmt::format("      waits for {}: {}, from {}\n", cause.group, cause.name,
                        instruction(warp.wait_on));
  text += fmt::format("      may issue at {}, {} stores on their way, {} words of trace unread\n",
                      cycle(warp.state == State::kReady ? warp.ready_at : warp.may_issue),
                      warp.stores_out, warp.trace->unread());
  return text;
}

std::string Core::describe(const simt::Program& program) const {
  std::string text = fmt::format(
      "  {} warps of {} work-groups resident, {} B of local memory taken, last issue in cycle {}\n",
      residency_.warps(), groups_.size(), residency_.local_memory().count(), last_cycle_.count());
  text += fmt::format(
      "    memory: {} requests on their way, {}, {} responses not read, {} lines of instructions "
      "asked for\n",
      memory_.outstanding(), memory_.blocked() ? "an access waits for a miss register" : "open",
      inbox_.size() - read_inbox_, icache_.outstanding());
  for (const auto& group : groups_)
    if (group->arrived != 0)
      text += fmt::format("    work-group {}: {} of {} warps at the barrier\n", group->number,
                          group->arrived, group->warps);
  if (!arrivals_.empty())
    text += fmt::format("    {} work-groups arrive from cycle {} on\n", arrivals_.size(),
                        cycle(arrivals_.front().cycle));
  for (std::uint32_t s = 0; s < scheduler_count_; ++s)
    text += fmt::format("    scheduler {}: looks again in cycle {}\n", s, cycle(next_try_[s]));
  for (std::uint32_t slot = 0; slot < warps_.size(); ++slot)
    if (warps_[slot].state != State::kFree) text += describe_warp(slot, program);
  return text;
}

}  // namespace isobar::timing
