#include "timing/core/load_store_unit.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace isobar::timing {

// ---- timelines --------------------------------------------------------------------------------

namespace {

constexpr std::array<Cause, LoadTimeline::kBelow + kMemoryStages> kCacheCauses = [] {
  std::array<Cause, LoadTimeline::kBelow + kMemoryStages> causes{};
  causes[LoadTimeline::kMshr] = Cause::kL1Mshr;
  causes[LoadTimeline::kBank] = Cause::kL1Bank;
  causes[LoadTimeline::kLookup] = Cause::kL1Latency;
  for (std::size_t stage = 0; stage < kMemoryStages; ++stage)
    causes[LoadTimeline::kBelow + stage] = cause_of(static_cast<MemoryStage>(stage));
  return causes;
}();
constexpr std::array<Cause, 3> kLocalCauses{Cause::kLocalConflict, Cause::kLocalLatency,
                                            Cause::kLocalConflict};

/// Fills in a timeline's stretches, each up to a cycle; one that ended before is empty.
class Stretches {
 public:
  explicit Stretches(LoadTimeline& timeline) : timeline_(timeline), at_(timeline.issued) {
    timeline.cycles.fill(0);
  }
  void until(std::size_t stretch, std::uint64_t end) {
    if (end <= at_) return;
    timeline_.cycles[stretch] = static_cast<std::uint32_t>(end - at_);
    at_ = end;
  }

 private:
  LoadTimeline& timeline_;
  std::uint64_t at_;
};

}  // namespace

void LoadTimeline::charge(std::uint64_t begin, std::uint64_t end, std::uint64_t weight,
                          WaitCharges& waits) const {
  const std::span<const Cause> causes =
      local ? std::span<const Cause>(kLocalCauses) : std::span<const Cause>(kCacheCauses);
  Cause last = Cause::kL1Latency;
  std::uint64_t from = begin, stretch_end = issued;
  for (std::size_t i = 0; i < causes.size() && from < end; ++i) {
    if (cycles[i] == 0) continue;
    stretch_end += cycles[i];
    last = causes[i];
    const std::uint64_t to = std::min(end, stretch_end);
    if (to <= from) continue;
    waits[wait_index(last)] += (to - from) * weight;
    from = to;
  }
  if (from < end) waits[wait_index(last)] += (end - from) * weight;
}

LoadStoreEvents& LoadStoreEvents::operator+=(const LoadStoreEvents& other) {
  l1_sector_hits += other.l1_sector_hits;
  l1_sector_misses += other.l1_sector_misses;
  l1_lines += other.l1_lines;
  l1_bytes += other.l1_bytes;
  local_bytes += other.local_bytes;
  local_cycles += other.local_cycles;
  local_accesses += other.local_accesses;
  return *this;
}

// ---- issue ------------------------------------------------------------------------------------

LoadStoreUnit::LoadStoreUnit(const chip::Chip& chip, std::uint32_t core,
                             std::vector<MemoryRequest>& outbox, Listener& listener)
    : core_(core),
      outbox_(outbox),
      listener_(listener),
      latency_(chip.l1.latency),
      banks_(chip.l1.banks),
      mshrs_(chip.l1.mshrs),
      stores_(chip.l1.stores),
      local_latency_(chip.core.local_latency),
      bytes_per_cycle_(chip.l1.bytes_per_cycle.count()),
      local_bytes_per_cycle_(chip.core.local_bytes_per_cycle.count()),
      line_shift_(static_cast<unsigned>(std::countr_zero(chip.l1.line.count()))),
      sector_bytes_(chip.l1.sector.count()),
      write_back_(chip.l1.write_policy == "write-back"),
      fill_line_(chip.l1.fill == "line"),
      queue_(chip.core.dispatch_queue),
      loads_(chip.core.loads),
      round_cycles_(chip.core.coalescer_cycles),
      whole_line_(
          static_cast<std::uint32_t>((std::uint64_t{1} << (chip.l1.line / chip.l1.sector)) - 1)),
      tags_(chip.l1.size, chip.l1.line, chip.l1.ways,
            {.folded = chip.l1.index == "folded", .fifo = chip.l1.replacement == "fifo"}),
      bank_free_(chip.l1.banks, 0),
      starts_(std::max(1U, chip.core.dispatch_queue), 0),
      bank_held_(chip.l1.banks, 0),
      misses_(1),
      waiters_(1) {}  // in both, 0 means none

