#include "timing/core/core.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>
#include <stdexcept>

#include "isa/guest_abi.h"

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

constexpr std::array<Cause, kPipes> kPipeCauses{
    Cause::kPipeInteger, Cause::kPipeFp16,   Cause::kPipeFp32,     Cause::kPipeFp64,
    Cause::kPipeSpecial, Cause::kPipeBranch, Cause::kPipeLoadStore};
constexpr auto kLoadStorePipe = static_cast<std::size_t>(PipeKind::kLoadStore);
constexpr auto kFirstFloatPipe = static_cast<std::size_t>(PipeKind::kFp16);
constexpr auto kLastFloatPipe = static_cast<std::size_t>(PipeKind::kSpecial);

// More than a window has cycles: only a core that does not get on looks whether it has to.
constexpr std::uint32_t kRoundsToLook = 1 << 16;

bool is_memory(Cause cause) {
  return cause >= Cause::kLocalLatency && cause <= Cause::kResponseNetwork;
}

}  // namespace

/// `other` is of the same instruction.
OperationTimes& OperationTimes::operator+=(const OperationTimes& other) {
  issued = other.issued;
  issues += other.issues;
  lanes += other.lanes;
  for (std::size_t i = 0; i < kWaitCauses; ++i) waits[i] += other.waits[i];
  return *this;
}

std::uint64_t OperationTimes::waited() const {
  return std::accumulate(waits.begin(), waits.end(), std::uint64_t{0});
}

CauseCharges OperationTimes::charges(std::uint32_t lanes_of_warp) const {
  CauseCharges all{};
  all[static_cast<std::size_t>(issued)] = lanes;
  all[static_cast<std::size_t>(Cause::kDivergence)] = issues * lanes_of_warp - lanes;
  std::ranges::copy(waits, all.begin() + static_cast<std::ptrdiff_t>(kFirstWait));
  return all;
}

// ---- launches and work-groups -----------------------------------------------------------------

Core::Core(const chip::Chip& chip, std::uint32_t number, std::vector<MemoryRequest>& outbox,
           std::vector<MemoryResponse>& inbox)
    : lanes_(chip.core.lanes),
      scheduler_count_(chip.core.schedulers),
      issue_gap_(chip.core.issue_gap),
      branch_latency_(chip.core.branch.latency),
      most_groups_(chip.core.work_groups),
      prefetch_(chip.icache.prefetch),
      fetch_interval_(chip.core.fetch_interval),
      buffer_(std::min(chip.core.instruction_buffer, kMostBuffered)),
      floats_(chip.core.float_in_flight),
      queue_(chip.core.dispatch_queue),
      local_memory_(chip.core.local_memory),
      icache_line_(chip.icache.line.count()),
      memory_line_(chip.l2.line.count()),
      memory_sector_(chip.l2.sector.count()),
      policy_(find_policy(chip.core.scheduling)),
      private_bytes_(chip.core.private_memory.count() * chip.core.lanes),
      stack_bytes_(chip.core.private_layout == "contiguous" ? chip.core.private_memory.count() : 0),
      warps_(chip.core.warps),
      timelines_(chip.core.warps),
      schedulers_(chip.core.schedulers),
      next_try_(chip.core.schedulers, kNever),
      memory_(chip, number, outbox, *this),
      coalescer_({static_cast<unsigned>(std::countr_zero(chip.l1.line.count())),
                  static_cast<unsigned>(std::countr_zero(chip.l1.sector.count())),
                  chip.core.coalesced_lanes == 0 ? 64 : chip.core.coalesced_lanes}),
      icache_(chip.icache.size, chip.icache.line, chip.icache.ways),
      inbox_(inbox),
      local_banks_(chip.core.local_banks),
      local_broadcast_(chip.core.local_broadcast != 0) {
  for (Scheduler& s : schedulers_) {
    s.floats.free.assign(std::max(1U, floats_), 0);
    s.floats.started.assign(std::max(1U, queue_), 0);
    if (chip.core.write_back != 0) s.port = std::make_unique<WritePort>();
  }
}

