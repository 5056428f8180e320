#include "timing/memory/memory_system.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <numeric>

#include "timing/memory/address_map.h"
#include "timing/memory/interconnect.h"
#include "timing/memory/partition.h"

namespace isobar::timing {

std::string_view name(MemoryStage stage) {
  switch (stage) {
    case MemoryStage::kRequestNetwork:
      return "request network";
    case MemoryStage::kL2:
      return "L2";
    case MemoryStage::kL2Mshr:
      return "L2 MSHR";
    case MemoryStage::kDramQueue:
      return "DRAM queue";
    case MemoryStage::kDramRow:
      return "DRAM row";
    case MemoryStage::kDramTransfer:
      return "DRAM transfer";
    case MemoryStage::kResponseNetwork:
      return "response network";
    case MemoryStage::kCount:
      break;
  }
  return "no stage";
}

MemoryEvents& MemoryEvents::operator+=(const MemoryEvents& other) {
  network_bytes += other.network_bytes;
  l2_reads += other.l2_reads;
  l2_writes += other.l2_writes;
  l2_atomics += other.l2_atomics;
  l2_hits += other.l2_hits;
  l2_misses += other.l2_misses;
  dram_read_bytes += other.dram_read_bytes;
  dram_write_bytes += other.dram_write_bytes;
  dram_activates += other.dram_activates;
  dram_refreshes += other.dram_refreshes;
  dram_row_hits += other.dram_row_hits;
  dram_row_misses += other.dram_row_misses;
  dram_row_conflicts += other.dram_row_conflicts;
  return *this;
}

MemoryEvents& MemoryEvents::operator-=(const MemoryEvents& other) {
  network_bytes -= other.network_bytes;
  l2_reads -= other.l2_reads;
  l2_writes -= other.l2_writes;
  l2_atomics -= other.l2_atomics;
  l2_hits -= other.l2_hits;
  l2_misses -= other.l2_misses;
  dram_read_bytes -= other.dram_read_bytes;
  dram_write_bytes -= other.dram_write_bytes;
  dram_activates -= other.dram_activates;
  dram_refreshes -= other.dram_refreshes;
  dram_row_hits -= other.dram_row_hits;
  dram_row_misses -= other.dram_row_misses;
  dram_row_conflicts -= other.dram_row_conflicts;
  return *this;
}

struct MemorySystem::Impl {
  explicit Impl(const chip::Chip& chip)
      : map(chip), interconnect(chip), sector(chip.l2.sector), returning(chip.core.count) {
    for (std::uint32_t i = 0; i < map.channels(); ++i)
      partitions.emplace_back(chip, map, interconnect);
    is_busy.assign(map.channels(), false);
  }

  void send(std::uint32_t core, std::vector<MemoryRequest>& outbox);
  void receive(std::uint32_t core, std::vector<MemoryResponse>& inbox);

  /// A response with the number of its partition, which decides between two that arrive together.
  struct Arriving {
    Returning what;
    std::uint32_t partition = 0;
  };