std::uint64_t LoadStoreUnit::enter(std::uint64_t cycle) {
  if (queue_ == 0) return cycle;  // issue has waited
  const std::uint64_t start = std::max(cycle, free_at_);
  starts_[accesses_++ % queue_] = start;
  return start;
}

LoadTimeline LoadStoreUnit::issue_local(const Access& access, std::uint32_t bank_cycles,
                                        std::uint32_t hold) {
  const std::uint64_t width = (access.bytes + local_bytes_per_cycle_ - 1) / local_bytes_per_cycle_;
  const std::uint64_t cycles = std::max<std::uint64_t>(bank_cycles, width);
  const std::uint64_t start = enter(access.cycle);
  const std::uint64_t begin = std::max(start, local_free_);
  local_free_ = begin + cycles;
  free_at_ = std::max(start + hold, begin + cycles);
  events_.local_bytes += access.bytes;
  events_.local_cycles += cycles;
  events_.local_accesses += 1;
  LoadTimeline timeline;
  timeline.issued = access.cycle;
  timeline.ready = begin + cycles - 1 + local_latency_;
  if (access.port != nullptr && access.returns) {
    for (std::uint64_t answer = 0; answer < bank_cycles; ++answer)
      timeline.ready = std::max(timeline.ready, access.port->take(begin + answer + local_latency_));
  }
  timeline.local = true;
  Stretches stretches(timeline);
  stretches.until(LoadTimeline::kPort, begin);
  stretches.until(LoadTimeline::kLocal, begin + local_latency_);
  stretches.until(LoadTimeline::kConflict, timeline.ready);
  return timeline;
}

bool LoadStoreUnit::issue(const Access& access, std::span<const LineAccess> lines,
                          std::uint32_t hold, LoadTimeline& timeline) {
  const std::uint32_t number = new_pending(access);
  const std::uint64_t start = enter(access.cycle);
  pending_[number].start = start;
  free_at_ = start + hold;
  events_.l1_bytes += access.bytes;
  pending_[number].lines_left = 1;  // held while the lines are looked up
  std::uint64_t round_begin = start;
  std::uint32_t round = 0;
  for (const LineAccess& line : lines) {
    pending_[number].lines_left += 1;
    if (line.round != round) {  // the groups' next accesses, when these have passed their banks
      round = line.round;
      round_begin = std::max(round_begin, last_lookup_) + 1 + round_cycles_;
    }
    if (!waiting_.empty() || !look_up(number, line, round_begin)) {
      waiting_.push({number, line});
      if (!std::exchange(pending_[number].waits, true)) ++waiting_accesses_;
    }
  }
  if (round_cycles_ != 0)
    free_at_ = std::max(free_at_, std::max(round_begin, last_lookup_) + 1 + round_cycles_);
  Pending& who = pending_[number];
  if (--who.lines_left != 0) return false;
  timeline = who.timeline;
  release(number);
  return true;
}

std::uint32_t LoadStoreUnit::new_pending(const Access& access) {
  std::uint32_t number = 0;
  if (free_pending_.empty()) {
    number = static_cast<std::uint32_t>(pending_.size());
    pending_.emplace_back();
  } else {
    number = free_pending_.back();
    free_pending_.pop_back();
  }
  Pending& who = pending_[number];
  who = Pending{};
  who.access = access;
  who.timeline.issued = who.timeline.ready = access.cycle;
  return number;
}

void LoadStoreUnit::release(std::uint32_t pending) {
  if (pending_[pending].counted) --loads_out_;
  free_pending_.push_back(pending);
}

void LoadStoreUnit::add_waiter(std::uint32_t miss, std::uint32_t pending, std::uint64_t looked_up) {
  if (free_waiter_ == 0) {
    free_waiter_ = static_cast<std::uint32_t>(waiters_.size());
    waiters_.emplace_back();
  }
  const std::uint32_t number = free_waiter_;
  free_waiter_ = waiters_[number].next;
  waiters_[number] = {pending, 0, looked_up};
  Miss& what = misses_[miss];
  (what.first_waiter == 0 ? what.first_waiter : waiters_[what.last_waiter].next) = number;
  what.last_waiter = number;
  what.waiters += 1;
}

// ---- looking lines up -------------------------------------------------------------------------