void Core::begin(const CoreLaunch& launch) {
  assert(is_drained());
  launch_ = launch;
  place_arrivals();  // there are none
  operations_ = launch.program->operations();
  for (const std::uint32_t each : issued_operations_) times_[each] = {};
  issued_operations_.clear();
  charges_.fill(0);
  memory_.forget_events();
  issued_ = warp_cycles_ = 0;
  counted_to_ = last_cycle_ = launch.begin;
  for (Scheduler& s : schedulers_) {
    s.accounted = launch.begin;
    s.had_warps = false;
  }
  std::ranges::fill(next_try_, kNever);
}

void Core::finish(std::uint64_t end) {
  for (Scheduler& s : schedulers_) {
    charges_[static_cast<std::size_t>(Cause::kTail)] += (end - s.accounted) * lanes_;
    s.accounted = end;
  }
  // What instructions were charged is summed once, not at every issue.
  for (const std::uint32_t i : issued_operations_) {
    times_[i].issued = operations_[i].issued;
    const CauseCharges all = times_[i].charges(lanes_);
    for (std::size_t c = 0; c < kCauses; ++c) charges_[c] += all[c];
  }
}

void Core::invalidate_caches() {
  icache_.clear();
  memory_.invalidate();
}

void Core::touch(const TimedOperation& operation, const simt::TracedAccess& access,
                 simt::LaneMask mask, std::uint32_t slot, std::vector<MemoryRequest>& below,
                 LoadStoreEvents& events) {
  const PrivateWindow window{launch_.private_base + slot * private_bytes_, lanes_, stack_bytes_};
  for (const LineAccess& line : coalescer_.lines(access, mask, window, launch_.program_base))
    memory_.touch(operation.access, line, below, events);
}

// ---- time -------------------------------------------------------------------------------------

std::uint64_t Core::next_event() const {
  std::uint64_t next = kNever;
  for (const std::uint64_t each : next_try_) next = std::min(next, each);
  if (read_inbox_ < inbox_.size()) next = std::min(next, inbox_[read_inbox_].ready.count());
  return next;
}

void Core::run(std::uint64_t until) {
  std::uint32_t rounds = 0;
  for (std::uint64_t now = next_event(); now < until; now = next_event()) {
    if (++rounds % kRoundsToLook == 0 && launch_.cancel != nullptr &&
        launch_.cancel->load(std::memory_order_relaxed))
      return;
    bool responded = false;
    while (read_inbox_ < inbox_.size() && inbox_[read_inbox_].ready.count() <= now) {
      memory_.respond(inbox_[read_inbox_++]);
      responded = true;
    }
    if (responded) {
      last_cycle_ = std::max(last_cycle_, now);
      for (std::uint32_t s = 0; s < scheduler_count_; ++s) {
        if (schedulers_[s].eligible[kLoadStorePipe] != 0) kick(s, now);
      }
    }
    for (std::uint32_t s = 0; s < scheduler_count_; ++s) {
      if (next_try_[s] <= now) try_issue(s, now);
    }
  }
  if (read_inbox_ > 0) {
    inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(read_inbox_));
    read_inbox_ = 0;
  }
}

void Core::kick(std::uint32_t scheduler, std::uint64_t cycle) {
  // Not before the cycles that are charged already: operands are being read.
  const std::uint64_t at = std::max(cycle, schedulers_[scheduler].accounted);
  next_try_[scheduler] = std::min(next_try_[scheduler], at);
}

std::uint64_t Core::pipe_free(const Scheduler& s, std::size_t pipe) const {
  if (pipe == kLoadStorePipe) return memory_.blocked() ? kNever : memory_.free_at();
  if (floats_ == 0 || pipe < kFirstFloatPipe || pipe > kLastFloatPipe) return s.pipe_free[pipe];
  const FloatPipes& pipes = s.floats;
  const std::uint64_t room =
      queue_ != 0 ? pipes.started[pipes.count % queue_] : *std::ranges::min_element(pipes.free);
  return std::max(s.pipe_free[pipe], room);
}

void Core::wake(Scheduler& s, std::uint64_t now) {
  for (std::uint64_t left = s.waiting.take(now); left != 0; left &= left - 1) {
    const auto index = static_cast<unsigned>(std::countr_zero(left));
    s.eligible[s.pipe[index]] |= std::uint64_t{1} << index;
    s.wanted |= 1U << s.pipe[index];
  }
}

