#include "timing/memory/l2_slice.h"

#include <bit>
#include <cassert>

#include "chip/dram_presets.h"
#include "timing/memory/address_map.h"

namespace isobar::timing {
namespace {

constexpr std::uint32_t kNoWay = ~std::uint32_t{0};
std::uint64_t bits(std::uint32_t sectors) {
  return static_cast<std::uint64_t>(std::popcount(sectors));
}

}  // namespace

L2Slice::L2Slice(const chip::Chip& chip, PacketPool& packets)
    : packets_(&packets),
      ways_(chip.l2.size.count() == 0 ? chip.l2.mshrs : chip.l2.ways),
      keeps_(chip.l2.size.count() != 0),
      latency_(chip.l2.latency),
      operation_cost_((Ticks::kPerCycle + chip.l2.atomics_per_cycle - 1) /
                      chip.l2.atomics_per_cycle),
      mshrs_(chip.l2.mshrs) {
  const std::uint64_t slices = chip::l2_slices(chip);
  const std::uint64_t lines = keeps_ ? chip.l2.size / chip.l2.line / slices : ways_;
  set_bits_ = static_cast<unsigned>(std::countr_zero(lines / ways_));
  lines_.assign(lines, kNoLine);
  state_.assign(lines, Way{});
  // A slice's share of the bandwidth need not be a whole number of bytes per cycle.
  const std::uint64_t all = chip.l2.bytes_per_cycle.count();
  sector_cost_ = Ticks((chip.l2.sector.count() * slices * Ticks::kPerCycle + all - 1) / all);
}

void L2Slice::enter(PacketNumber number, Ticks begin) {
  Packet& packet = (*packets_)[number];
  packet.arrival = begin.cycle();
  packet.charge(MemoryStage::kRequestNetwork, packet.arrival - packet.request.sent);
  queue_.push({number, begin});
}

/// Of the set that a line belongs to.
std::uint32_t L2Slice::first_way(std::uint64_t slice_line) const {
  const std::uint64_t set = (slice_line & ((std::uint64_t{1} << set_bits_) - 1)) ^
                            fold(slice_line >> set_bits_, set_bits_);
  return static_cast<std::uint32_t>(set * ways_);
}

std::uint32_t L2Slice::find(std::uint64_t line, std::uint32_t first) const {
  for (std::uint32_t way = first; way < first + ways_; ++way)
    if (lines_[way] == line) return way;
  return kNoWay;
}

/// The way to give up: the least recently used that is not being fetched.
std::uint32_t L2Slice::victim(std::uint32_t first) const {
  std::uint32_t chosen = kNoWay;
  std::uint64_t used = kNoLine;
  for (std::uint32_t way = first; way < first + ways_; ++way) {
    if (state_[way].used >= used || state_[way].pending != 0) continue;
    used = state_[way].used;
    chosen = way;
  }
  return chosen;
}

void L2Slice::look_up(std::uint32_t room, std::vector<L2Transfer>& transfers,
                      std::vector<L2Leaving>& leaving) {
  const Ticks start = std::max(queue_.front().begin, free_);
  const Packet& packet = (*packets_)[queue_.front().packet];
  if (!keeps_ && packet.request.kind == RequestKind::kWrite) {
    if (room == 0)
      wait(start.cycle(), MemoryStage::kDramQueue);
    else
      pass_write(start, transfers, leaving);
    return;
  }
  const std::uint32_t first = first_way(packet.slice_line);
  std::uint32_t way = find(packet.channel_line, first);
  const bool allocate = way == kNoWay;
  if (allocate) way = victim(first);

  const std::uint32_t sectors = packet.request.sectors;
  const std::uint32_t missing = packet.request.kind == RequestKind::kWrite ? 0
                                : allocate                                 ? sectors
                                           : sectors & ~state_[way == kNoWay ? 0 : way].valid;
  const bool fetch =
      (allocate ? missing : missing & ~(way == kNoWay ? 0 : state_[way].pending)) != 0;
  if (way == kNoWay || (fetch && fetches_ == mshrs_)) {
    wait(start.cycle(), MemoryStage::kL2Mshr);
    return;
  }
  if (allocate) {
    Way& state = state_[way];
    if (state.dirty != 0) {
      if (room == 0) {
        wait(start.cycle(), MemoryStage::kDramQueue);
        return;
      }
      transfers.push_back(
          {start.cycle() + latency_, lines_[way], state.dirty, way, /*write=*/true});
    }
    lines_[way] = packet.channel_line;
    state = Way{};
  }
  serve(way, missing, start, transfers, leaving);
}

/// A write that nothing here keeps.
void L2Slice::pass_write(Ticks start, std::vector<L2Transfer>& transfers,
                         std::vector<L2Leaving>& leaving) {
  const PacketNumber number = queue_.front().packet;
  queue_.pop();
  Packet& packet = (*packets_)[number];
  const Cycles through = start.cycle() + latency_;
  free_ = start + Ticks(sector_cost_.count() * bits(packet.request.sectors));
  charge_queue(packet, start.cycle());
  packet.charge(MemoryStage::kL2, latency_);
  events_.writes += bits(packet.request.sectors);
  transfers.push_back({through, packet.channel_line, packet.request.sectors, 0, /*write=*/true});
  leaving.push_back({through, number});
}

/// The head has its way: it leaves, or waits for what is missing.
void L2Slice::serve(std::uint32_t way, std::uint32_t missing, Ticks start,
                    std::vector<L2Transfer>& transfers, std::vector<L2Leaving>& leaving) {
  const PacketNumber number = queue_.front().packet;
  queue_.pop();
  Packet& packet = (*packets_)[number];
  const Cycles now = start.cycle(), through = now + latency_;
  const std::uint32_t sectors = packet.request.sectors;
  free_ = start + Ticks(sector_cost_.count() * bits(sectors));
  charge_queue(packet, now);
  packet.charge(MemoryStage::kL2, latency_);
  count(packet.request, missing);

  Way& state = state_[way];
  state.used = ++clock_;
  if (packet.request.kind == RequestKind::kWrite) {
    state.valid |= sectors;
    state.dirty |= sectors;
  }
  if (missing == 0) {
    leave(number, through, leaving);
    return;
  }
  if (const std::uint32_t fetch = missing & ~state.pending; fetch != 0) {
    transfers.push_back({through, packet.channel_line, fetch, way, /*write=*/false});
    state.pending |= fetch;
    ++fetches_;
  }
  if (free_waiter_ == kNobody) {
    free_waiter_ = static_cast<std::int32_t>(waiters_.size());
    waiters_.emplace_back();
  }
  const std::int32_t index = free_waiter_;
  Waiter& waiter = waiters_[static_cast<std::size_t>(index)];
  free_waiter_ = waiter.next;
  waiter = {number, missing, through, kNobody};
  std::int32_t* end = &state.waiter;
  while (*end != kNobody) end = &waiters_[static_cast<std::size_t>(*end)].next;
  *end = index;
}

void L2Slice::fill(Cycles now, std::uint32_t index, std::uint32_t sectors, const FillTimes& times,
                   std::vector<L2Leaving>& leaving) {
  Way& way = state_[index];
  assert((way.pending & sectors) == sectors && fetches_ > 0);
  way.pending &= ~sectors;
  way.valid |= sectors;
  --fetches_;
  std::int32_t* link = &way.waiter;
  while (*link != kNobody) {
    const std::int32_t self = *link;
    Waiter& waiter = waiters_[static_cast<std::size_t>(self)];
    waiter.missing &= ~sectors;
    if (waiter.missing != 0) {
      link = &waiter.next;
      continue;
    }
    Packet& packet = (*packets_)[waiter.packet];
    // Who came later saw only the end of the fetch. Its parts are consecutive: queue, row,
    // transfer.
    Cycles left = now > waiter.since ? now - waiter.since : Cycles(0);
    for (const auto& [stage, part] : {std::pair{MemoryStage::kDramTransfer, times.transfer},
                                      std::pair{MemoryStage::kDramRow, times.row}}) {
      const Cycles own = std::min(left, part);
      packet.charge(stage, own);
      left -= own;
    }
    packet.charge(MemoryStage::kDramQueue, left);
    leave(waiter.packet, std::max(now, waiter.since), leaving);
    *link = waiter.next;
    waiter.next = free_waiter_;
    free_waiter_ = self;
  }
  if (!keeps_ && way.pending == 0) {
    way.valid = 0;
    lines_[index] = kNoLine;
  }
  if (waits_ && wait_.reason == MemoryStage::kL2Mshr) wake(now);
}

/// All its sectors are here at `ready`.
void L2Slice::leave(PacketNumber number, Cycles ready, std::vector<L2Leaving>& leaving) {
  Packet& packet = (*packets_)[number];
  Cycles time = ready;
  if (packet.request.kind == RequestKind::kAtomic) {
    const Ticks cost(operation_cost_.count() * packet.request.operations);
    time = (atomics_.pass(Ticks(ready), cost) + cost).cycle_up();
    packet.charge(MemoryStage::kL2, time - ready);
  }
  leaving.push_back({time, number});
}

void L2Slice::count(const MemoryRequest& request, std::uint32_t missing) {
  const std::uint64_t sectors = bits(request.sectors);
  switch (request.kind) {
    case RequestKind::kRead:
      events_.reads += sectors;
      break;
    case RequestKind::kWrite:
      events_.writes += sectors;
      break;
    case RequestKind::kAtomic:
      events_.atomics += sectors;
      break;
  }
  events_.misses += bits(missing);
  events_.hits += sectors - bits(missing);
}

// ---- Work that is not timed
// -------------------------------------------------------------------------

L2Touched L2Slice::touch(const MemoryRequest& request, std::uint64_t channel_line,
                         std::uint64_t slice_line) {
  const bool write = request.kind == RequestKind::kWrite;
  const std::uint32_t sectors = request.sectors;
  if (!keeps_) return write ? L2Touched{0, sectors, channel_line} : L2Touched{sectors, 0, 0};
  L2Touched touched;
  const std::uint32_t first = first_way(slice_line);
  std::uint32_t way = find(channel_line, first);
  if (way == kNoWay) {
    way = victim(first);
    if (way == kNoWay)
      return write ? L2Touched{0, sectors, channel_line} : L2Touched{sectors, 0, 0};
    touched.written = state_[way].dirty;
    touched.written_line = lines_[way];
    lines_[way] = channel_line;
    state_[way] = Way{};
  }
  Way& state = state_[way];
  state.used = ++clock_;
  if (write) {
    state.dirty |= sectors;
  } else {
    touched.fetched = sectors & ~(state.valid | state.pending);
  }
  state.valid |= sectors & ~state.pending;
  return touched;
}

// ---- Waiting at the head
// -------------------------------------------------------------------------

void L2Slice::wait(Cycles now, MemoryStage reason) {
  waits_ = true;
  wait_ = {now, now, reason, waited_};
}

void L2Slice::wake(Cycles now) {
  waits_ = false;
  wait_.end = std::max(now, wait_.begin);
  waited_[wait_.reason == MemoryStage::kL2Mshr ? 0 : 1] += (wait_.end - wait_.begin).count();
  if (wait_.end > wait_.begin) waits_past_.push(wait_);
  free_ = std::max(free_, Ticks(wait_.end));
}

/// Cycles of waiting at the head, for registers and for room, since a request arrived. Requests are
/// asked about in the order of their arrival, so what ended before is never needed again.
std::array<std::uint64_t, 2> L2Slice::waited_since(Cycles arrival) {
  while (!waits_past_.empty() && waits_past_.front().end <= arrival) waits_past_.pop();
  if (waits_past_.empty()) return {0, 0};
  const Wait& first = waits_past_.front();
  std::array<std::uint64_t, 2> waited{waited_[0] - first.before[0], waited_[1] - first.before[1]};
  if (arrival > first.begin)
    waited[first.reason == MemoryStage::kL2Mshr ? 0 : 1] -= (arrival - first.begin).count();
  return waited;
}

/// Charges the time from a request's arrival to its lookup.
void L2Slice::charge_queue(Packet& packet, Cycles now) {
  const auto [registers, room] = waited_since(packet.arrival);
  packet.charge(MemoryStage::kL2Mshr, Cycles(registers));
  packet.charge(MemoryStage::kDramQueue, Cycles(room));
  packet.charge(MemoryStage::kL2, now - packet.arrival - Cycles(registers + room));
}

void L2Slice::invalidate() {
  assert(fetches_ == 0);
  std::ranges::fill(lines_, kNoLine);
  std::ranges::fill(state_, Way{});
}

}  // namespace isobar::timing