  AddressMap map;
  Interconnect interconnect;
  Bytes sector;
  std::deque<Partition> partitions;              // they stay where they are
  std::vector<std::uint32_t> busy;               // those with something to do, ascending
  std::vector<bool> is_busy;
  std::vector<std::vector<Arriving>> returning;  // per core; empty between exchanges
  std::vector<std::uint32_t> receivers;          // cores with something in it
};

void MemorySystem::Impl::send(std::uint32_t core, std::vector<MemoryRequest>& outbox) {
  const auto earlier = [](const MemoryRequest& a, const MemoryRequest& b) {
    return a.sent < b.sent;
  };
  // Nearly always sorted already: an insertion sort, which keeps the order of equals.
  for (auto it = outbox.begin(); it != outbox.end(); ++it)
    if (it != outbox.begin() && earlier(*it, *std::prev(it)))
      std::rotate(std::upper_bound(outbox.begin(), it, *it, earlier), it, std::next(it));
  for (const MemoryRequest& request : outbox) {
    assert(request.core == core && request.sectors != 0);
    const auto [channel, line] = map.channel_of(request.line);
    const auto [slice, slice_line] = map.slice_of(line);
    if (!is_busy[channel]) {
      is_busy[channel] = true;
      busy.insert(std::ranges::upper_bound(busy, channel), channel);
    }
    partitions[channel].deliver(
        {.request = request,
         .channel_line = line,
         .slice_line = slice_line,
         .slice = slice,
         .arrival = interconnect.send(core, request.sent, request_bytes(request, sector))});
  }
  outbox.clear();
}

void MemorySystem::Impl::receive(std::uint32_t core, std::vector<MemoryResponse>& inbox) {
  std::vector<Arriving>& all = returning[core];
  std::ranges::sort(all, [](const Arriving& a, const Arriving& b) {
    if (a.what.arrival != b.what.arrival) return a.what.arrival < b.what.arrival;
    return a.partition != b.partition ? a.partition < b.partition : a.what.order < b.what.order;
  });
  for (Arriving& one : all) {
    PacketPool& packets = partitions[one.partition].packets();
    Packet& packet = packets[one.what.packet];
    const MemoryRequest& request = packet.request;
    const Cycles ready =
        interconnect.receive(core, one.what.arrival, response_bytes(request, sector));
    packet.charge(MemoryStage::kResponseNetwork, ready - one.what.arrival);
    assert(std::accumulate(packet.journey.begin(), packet.journey.end(), std::uint64_t{0}) ==
           (ready - request.sent).count());
    inbox.push_back({.ready = ready,
                     .core = core,
                     .tag = request.tag,
                     .kind = request.kind,
                     .journey = packet.journey});
    packets.release(one.what.packet);
  }
  all.clear();
}

MemorySystem::MemorySystem(const chip::Chip& chip) : impl_(std::make_unique<Impl>(chip)) {}
MemorySystem::~MemorySystem() = default;

Cycles MemorySystem::window() const { return impl_->interconnect.latency(); }
std::uint32_t MemorySystem::partitions() const { return impl_->map.channels(); }

void MemorySystem::run(std::uint32_t partition, Cycles until) {
  impl_->partitions[partition].run(until);
}
std::optional<Cycles> MemorySystem::next_event(std::uint32_t partition) const {
  return impl_->partitions[partition].next_event();
}

std::span<const std::uint32_t> MemorySystem::busy() const { return impl_->busy; }

void MemorySystem::exchange(std::span<std::vector<MemoryRequest>> outboxes,
                            std::span<std::vector<MemoryResponse>> inboxes,
                            std::span<const std::uint32_t> senders) {
  assert(outboxes.size() == impl_->returning.size() && inboxes.size() == outboxes.size());
  for (const std::uint32_t core : senders)
    if (!outboxes[core].empty()) impl_->send(core, outboxes[core]);
  for (const std::uint32_t i : impl_->busy) {
    Partition& partition = impl_->partitions[i];
    std::vector<Returning>& outbox = partition.outbox();
    for (const Returning& one : outbox) {
      const std::uint32_t core = partition.packets()[one.packet].request.core;
      std::vector<Impl::Arriving>& to = impl_->returning[core];
      if (to.empty()) impl_->receivers.push_back(core);
      to.push_back({one, i});
    }
    outbox.clear();
  }
  for (const std::uint32_t core : impl_->receivers) impl_->receive(core, inboxes[core]);
  impl_->receivers.clear();
  std::erase_if(impl_->busy, [&](std::uint32_t i) {
    if (impl_->partitions[i].next_event()) return false;
    impl_->is_busy[i] = false;
    return true;
  });
}

MemoryEvents MemorySystem::events() const {
  MemoryEvents sum;
  for (const Partition& partition : impl_->partitions) sum += partition.events();
  return sum;
}

MemoryEvents MemorySystem::events(std::uint32_t partition) const {
  return impl_->partitions[partition].events();
}

void MemorySystem::invalidate() {
  for (Partition& partition : impl_->partitions) partition.invalidate();
}

}  // namespace isobar::timing