void Core::try_issue(std::uint32_t number, std::uint64_t now) {
  Scheduler& s = schedulers_[number];
  if (now >= s.waiting.next()) wake(s, now);
  std::uint64_t candidates = 0;
  std::uint64_t next = s.waiting.next();
  for (std::uint32_t left = s.wanted; left != 0; left &= left - 1) {
    const auto pipe = static_cast<std::size_t>(std::countr_zero(left));
    const std::uint64_t free = pipe_free(s, pipe);
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
  next_try_[number] = now + 1;
  issue(number, index, now);
}

// ---- issue ------------------------------------------------------------------------------------

void Core::issue(std::uint32_t number, unsigned index, std::uint64_t now) {
  Scheduler& s = schedulers_[number];
  const std::uint32_t slot = index * scheduler_count_ + number;
  TimedWarp& warp = warps_[slot];
  const std::uint32_t at = warp.at;
  const TimedOperation& op = operations_[at];

  // [1] The ledger: the stretch without an issue that ends here, then this cycle.
  if (now > s.accounted) charge_gap(s, warp, slot, now);
  charge_issue(warp);
  s.accounted = now + 1;
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
    const std::uint64_t start = op.is_float && floats_ != 0 ? enter_float(s, op, now) : now;
    s.pipe_free[op.pipe] = now + op.hold;
    if (op.rd != kNoRegister) {
      warp.ready[op.rd] = result_of(s, op, start);
      warp.cause[op.rd] = op.depend;
      warp.producer[op.rd] = at;
    }
    if (op.is_branch && branch_latency_ > issue_gap_)
      restart_fetch(warp, now + branch_latency_, Cause::kControl);
  }
  if (op.operand_cycles > 1) {  // the scheduler reads registers meanwhile
    const std::uint64_t more = op.operand_cycles - 1U;
    times_[at].wait(Cause::kOperands, more * lanes_);
    s.accounted += more;
    next_try_[number] += more;
  }

  // [3] The warp's next instruction.
  advance(slot, now);
}

void Core::fetch_next(TimedWarp& warp, const TimedOperation& op, std::uint64_t now) {
  if (fetch_interval_ == 1) return;
  // A fetch begins when the one before it is through and its place in the buffer is free, that is
  // when the instruction that was in it has issued.
  warp.issued_at[warp.issues++ % buffer_] = now;
  const std::uint64_t place_free =
      warp.issues < buffer_ ? 0 : warp.issued_at[warp.issues % buffer_];
  warp.fetched = std::max(warp.fetched, place_free) + fetch_interval_;
  if (op.is_branch || warp.fetched <= warp.may_issue) return;
  warp.may_issue = warp.fetched;
  warp.may_cause = Cause::kFetch;
}

void Core::restart_fetch(TimedWarp& warp, std::uint64_t cycle, Cause cause) {
  warp.fetched = cycle;
  if (cycle <= warp.may_issue) return;
  warp.may_issue = cycle;
  warp.may_cause = cause;
}

std::uint64_t Core::enter_float(Scheduler& s, const TimedOperation& op, std::uint64_t now) {
  FloatPipes& pipes = s.floats;
  std::uint64_t& place = *std::ranges::min_element(pipes.free);
  const std::uint64_t start = std::max(now, place);
  place = start + op.inside;
  pipes.last = &place;
  pipes.started[pipes.count++ % pipes.started.size()] = start;
  return start;
}

std::uint64_t Core::result_of(Scheduler& s, const TimedOperation& op, std::uint64_t start) {
  const std::uint64_t ready = start + op.latency;
  if (!s.port) return ready;
  const std::uint64_t written = s.port->take(ready);
  // A result that waits to be written keeps its place.
  if (op.is_float && s.floats.last != nullptr) *s.floats.last += written - ready;
  return written;
}

