#include "timing/memory/partition.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace isobar::timing {
namespace {

constexpr unsigned kCoreBits = 12;  // a chip file has 4096 cores at most
constexpr std::uint32_t kLooks = 1 << 12;
constexpr Cycles kNever{std::numeric_limits<std::uint64_t>::max()};

DramShape shape_of(const chip::Chip& chip, const AddressMap& map) {
  return {.bank_groups = map.bank_groups(),
          .banks = map.banks(),
          .controller_latency = Picoseconds(static_cast<std::uint64_t>(
              std::llround(chip.dram.controller_latency.count() * 1e12))),
          .refresh = chip.dram.refresh};
}

}  // namespace

Partition::Partition(const chip::Chip& chip, const AddressMap& map,
                     const Interconnect& interconnect)
    : map_(map),
      interconnect_(interconnect),
      clock_(chip.clock),
      sector_(chip.l2.sector),
      channel_(chip::dram_timings(chip.dram), shape_of(chip, map)),
      slices_(map.slices_per_channel(), L2Slice(chip, packets_)),
      request_ports_(map.slices_per_channel()),
      response_ports_(map.slices_per_channel()) {}

void Partition::deliver(const Packet& packet) {
  const std::uint64_t key = packet.arrival.count() << kCoreBits | packet.request.core;
  if (!arriving_.empty() && key < arriving_.back().key) arriving_sorted_ = false;
  arriving_.push_back({key, deliveries_++, packet.arrival, packets_.put(packet)});
  next_ = std::min(next_.value_or(kNever), packet.arrival);
}

void Partition::run(Cycles until, const std::atomic<bool>* cancel) {
  if (!next_ || *next_ >= until) return;
  cancel_ = cancel;
  admit(until);
  run_events(until);
  depart(until);
  plan_next();
}

/// Lets what arrives before `until` pass the slices' ports, in the order of (arrival, core).
void Partition::admit(Cycles until) {
  if (!arriving_sorted_) {
    const auto begin = arriving_.begin() + static_cast<std::ptrdiff_t>(first_arriving_);
    std::sort(begin, arriving_.end(), [](const Arriving& a, const Arriving& b) {
      return a.key != b.key ? a.key < b.key : a.order < b.order;
    });
    arriving_sorted_ = true;
  }
  for (; first_arriving_ < arriving_.size(); ++first_arriving_) {
    const Arriving& next = arriving_[first_arriving_];
    if (next.arrival >= until) break;
    const Packet& packet = packets_[next.packet];
    const Bytes bytes = request_bytes(packet.request, sector_);
    network_ += bytes;
    slices_[packet.slice].enter(
        next.packet,
        request_ports_[packet.slice].pass(Ticks(packet.arrival), interconnect_.slice_cost(bytes)));
  }
  if (2 * first_arriving_ < arriving_.size()) return;
  arriving_.erase(arriving_.begin(),
                  arriving_.begin() + static_cast<std::ptrdiff_t>(first_arriving_));
  first_arriving_ = 0;
}

void Partition::run_events(Cycles until) {
  while (!cancelled()) {
    Cycles time = until;
    bool filling = false;
    std::uint32_t slice = 0;
    if (!fills_.empty() && fills_.front().time < time) {
      time = fills_.front().time;
      filling = true;
    }
    for (std::uint32_t i = 0; i < slices_.size(); ++i) {
      const std::optional<Cycles> next = slices_[i].next();
      if (!next || *next >= time) continue;
      time = *next;
      slice = i;
      filling = false;
    }
    if (channel_.next() < clock_.begin_of(time)) {
      run_channel(time);
      continue;
    }
    if (time == until) return;
    if (filling)
      fill();
    else
      look_up(slice);
  }
}

bool Partition::cancelled() {
  if (++looks_ % kLooks == 0 && cancel_ != nullptr)
    gives_up_ = cancel_->load(std::memory_order_relaxed);
  return gives_up_;
}

void Partition::run_channel(Cycles until) {
  const Picoseconds limit = clock_.begin_of(until);
  while (channel_.next() < limit && !cancelled()) {
    const Picoseconds now = channel_.next();
    const std::uint32_t writes = channel_.waiting_writes();
    const std::optional<DramData> data = channel_.step();
    if (channel_.waiting_writes() < writes) {
      bool woken = false;
      for (L2Slice& slice : slices_) {
        if (!slice.waits_for_room()) continue;
        slice.room_made(clock_.first_after(now));
        woken = true;
      }
      if (woken) return;
    }
    if (!data) continue;
    // Each part ends with the cycle that its last picosecond belongs to, so the parts sum up.
    const Cycles arrival = clock_.first_after(data->arrival);
    const Cycles queued = clock_.first_after(data->arrival + data->queue);
    const Cycles ready_row = clock_.first_after(data->arrival + data->queue + data->row);
    const Cycles ready = clock_.first_after(data->ready);
    fills_.push({ready,
                 {queued - arrival, ready_row - queued, ready - ready_row},
                 data->slice,
                 data->way,
                 data->sectors});
    if (ready < until) return;
  }
}

void Partition::look_up(std::uint32_t slice) {
  const std::uint32_t writes = channel_.waiting_writes();
  const std::uint32_t room = writes < DramChannel::kQueue ? DramChannel::kQueue - writes : 0;
  slices_[slice].look_up(room, transfers_, leaving_);
  for (const L2Transfer& transfer : transfers_)
    channel_.push({.arrival = clock_.begin_of(transfer.time),
                   .place = map_.place_of(transfer.channel_line),
                   .bursts = bursts_of(transfer.sectors),
                   .write = transfer.write,
                   .slice = slice,
                   .way = transfer.way,
                   .sectors = transfer.sectors});
  transfers_.clear();
  collect();
}

