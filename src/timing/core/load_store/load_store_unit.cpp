#include "timing/core/load_store/load_store_unit.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace isobar::timing {

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
      bytes_per_cycle_(chip.l1.bytes_per_cycle),
      line_shift_(static_cast<unsigned>(std::countr_zero(chip.l1.line.count()))),
      sector_bytes_(chip.l1.sector),
      write_back_(chip.l1.write_policy == chip::WritePolicy::kWriteBack),
      fill_line_(chip.l1.fill == chip::Fill::kLine),
      queue_(chip.core.dispatch_queue),
      loads_(chip.core.loads),
      round_cycles_(chip.core.coalescer_cycles),
      whole_line_(
          static_cast<std::uint32_t>((std::uint64_t{1} << (chip.l1.line / chip.l1.sector)) - 1)),
      tags_(chip.l1.size, chip.l1.line, chip.l1.ways,
            {.folded = chip.l1.index == chip::SetIndex::kFolded,
             .fifo = chip.l1.replacement == chip::Replacement::kFifo}),
      bank_free_(chip.l1.banks),
      local_(chip.core),
      starts_(std::max(1U, chip.core.dispatch_queue)),
      bank_held_(chip.l1.banks, 0) {}

Cycles LoadStoreUnit::enter(Cycles cycle) {
  if (queue_ == 0) return cycle;  // issue has waited
  const Cycles start = std::max(cycle, free_at_);
  starts_[accesses_++ % queue_] = start;
  return start;
}

LoadTimeline LoadStoreUnit::issue_local(const Access& access, std::uint32_t bank_cycles,
                                        Cycles hold) {
  const Cycles start = enter(access.cycle);
  const LocalMemoryPort::Access what{access.cycle, start, access.bytes, bank_cycles,
                                     access.returns ? access.port : nullptr};
  const LoadTimeline timeline = local_.take(what);
  free_at_ = std::max(start + hold, local_.free_at());
  events_.local_bytes += access.bytes.count();
  events_.local_cycles += local_.cycles_of(what).count();
  events_.local_accesses += 1;
  return timeline;
}

bool LoadStoreUnit::issue(const Access& access, std::span<const LineAccess> lines, Cycles hold,
                          LoadTimeline& timeline) {
  const std::uint32_t number = new_pending(access);
  const Cycles start = enter(access.cycle);
  pending_[number].start = start;
  free_at_ = start + hold;
  events_.l1_bytes += access.bytes.count();
  pending_[number].lines_left = 1;  // held while the lines are looked up
  Cycles round_begin = start;
  std::uint32_t round = 0;
  for (const LineAccess& line : lines) {
    pending_[number].lines_left += 1;
    if (line.round != round) {  // the groups' next accesses, when these have passed their banks
      round = line.round;
      round_begin = std::max(round_begin, last_lookup_) + Cycles(1) + round_cycles_;
    }
    if (!waiting_.empty() || !look_up(number, line, round_begin)) {
      waiting_.push({number, line});
      if (!std::exchange(pending_[number].waits, true)) ++waiting_accesses_;
    }
  }
  if (round_cycles_ != Cycles())
    free_at_ = std::max(free_at_, std::max(round_begin, last_lookup_) + Cycles(1) + round_cycles_);
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

// ---- requests and responses -------------------------------------------------------------------

std::uint32_t LoadStoreUnit::send(const LineAccess& line, RequestKind kind, Cycles sent) {
  const std::uint32_t number = misses_.open(line.line, line.sectors, kind, sent);
  MemoryRequest request;
  request.sent = sent;
  request.line = DeviceAddress(line.line);
  request.sectors = line.sectors;
  request.core = core_;
  request.tag = number;
  request.kind = kind;
  request.operations = static_cast<std::uint16_t>(line.operations);
  outbox_.push_back(request);
  return number;
}

void LoadStoreUnit::fetch(std::uint64_t line, std::uint32_t sectors, Cycles cycle,
                          std::uint64_t address) {
  Miss& miss = misses_[send({line, sectors, 0}, RequestKind::kRead, cycle)];
  miss.out = &fetches_out_;
  miss.fetch_address = address;
  fetches_out_ += 1;
}

void LoadStoreUnit::respond(const MemoryResponse& response) {
  const std::uint32_t number = response.tag;
  const Cycles ready = response.ready;
  Miss& miss = misses_[number];
  *miss.out -= 1;
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
  misses_.for_each_waiter(number, [&](const MissTable::Waiter& waiter) {
    finish_line(waiter.pending, waiter.looked_up, ready, &misses_[number], &response);
  });
  const bool is_fetch = misses_[number].out == &fetches_out_;
  misses_.close(number);
  if (is_fetch) listener_.fetched(misses_[number].fetch_address, ready);
  retry(ready);
}

void LoadStoreUnit::finish_line(std::uint32_t pending, Cycles looked_up, Cycles ready,
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
      Cycles at = miss->sent;
      for (std::size_t stage = 0; stage < kMemoryStages; ++stage) {
        at += Cycles(response->journey[stage]);
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

void LoadStoreUnit::retry(Cycles cycle) {
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