void Core::access_memory(std::uint32_t slot, const TimedOperation& op, std::uint64_t now) {
  TimedWarp& warp = warps_[slot];
  simt::TracedAccess access;
  warp.trace->take_access(access);
  LoadStoreUnit::Access what;
  what.kind = op.access;
  what.local = is_local(access, warp.mask);
  what.returns = op.rd != kNoRegister;
  what.cycle = now;
  what.bytes = op.bytes * warp.active;
  what.port = schedulers_[slot % scheduler_count_].port.get();
  what.token = make_token(slot, warp.generation, what.returns ? op.rd : kStoreToken);
  LoadTimeline timeline;
  bool complete = true;
  if (what.local) {
    timeline =
        memory_.issue_local(what,
                            bank_cycles(access, warp.mask, local_banks_,
                                        op.access == AccessKind::kAtomic || !local_broadcast_),
                            op.hold);
  } else {
    const PrivateWindow window{launch_.private_base + slot * private_bytes_, lanes_, stack_bytes_};
    complete = memory_.issue(
        what, coalescer_.lines(access, warp.mask, window, launch_.program_base), op.hold, timeline);
  }
  if (!what.returns) {
    if (!complete) warp.stores_out += 1;
    return;
  }
  warp.cause[op.rd] = Cause::kL1Latency;  // any of memory's: the timeline has the details
  warp.producer[op.rd] = warp.at;
  warp.ready[op.rd] = complete ? timeline.ready : kNever;
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
  warp.ready[what] = timeline.ready;
  timelines_[slot][what] = timeline;
  if (warp.state == State::kBlocked && warp.wait_register == what) settle(slot);
}

// ---- where a warp goes next -------------------------------------------------------------------

void Core::settle(std::uint32_t slot) {
  TimedWarp& warp = warps_[slot];
  const TimedOperation& op = operations_[warp.at];
  std::uint64_t ready = warp.may_issue;
  warp.wait_cause = warp.may_cause;
  warp.wait_register = kNoRegister;
  warp.wait_on = warp.at;
  const auto wait_for = [&](std::uint8_t r) {
    if (warp.ready[r] <= ready) return;
    ready = warp.ready[r];
    warp.wait_cause = warp.cause[r];
    warp.wait_register = r;
    warp.wait_on = warp.producer[r];
  };
  for (const std::uint8_t r : op.rs) wait_for(r);
  wait_for(op.rd);
  if (op.is_fence && warp.stores_out != 0 && ready != kNever) {
    warp.wait_cause = Cause::kFence;
    warp.wait_register = kNoRegister;
    ready = kNever;
  }
  if (ready == kNever) {
    warp.state = State::kBlocked;
    return;
  }
  make_wait(slot, ready);
}

void Core::make_wait(std::uint32_t slot, std::uint64_t ready) {
  TimedWarp& warp = warps_[slot];
  const std::uint32_t number = slot % scheduler_count_, index = slot / scheduler_count_;
  Scheduler& s = schedulers_[number];
  warp.state = State::kReady;
  warp.ready_at = ready;
  s.pipe[index] = operations_[warp.at].pipe;
  s.waiting.add(index, ready);
  kick(number, ready);
}

void Core::advance(std::uint32_t slot, std::uint64_t now) {
  TimedWarp& warp = warps_[slot];
  if (operations_[warp.at].ends_block) return next_block(slot, now);
  warp.at += 1;
  if (operations_[warp.at].line == warp.line || fetch(slot, now)) settle(slot);
}