void Partition::fill() {
  const Fill fill = fills_.front();
  fills_.pop();
  slices_[fill.slice].fill(fill.time, fill.way, fill.sectors, fill.times, leaving_);
  collect();
}

void Partition::collect() {
  for (const L2Leaving& one : leaving_) departing_.push_back({one.time, departures_++, one.packet});
  leaving_.clear();
}

/// Bursts that hold the sectors; a sector narrower than a burst takes all of it.
std::uint32_t Partition::bursts_of(std::uint32_t sectors) const {
  const std::uint64_t burst = chip::kDramBurst.count();
  if (sector_ >= chip::kDramBurst)
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(std::popcount(sectors)) *
                                      ((sector_.count() + burst - 1) / burst));
  std::uint32_t bursts = 0;
  const auto per_burst = static_cast<unsigned>(burst / sector_.count());
  for (; sectors != 0; sectors >>= per_burst)
    bursts += (sectors & ((1U << per_burst) - 1)) != 0 ? 1U : 0U;
  return bursts;
}

/// Offers to the slices' ports what left before `until`, in the order of time, and hands out what
/// passed them before `until`: nothing that comes later can overtake it.
void Partition::depart(Cycles until) {
  const auto later = std::partition(departing_.begin(), departing_.end(),
                                    [&](const Departing& d) { return d.time < until; });
  std::sort(departing_.begin(), later, [](const Departing& a, const Departing& b) {
    return a.time != b.time ? a.time < b.time : a.order < b.order;
  });
  for (auto it = departing_.begin(); it != later; ++it) {
    Packet& packet = packets_[it->packet];
    const Bytes bytes = response_bytes(packet.request, sector_);
    network_ += bytes;
    const Cycles begin = response_ports_[packet.slice]
                             .pass(Ticks(it->time), interconnect_.slice_cost(bytes))
                             .cycle();
    packet.charge(MemoryStage::kResponseNetwork, begin - it->time);
    passing_.push_back({begin, it->order, it->packet});
  }
  departing_.erase(departing_.begin(), later);
  std::erase_if(passing_, [&](const Departing& d) {
    if (d.time >= until) return false;
    packets_[d.packet].charge(MemoryStage::kResponseNetwork, interconnect_.latency());
    outbox_.push_back({d.time + interconnect_.latency(), d.order, d.packet});
    return true;
  });
}

void Partition::plan_next() {
  Cycles next = kNever;
  if (first_arriving_ < arriving_.size()) next = arriving_[first_arriving_].arrival;
  for (const L2Slice& slice : slices_) next = std::min(next, slice.next().value_or(kNever));
  if (!fills_.empty()) next = std::min(next, fills_.front().time);
  if (const Picoseconds command = channel_.next();
      command.count() != std::numeric_limits<std::uint64_t>::max())
    next = std::min(next, clock_.first_after(command + Picoseconds(1)) - Cycles(1));
  for (const Departing& d : departing_) next = std::min(next, d.time);
  for (const Departing& d : passing_) next = std::min(next, d.time);
  next_ = next == kNever ? std::nullopt : std::optional(next);
}

MemoryEvents Partition::events() const {
  MemoryEvents sum;
  sum.network_bytes = network_.count();
  for (const L2Slice& slice : slices_) {
    sum.l2_reads += slice.events().reads;
    sum.l2_writes += slice.events().writes;
    sum.l2_atomics += slice.events().atomics;
    sum.l2_hits += slice.events().hits;
    sum.l2_misses += slice.events().misses;
  }
  const DramEvents& dram = channel_.events();
  sum.dram_read_bytes = dram.read_bursts * chip::kDramBurst.count();
  sum.dram_write_bytes = dram.write_bursts * chip::kDramBurst.count();
  sum.dram_activates = dram.activates;
  sum.dram_refreshes = dram.refreshes;
  sum.dram_row_hits = dram.row_hits;
  sum.dram_row_misses = dram.row_misses;
  sum.dram_row_conflicts = dram.row_conflicts;
  return sum;
}

void Partition::touch(const MemoryRequest& request, std::uint64_t channel_line,
                      const SliceLine& place, MemoryEvents& events) {
  const L2Touched touched = slices_[place.slice].touch(request, channel_line, place.line);
  const auto sectors = static_cast<std::uint64_t>(std::popcount(request.sectors));
  const auto missed = static_cast<std::uint64_t>(std::popcount(touched.fetched));
  std::uint64_t& count = request.kind == RequestKind::kRead    ? events.l2_reads
                         : request.kind == RequestKind::kWrite ? events.l2_writes
                                                               : events.l2_atomics;
  count += sectors;
  events.l2_misses += missed;
  events.l2_hits += sectors - missed;
  events.network_bytes +=
      (request_bytes(request, sector_) + response_bytes(request, sector_)).count();
  events.dram_read_bytes += bursts_of(touched.fetched) * chip::kDramBurst.count();
  events.dram_write_bytes += bursts_of(touched.written) * chip::kDramBurst.count();
}

void Partition::invalidate() {
  for (L2Slice& slice : slices_) slice.invalidate();
}

}  // namespace isobar::timing