bool LoadStoreUnit::look_up(std::uint32_t pending, const LineAccess& line,
                            std::uint64_t not_before) {
  Pending& who = pending_[pending];
  if (loads_ != 0 && who.access.returns && !who.counted) {
    if (loads_out_ >= loads_) return false;
    who.counted = true;
    ++loads_out_;
  }
  switch (who.access.kind) {
    case AccessKind::kLoad:
      return load(pending, line, not_before);
    case AccessKind::kStore:
      return store(pending, line, not_before);
    case AccessKind::kAtomic:
    case AccessKind::kNone:
      break;
  }
  const bool returns = who.access.returns;
  return send_past(pending, line, not_before, RequestKind::kAtomic,
                   returns ? reads_out_ : stores_out_, returns ? mshrs_ : stores_);
}

std::uint64_t LoadStoreUnit::take_bank(std::uint64_t line, std::uint64_t not_before,
                                       std::uint32_t sectors) {
  const auto bytes = static_cast<std::uint64_t>(std::popcount(sectors)) * sector_bytes_;
  const std::uint64_t cycles = std::max<std::uint64_t>(
      1, (bytes * banks_ + bytes_per_cycle_ - 1) / bytes_per_cycle_ / banks_);
  std::uint64_t& free = bank_free_[bank_of(line)];
  const std::uint64_t cycle = std::max(free, not_before);
  free = cycle + cycles;
  free_at_ = std::max(free_at_, cycle + 1);
  last_lookup_ = cycle;
  events_.l1_lines += 1;
  return cycle;
}

/// Of a cache that fills whole lines: a miss takes its place when the line arrives, and until then
/// each access that waits for it holds a register of its bank. A bank without a free one takes no
/// access at all, since it might miss.
bool LoadStoreUnit::access_line(std::uint32_t pending, const LineAccess& line,
                                std::uint64_t not_before) {
  std::uint32_t& held = bank_held_[bank_of(line.line)];
  if (held >= std::max(1U, mshrs_ / banks_)) return false;
  const std::uint64_t cycle = take_bank(line.line, not_before, line.sectors);
  const bool stores = pending_[pending].access.kind == AccessKind::kStore;
  const auto sectors = static_cast<std::uint64_t>(std::popcount(line.sectors));
  if (TagArray::Line* found = tags_.find(line.line)) {
    events_.l1_sector_hits += sectors;
    if (stores) found->dirty = whole_line_;
    finish_line(pending, cycle, cycle + latency_, nullptr, nullptr);
    return true;
  }
  events_.l1_sector_misses += sectors;
  ++held;
  const auto on_its_way = std::ranges::find_if(
      fills_, [&](std::uint32_t number) { return misses_[number].line == line.line; });
  std::uint32_t number = 0;
  if (on_its_way != fills_.end()) {
    number = *on_its_way;
  } else {
    number = send({line.line, whole_line_, 0, 0}, RequestKind::kRead, cycle + latency_);
    misses_[number].out = &reads_out_;
    reads_out_ += 1;
    fills_.push_back(number);
  }
  add_waiter(number, pending, cycle);
  misses_[number].stored |= stores;
  return true;
}

bool LoadStoreUnit::load(std::uint32_t pending, const LineAccess& line, std::uint64_t not_before) {
  if (fill_line_) return access_line(pending, line, not_before);
  TagArray::Line* found = tags_.find(line.line);
  std::uint32_t missing = line.sectors & ~(found != nullptr ? found->valid : 0U);
  // A fill may be on its way already.
  std::uint32_t joined = 0;
  if (missing != 0 && found != nullptr && found->miss != 0) {
    const Miss& miss = misses_[found->miss];
    if (miss.in_use && miss.line == line.line && (miss.sectors & missing) != 0)
      joined = found->miss;
  }
  const std::uint32_t wanted = missing & ~(joined != 0 ? misses_[joined].sectors : 0U);
  if (wanted != 0 && reads_out_ >= mshrs_) return false;

  const std::uint64_t cycle = take_bank(line.line, not_before, line.sectors);
  const std::uint64_t looked_up = cycle + latency_;
  events_.l1_sector_misses += static_cast<std::uint64_t>(std::popcount(missing));
  events_.l1_sector_hits += static_cast<std::uint64_t>(std::popcount(line.sectors & ~missing));
  if (missing == 0) {
    finish_line(pending, cycle, looked_up, nullptr, nullptr);
    return true;
  }
  if (joined != 0) add_waiter(joined, pending, cycle);
  if (wanted == 0) return true;
  if (joined != 0) pending_[pending].lines_left += 1;
  TagArray::Line evicted;
  TagArray::Line& place = tags_.insert(line.line, evicted);
  evict(evicted, looked_up);
  const std::uint32_t number = send({line.line, wanted, 0}, RequestKind::kRead, looked_up);
  place.miss = number;
  add_waiter(number, pending, cycle);
  misses_[number].out = &reads_out_;
  reads_out_ += 1;
  return true;
}

