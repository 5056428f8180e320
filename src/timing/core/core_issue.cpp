// How a core issues: which warp, what its instruction occupies, and where the warp goes next.
#include <algorithm>
#include <bit>
#include <stdexcept>

#include "timing/core/core.h"

namespace isobar::timing {
namespace {

// A token says whom a completion is for: the warp's place, its generation there, and a register,
// or that it is a store.
constexpr std::uint32_t kStoreToken = 64;
std::uint32_t make_token(std::uint32_t slot, std::uint32_t generation, std::uint32_t what) {
  return slot | what << 9U | (generation & 0xffffU) << 16U;
}
std::uint32_t slot_of(std::uint32_t token) { return token & 0x1ffU; }
std::uint32_t what_of(std::uint32_t token) { return token >> 9U & 0x7fU; }
std::uint32_t generation_of(std::uint32_t token) { return token >> 16U; }

constexpr auto kLoadStorePipe = static_cast<std::size_t>(PipeKind::kLoadStore);
constexpr auto kFirstFloatPipe = static_cast<std::size_t>(PipeKind::kFp16);
constexpr auto kLastFloatPipe = static_cast<std::size_t>(PipeKind::kSpecial);

}  // namespace

// ---- which warp -------------------------------------------------------------------------------

void Core::kick(std::uint32_t scheduler, Cycles cycle) {
  // Not before the cycles that are charged already: operands are being read.
  const Cycles at = std::max(cycle, schedulers_[scheduler].accounted);
  next_try_[scheduler] = std::min(next_try_[scheduler], at);
}

Cycles Core::pipe_free(const Scheduler& s, std::size_t pipe) const {
  if (pipe == kLoadStorePipe) return memory_.blocked() ? kNever : memory_.free_at();
  if (!s.floats.has_limit() || pipe < kFirstFloatPipe || pipe > kLastFloatPipe)
    return s.pipe_free[pipe];
  return std::max(s.pipe_free[pipe], s.floats.room());
}

void Core::wake(Scheduler& s, Cycles now) {
  for (std::uint64_t left = s.waiting.take(now); left != 0; left &= left - 1) {
    const auto index = static_cast<unsigned>(std::countr_zero(left));
    s.eligible[s.pipe[index]] |= std::uint64_t{1} << index;
    s.wanted |= 1U << s.pipe[index];
  }
}

void Core::try_issue(std::uint32_t number, Cycles now) {
  Scheduler& s = schedulers_[number];
  if (now >= s.waiting.next()) wake(s, now);
  std::uint64_t candidates = 0;
  Cycles next = s.waiting.next();
  for (std::uint32_t left = s.wanted; left != 0; left &= left - 1) {
    const auto pipe = static_cast<std::size_t>(std::countr_zero(left));
    const Cycles free = pipe_free(s, pipe);
    if (free <= now)
      candidates |= s.eligible[pipe];
    else
      next = std::min(next, free);
  }
  if (candidates == 0) {
    next_try_[number] = next;
    return;
  }
  const unsigned index =
      (candidates & (candidates - 1)) == 0
          ? static_cast<unsigned>(std::countr_zero(candidates))
          : policy_({candidates, s.resident, s.last, s.age.data(), &s.inner_set});
  next_try_[number] = now + Cycles(1);
  issue(number, index, now);
}

// ---- issue ------------------------------------------------------------------------------------

void Core::issue(std::uint32_t number, unsigned index, Cycles now) {
  Scheduler& s = schedulers_[number];
  const std::uint32_t slot = index * scheduler_count_ + number;
  TimedWarp& warp = warps_[slot];
  const std::uint32_t at = warp.at;
  const TimedOperation& op = operations_[at];

  // [1] The ledger: the stretch without an issue that ends here, then this cycle.
  if (now > s.accounted) charge_gap(s, warp, slot, now);
  charge_issue(warp);
  s.accounted = now + Cycles(1);
  s.last = index;
  s.eligible[op.pipe] &= ~(std::uint64_t{1} << index);
  if (s.eligible[op.pipe] == 0) s.wanted &= ~(1U << op.pipe);
  warp.state = State::kBlocked;
  last_cycle_ = std::max(last_cycle_, now);

  // [2] What the instruction occupies, and when its result is there.
  warp.may_issue = now + issue_gap_;
  warp.may_cause = Cause::kIssueGap;
  fetch_next(warp, op, now);
  if (op.access != AccessKind::kNone) {
    access_memory(slot, op, now);
  } else {
    const bool limited = op.is_float && s.floats.has_limit();
    const Cycles start = limited ? s.floats.enter(now, Cycles(op.inside)) : now;
    s.pipe_free[op.pipe] = now + Cycles(op.hold);
    if (op.rd != kNoRegister) warp.registers.write(op.rd, result_of(s, op, start), op.depend, at);
    if (op.is_branch && branch_latency_ > issue_gap_)
      restart_fetch(warp, now + branch_latency_, Cause::kControl);
  }
  if (op.operand_cycles > 1) {  // the scheduler reads registers meanwhile
    const Cycles more(op.operand_cycles - 1U);
    times_[at].wait(Cause::kOperands, (more * lanes_).count());
    s.accounted += more;
    next_try_[number] += more;
  }

  // [3] The warp's next instruction.
  advance(slot, now);
}

void Core::fetch_next(TimedWarp& warp, const TimedOperation& op, Cycles now) {
  if (fetch_interval_ == Cycles(1)) return;
  const Cycles fetched = warp.fetches.issue(now, fetch_interval_, buffer_);
  if (op.is_branch || fetched <= warp.may_issue) return;
  warp.may_issue = fetched;
  warp.may_cause = Cause::kFetch;
}

void Core::restart_fetch(TimedWarp& warp, Cycles cycle, Cause cause) {
  warp.fetches.restart(cycle);
  if (cycle <= warp.may_issue) return;
  warp.may_issue = cycle;
  warp.may_cause = cause;
}

Cycles Core::result_of(Scheduler& s, const TimedOperation& op, Cycles start) {
  const Cycles ready = start + Cycles(op.latency);
  if (!s.port) return ready;
  const Cycles written = s.port->take(ready);
  // A result that waits to be written keeps its place.
  if (op.is_float && s.floats.has_limit()) s.floats.delay_last(written - ready);
  return written;
}

void Core::access_memory(std::uint32_t slot, const TimedOperation& op, Cycles now) {
  TimedWarp& warp = warps_[slot];
  simt::TracedAccess access;
  warp.trace->take_access(access);
  LoadStoreUnit::Access what;
  what.kind = op.access;
  what.local = is_local(access, warp.mask);
  what.returns = op.rd != kNoRegister;
  what.cycle = now;
  what.bytes = Bytes(op.bytes * warp.active);
  what.port = schedulers_[slot % scheduler_count_].port.get();
  what.token = make_token(slot, warp.generation, what.returns ? op.rd : kStoreToken);
  LoadTimeline timeline;
  bool complete = true;
  if (what.local) {
    timeline =
        memory_.issue_local(what,
                            bank_cycles(access, warp.mask, local_banks_,
                                        op.access == AccessKind::kAtomic || !local_broadcast_),
                            Cycles(op.hold));
  } else {
    const PrivateWindow window{launch_.private_base + slot * private_bytes_, lanes_, stack_bytes_};
    complete =
        memory_.issue(what, coalescer_.lines(access, warp.mask, window, launch_.program_base),
                      Cycles(op.hold), timeline);
  }
  if (!what.returns) {
    if (!complete) warp.stores_out += 1;
    return;
  }
  // Any cause of memory's: the timeline has the details.
  warp.registers.write(op.rd, complete ? timeline.ready : kNever, Cause::kL1Latency, warp.at);
  if (complete) timelines_[slot][op.rd] = timeline;
}

void Core::completed(std::uint32_t token, const LoadTimeline& timeline) {
  const std::uint32_t what = what_of(token);
  const std::uint32_t slot = slot_of(token);
  TimedWarp& warp = warps_[slot];
  if (warp.state == State::kFree || warp.generation != generation_of(token)) return;
  if (what == kStoreToken) {
    warp.stores_out -= 1;
    if (warp.state == State::kBlocked && warp.stores_out == 0) {
      if (warp.wait_cause == Cause::kFence && timeline.ready > warp.may_issue) {
        warp.may_issue = timeline.ready;
        warp.may_cause = Cause::kFence;
      }
      settle(slot);
    }
    return;
  }
  warp.registers.arrive(what, timeline.ready);
  timelines_[slot][what] = timeline;
  if (warp.state == State::kBlocked && warp.wait_register == what) settle(slot);
}

// ---- where a warp goes next -------------------------------------------------------------------

void Core::settle(std::uint32_t slot) {
  TimedWarp& warp = warps_[slot];
  const TimedOperation& op = operations_[warp.at];
  Scoreboard::Wait wait = warp.registers.wait_of(op, warp.at, warp.may_issue, warp.may_cause);
  if (op.is_fence && warp.stores_out != 0 && wait.ready != kNever)
    wait = {kNever, Cause::kFence, kNoRegister, wait.on};
  warp.wait_cause = wait.cause;
  warp.wait_register = wait.for_register;
  warp.wait_on = wait.on;
  if (wait.ready == kNever) {
    warp.state = State::kBlocked;
    return;
  }
  make_wait(slot, wait.ready);
}

void Core::make_wait(std::uint32_t slot, Cycles ready) {
  TimedWarp& warp = warps_[slot];
  const std::uint32_t number = slot % scheduler_count_, index = slot / scheduler_count_;
  Scheduler& s = schedulers_[number];
  warp.state = State::kReady;
  warp.ready_at = ready;
  s.pipe[index] = operations_[warp.at].pipe;
  s.waiting.add(index, ready);
  kick(number, ready);
}

void Core::advance(std::uint32_t slot, Cycles now) {
  TimedWarp& warp = warps_[slot];
  if (operations_[warp.at].ends_block) return next_block(slot, now);
  warp.at += 1;
  if (operations_[warp.at].line == warp.line || fetch(slot, now)) settle(slot);
}

void Core::next_block(std::uint32_t slot, Cycles now) {
  TimedWarp& warp = warps_[slot];
  if (warp.trace->unread() == 0) {
    if (!warp.trace->finished())
      throw std::logic_error("a trace ended before its warp: the tracer was not asked for more");
    return end_warp(slot, now);
  }
  if (warp.trace->next() == simt::TraceTag::kRelease) {
    warp.trace->take_release();
    return arrive(slot, now);
  }
  warp.at = warp.trace->take_block();
  warp.mask = warp.trace->mask();
  warp.active = static_cast<std::uint32_t>(std::popcount(warp.mask));
  if (operations_[warp.at].line == warp.line || fetch(slot, now)) settle(slot);
}

// ---- instructions -----------------------------------------------------------------------------

bool Core::fetch(std::uint32_t slot, Cycles now) {
  TimedWarp& warp = warps_[slot];
  warp.line = operations_[warp.at].line;
  const auto address_of = [&](std::uint32_t line) {
    return launch_.program_base + launch_.program->line_address(line);
  };
  const std::uint64_t address = address_of(warp.line);
  if (icache_.has(address)) return true;
  warp.state = State::kFetching;
  const std::uint64_t last = address_of(operations_[launch_.program->size() - 1].line);
  for (const InstructionFetch::Request& each : icache_.miss(slot, address, last))
    memory_.fetch(each.line, each.sectors, now, each.address);
  return false;
}

void Core::fetched(std::uint64_t address, Cycles now) {
  for (const std::uint32_t slot : icache_.arrive(address)) {
    restart_fetch(warps_[slot], now + Cycles(1), Cause::kFetch);
    settle(slot);
  }
}

}  // namespace isobar::timing