void Core::next_block(std::uint32_t slot, std::uint64_t now) {
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

void Core::arrive(std::uint32_t slot, std::uint64_t now) {
  GroupWork& group = *warps_[slot].group;
  warps_[slot].state = State::kAtBarrier;
  if (++group.arrived < group.warps) return;
  group.arrived = 0;
  for (const std::uint32_t each : group.slots) {
    TimedWarp& warp = warps_[each];
    warp.state = State::kBlocked;
    restart_fetch(warp, now + fetch_interval_, Cause::kBarrier);
    next_block(each, now);
  }
}

void Core::end_warp(std::uint32_t slot, std::uint64_t now) {
  TimedWarp& warp = warps_[slot];
  GroupWork* group = warp.group;
  warp.state = State::kFree;
  warp.freed = now + 1;
  if (lives_ != nullptr)
    lives_->push_back({slot, group->number, warp.arrived, now + 1, group->warps_left == 1});
  Scheduler& s = schedulers_[slot % scheduler_count_];
  s.resident &= ~(std::uint64_t{1} << (slot / scheduler_count_));
  warp_cycles_ += (now + 1 - counted_to_) * resident_;
  counted_to_ = now + 1;
  resident_ -= 1;
  warp_ends_.push_back(now + 1);
  if (--group->warps_left != 0) return;
  local_used_ -= group->local_memory;
  group_ends_.emplace_back(now + 1, group->local_memory);
  const auto found =
      std::ranges::find_if(groups_, [&](const auto& each) { return each.get() == group; });
  ended_.push_back({std::move(*found), now + 1});
  groups_.erase(found);
}

// ---- instructions -----------------------------------------------------------------------------

bool Core::fetch(std::uint32_t slot, std::uint64_t now) {
  TimedWarp& warp = warps_[slot];
  warp.line = operations_[warp.at].line;
  const std::uint64_t address = launch_.program_base + launch_.program->line_address(warp.line);
  if (icache_.find(address) != nullptr) return true;
  warp.state = State::kFetching;
  request_line(address, now);
  std::ranges::find(fetches_, address, &Fetch::line)->warps.push_back(slot);
  for (std::uint32_t ahead = 1; ahead <= prefetch_; ++ahead) {
    const std::uint32_t line = warp.line + ahead;
    if (line > operations_[launch_.program->size() - 1].line) break;
    const std::uint64_t next = launch_.program_base + launch_.program->line_address(line);
    if (icache_.find(next) == nullptr) request_line(next, now);
  }
  return false;
}

void Core::request_line(std::uint64_t address, std::uint64_t now) {
  if (std::ranges::find(fetches_, address, &Fetch::line) != fetches_.end()) return;
  fetches_.push_back({address, {}});
  const std::uint64_t line = address / memory_line_ * memory_line_;
  const auto first = (address - line) / memory_sector_;
  const auto count = std::min((icache_line_ + memory_sector_ - 1) / memory_sector_,
                              memory_line_ / memory_sector_ - first);
  const auto sectors = static_cast<std::uint32_t>(((std::uint64_t{1} << count) - 1) << first);
  memory_.fetch(line, sectors, now, address);
}

void Core::fetched(std::uint64_t address, std::uint64_t now) {
  const auto found = std::ranges::find(fetches_, address, &Fetch::line);
  const std::vector<std::uint32_t> warps = std::move(found->warps);
  fetches_.erase(found);
  TagArray::Line evicted;
  icache_.insert(address, evicted).valid = 1;
  for (const std::uint32_t slot : warps) {
    TimedWarp& warp = warps_[slot];
    restart_fetch(warp, now + 1, Cause::kFetch);
    settle(slot);
  }
}

// ---- the ledger -------------------------------------------------------------------------------

void Core::charge_gap(Scheduler& s, const TimedWarp& warp, std::uint32_t slot, std::uint64_t now) {
  const std::uint64_t ready = std::clamp(warp.ready_at, s.accounted, now);
  if (ready > s.accounted) charge_wait(warp, slot, s.accounted, ready);
  if (now > ready) {
    times_[warp.at].wait(kPipeCauses[operations_[warp.at].pipe], (now - ready) * lanes_);
  }
}

void Core::charge_wait(const TimedWarp& warp, std::uint32_t slot, std::uint64_t begin,
                       std::uint64_t end) {
  OperationTimes& times = times_[warp.wait_on];
  if (is_memory(warp.wait_cause)) {
    timelines_[slot][warp.wait_register].charge(begin, end, lanes_, times.waits);
  } else if (warp.wait_cause == Cause::kLaunch || warp.wait_cause == Cause::kOccupancy) {
    charges_[static_cast<std::size_t>(warp.wait_cause)] += (end - begin) * lanes_;
  } else {
    times.wait(warp.wait_cause, (end - begin) * lanes_);
  }
}

void Core::charge_issue(const TimedWarp& warp) {
  OperationTimes& times = times_[warp.at];
  if (times.issues++ == 0) issued_operations_.push_back(warp.at);
  times.lanes += warp.active;
  issued_ += 1;
}

}  // namespace isobar::timing