bool LoadStoreUnit::store(std::uint32_t pending, const LineAccess& line, std::uint64_t not_before) {
  if (!write_back_)
    return send_past(pending, line, not_before, RequestKind::kWrite, stores_out_, stores_);
  if (fill_line_) return access_line(pending, line, not_before);
  TagArray::Line evicted;
  const std::uint64_t cycle = take_bank(line.line, not_before, line.sectors);
  TagArray::Line& place = tags_.insert(line.line, evicted);
  evict(evicted, cycle + latency_);
  place.valid |= line.sectors;
  place.dirty |= line.sectors;
  finish_line(pending, cycle, cycle + latency_, nullptr, nullptr);
  return true;
}

/// Stores of a write-through cache, which keep what is there up to date, and atomics, which are
/// done below and leave nothing valid here.
bool LoadStoreUnit::send_past(std::uint32_t pending, const LineAccess& line,
                              std::uint64_t not_before, RequestKind kind, std::uint32_t& out,
                              std::uint32_t most) {
  if (out >= most) return false;
  const std::uint64_t cycle = take_bank(line.line, not_before, line.sectors);
  if (kind == RequestKind::kAtomic) {
    if (TagArray::Line* found = tags_.find(line.line)) found->valid &= ~line.sectors;
  }
  const std::uint32_t number = send(line, kind, cycle + latency_);
  add_waiter(number, pending, cycle);
  misses_[number].out = &out;
  out += 1;
  return true;
}

void LoadStoreUnit::evict(const TagArray::Line& line, std::uint64_t cycle) {
  if (line.tag == TagArray::kNoTag || line.dirty == 0) return;
  const std::uint32_t number = send({line.tag, line.dirty, 0}, RequestKind::kWrite, cycle);
  misses_[number].out = &stores_out_;
  stores_out_ += 1;  // may pass the limit: an eviction cannot wait
}

// ---- requests and responses -------------------------------------------------------------------

std::uint32_t LoadStoreUnit::send(const LineAccess& line, RequestKind kind, std::uint64_t sent) {
  std::uint32_t number = 0;
  if (free_misses_.empty()) {
    number = static_cast<std::uint32_t>(misses_.size());
    misses_.emplace_back();
  } else {
    number = free_misses_.back();
    free_misses_.pop_back();
  }
  Miss& miss = misses_[number];
  miss.line = line.line;
  miss.sectors = line.sectors;
  miss.sent = sent;
  miss.kind = kind;
  miss.in_use = true;
  miss.stored = false;
  miss.waiters = miss.first_waiter = miss.last_waiter = 0;
  MemoryRequest request;
  request.sent = Cycles(sent);
  request.line = DeviceAddress(line.line);
  request.sectors = line.sectors;
  request.core = core_;
  request.tag = number;
  request.kind = kind;
  request.operations = static_cast<std::uint16_t>(line.operations);
  outbox_.push_back(request);
  on_the_way_ += 1;
  return number;
}

void LoadStoreUnit::fetch(std::uint64_t line, std::uint32_t sectors, std::uint64_t cycle,
                          std::uint64_t address) {
  Miss& miss = misses_[send({line, sectors, 0}, RequestKind::kRead, cycle)];
  miss.out = &fetches_out_;
  miss.fetch_address = address;
  fetches_out_ += 1;
}

void LoadStoreUnit::respond(const MemoryResponse& response) {
  const std::uint32_t number = response.tag;
  const std::uint64_t ready = response.ready.count();
  Miss& miss = misses_[number];
  *miss.out -= 1;
  on_the_way_ -= 1;
  if (miss.out == &reads_out_ && miss.kind == RequestKind::kRead) {
    TagArray::Line evicted;
    TagArray::Line& place = tags_.insert(miss.line, evicted);
    evict(evicted, ready);
    place.valid |= misses_[number].sectors;
    if (misses_[number].stored) place.dirty = whole_line_;
    if (fill_line_) {
      std::erase(fills_, number);
      bank_held_[bank_of(misses_[number].line)] -= misses_[number].waiters;
    }
    if (place.miss == number) place.miss = 0;
  }
  // Eviction may have moved the registers: no reference from before it is good.
  for (std::uint32_t at = misses_[number].first_waiter; at != 0;) {
    const Waiter waiter = waiters_[at];
    waiters_[at].next = free_waiter_;
    free_waiter_ = at;
    at = waiter.next;
    finish_line(waiter.pending, waiter.looked_up, ready, &misses_[number], &response);
  }
  const bool is_fetch = misses_[number].out == &fetches_out_;
  misses_[number].in_use = false;
  free_misses_.push_back(number);
  if (is_fetch) listener_.fetched(misses_[number].fetch_address, ready);
  retry(ready);
}

