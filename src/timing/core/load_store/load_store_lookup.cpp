// How the load-store unit looks lines up in the first level: which bank, hit or miss, and what is
// sent.
#include <algorithm>
#include <bit>

#include "timing/core/load_store/load_store_unit.h"

namespace isobar::timing {

bool LoadStoreUnit::look_up(std::uint32_t pending, const LineAccess& line, Cycles not_before) {
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

Cycles LoadStoreUnit::take_bank(std::uint64_t line, Cycles not_before, std::uint32_t sectors) {
  const Bytes bytes = static_cast<std::uint64_t>(std::popcount(sectors)) * sector_bytes_;
  const Cycles cycles(std::max<std::uint64_t>(
      1, (bytes * banks_ + bytes_per_cycle_ - 1_B) / bytes_per_cycle_ / banks_));
  Cycles& free = bank_free_[bank_of(line)];
  const Cycles cycle = std::max(free, not_before);
  free = cycle + cycles;
  free_at_ = std::max(free_at_, cycle + Cycles(1));
  last_lookup_ = cycle;
  events_.l1_lines += 1;
  return cycle;
}

/// Of a cache that fills whole lines: a miss takes its place when the line arrives, and until then
/// each access that waits for it holds a register of its bank. A bank without a free one takes no
/// access at all, since it might miss.
bool LoadStoreUnit::access_line(std::uint32_t pending, const LineAccess& line, Cycles not_before) {
  std::uint32_t& held = bank_held_[bank_of(line.line)];
  if (held >= std::max(1U, mshrs_ / banks_)) return false;
  const Cycles cycle = take_bank(line.line, not_before, line.sectors);
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
  misses_.add_waiter(number, pending, cycle);
  misses_[number].stored |= stores;
  return true;
}

bool LoadStoreUnit::load(std::uint32_t pending, const LineAccess& line, Cycles not_before) {
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

  const Cycles cycle = take_bank(line.line, not_before, line.sectors);
  const Cycles looked_up = cycle + latency_;
  events_.l1_sector_misses += static_cast<std::uint64_t>(std::popcount(missing));
  events_.l1_sector_hits += static_cast<std::uint64_t>(std::popcount(line.sectors & ~missing));
  if (missing == 0) {
    finish_line(pending, cycle, looked_up, nullptr, nullptr);
    return true;
  }
  if (joined != 0) misses_.add_waiter(joined, pending, cycle);
  if (wanted == 0) return true;
  if (joined != 0) pending_[pending].lines_left += 1;
  TagArray::Line evicted;
  TagArray::Line& place = tags_.insert(line.line, evicted);
  evict(evicted, looked_up);
  const std::uint32_t number = send({line.line, wanted, 0}, RequestKind::kRead, looked_up);
  place.miss = number;
  misses_.add_waiter(number, pending, cycle);
  misses_[number].out = &reads_out_;
  reads_out_ += 1;
  return true;
}

bool LoadStoreUnit::store(std::uint32_t pending, const LineAccess& line, Cycles not_before) {
  if (!write_back_)
    return send_past(pending, line, not_before, RequestKind::kWrite, stores_out_, stores_);
  if (fill_line_) return access_line(pending, line, not_before);
  TagArray::Line evicted;
  const Cycles cycle = take_bank(line.line, not_before, line.sectors);
  TagArray::Line& place = tags_.insert(line.line, evicted);
  evict(evicted, cycle + latency_);
  place.valid |= line.sectors;
  place.dirty |= line.sectors;
  finish_line(pending, cycle, cycle + latency_, nullptr, nullptr);
  return true;
}

/// Stores of a write-through cache, which keep what is there up to date, and atomics, which are
/// done below and leave nothing valid here.
bool LoadStoreUnit::send_past(std::uint32_t pending, const LineAccess& line, Cycles not_before,
                              RequestKind kind, std::uint32_t& out, std::uint32_t most) {
  if (out >= most) return false;
  const Cycles cycle = take_bank(line.line, not_before, line.sectors);
  if (kind == RequestKind::kAtomic) {
    if (TagArray::Line* found = tags_.find(line.line)) found->valid &= ~line.sectors;
  }
  const std::uint32_t number = send(line, kind, cycle + latency_);
  misses_.add_waiter(number, pending, cycle);
  misses_[number].out = &out;
  out += 1;
  return true;
}

void LoadStoreUnit::evict(const TagArray::Line& line, Cycles cycle) {
  if (line.tag == TagArray::kNoTag || line.dirty == 0) return;
  const std::uint32_t number = send({line.tag, line.dirty, 0}, RequestKind::kWrite, cycle);
  misses_[number].out = &stores_out_;
  stores_out_ += 1;  // may pass the limit: an eviction cannot wait
}

}  // namespace isobar::timing