void LoadStoreUnit::finish_line(std::uint32_t pending, std::uint64_t looked_up, std::uint64_t ready,
                                const Miss* miss, const MemoryResponse* response) {
  Pending& who = pending_[pending];
  LoadTimeline& timeline = who.timeline;
  if (who.access.port != nullptr && who.access.returns) ready = who.access.port->take(ready);
  if (ready >= timeline.ready) {  // the last line to arrive tells what the access waited for
    timeline.ready = ready;
    Stretches stretches(timeline);
    stretches.until(LoadTimeline::kMshr, who.waited_until);
    stretches.until(LoadTimeline::kBank, looked_up);
    stretches.until(LoadTimeline::kLookup, std::min(ready, looked_up + latency_));
    if (response != nullptr) {
      std::uint64_t at = miss->sent;
      for (std::size_t stage = 0; stage < kMemoryStages; ++stage) {
        at += response->journey[stage];
        stretches.until(LoadTimeline::kBelow + stage, at);
      }
    }
  }
  if (--who.lines_left != 0) return;
  const std::uint32_t token = who.access.token;
  const LoadTimeline whole = timeline;
  release(pending);
  listener_.completed(token, whole);
}

void LoadStoreUnit::retry(std::uint64_t cycle) {
  while (!waiting_.empty()) {
    const Waiting next = waiting_.front();
    Pending& who = pending_[next.pending];
    who.waited_until = std::max(who.waited_until, cycle);
    if (!look_up(next.pending, next.line, std::max(cycle, who.start))) return;
    waiting_.pop();
    // The last line of an access leaves the queue to the next one.
    if (waiting_.empty() || waiting_.front().pending != next.pending) {
      pending_[next.pending].waits = false;
      --waiting_accesses_;
    }
    if (waiting_.empty()) free_at_ = std::max(free_at_, cycle);
  }
}

// ---- work that is not timed -------------------------------------------------------------------

void LoadStoreUnit::touch(AccessKind kind, const LineAccess& line,
                          std::vector<MemoryRequest>& below, LoadStoreEvents& events) {
  const auto pass = [&](std::uint64_t address, std::uint32_t sectors, RequestKind what) {
    MemoryRequest request;
    request.line = DeviceAddress(address);
    request.sectors = sectors;
    request.core = core_;
    request.kind = what;
    below.push_back(request);
  };
  const auto insert = [&]() -> TagArray::Line& {
    TagArray::Line evicted;
    TagArray::Line& place = tags_.insert(line.line, evicted);
    if (evicted.tag != TagArray::kNoTag && evicted.dirty != 0)
      pass(evicted.tag, evicted.dirty, RequestKind::kWrite);
    return place;
  };
  events.l1_lines += 1;
  if (kind == AccessKind::kAtomic) {
    if (TagArray::Line* found = tags_.find(line.line)) found->valid &= ~line.sectors;
    return pass(line.line, line.sectors, RequestKind::kAtomic);
  }
  const bool stores = kind == AccessKind::kStore;
  if (stores && !write_back_) return pass(line.line, line.sectors, RequestKind::kWrite);
  if (stores && !fill_line_) {
    TagArray::Line& place = insert();
    place.valid |= line.sectors;
    place.dirty |= line.sectors;
    return;
  }
  TagArray::Line* place = tags_.find(line.line);
  const std::uint32_t wanted = fill_line_ ? whole_line_ : line.sectors;
  const std::uint32_t missing = wanted & ~(place != nullptr ? place->valid : 0U);
  const std::uint32_t missed = line.sectors & missing;
  events.l1_sector_misses += static_cast<std::uint64_t>(std::popcount(missed));
  events.l1_sector_hits += static_cast<std::uint64_t>(std::popcount(line.sectors & ~missed));
  if (missing != 0) {
    place = &insert();
    place->valid |= missing;
    pass(line.line, missing, RequestKind::kRead);
  }
  if (stores) place->dirty = whole_line_;
}

void LoadStoreUnit::invalidate() { tags_.clear(); }

}  // namespace isobar::timing
