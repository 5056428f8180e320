#include "timing/memory/memory_system.h"

#include <algorithm>
#include <cassert>
#include <deque>

#include "timing/memory/address_map.h"
#include "timing/memory/interconnect.h"
#include "timing/memory/partition.h"
#include "timing/memory/window_mail.h"

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

namespace {

struct RequestMail {
  MemoryRequest request;
  std::uint64_t channel_line = 0;
  Cycles arrival;  // at the slice's port
  std::uint32_t partition = 0;
};
/// `response.ready` is, on the way, when its head reaches the core's port.
struct alignas(64) ResponseMail {
  MemoryResponse response;
  std::uint32_t bytes = 0;
  std::uint32_t partition = 0;  // decides, with the order there, between two that arrive together
  std::uint64_t order = 0;
};

/// A core's responses of this window; only the thread that simulates it touches them.
struct alignas(64) Arriving {
  std::vector<const ResponseMail*> mail;
};
}  // namespace

struct MemorySystem::Impl {
  explicit Impl(const chip::Chip& chip)
      : map(chip),
        interconnect(chip),
        sector(chip.l2.sector),
        arriving(chip.core.count),
        thread_of_core(chip.core.count),
        thread_of_partition(map.channels()) {
    for (std::uint32_t i = 0; i < map.channels(); ++i)
      partitions.emplace_back(chip, map, interconnect);
  }

  [[nodiscard]] Cycles hand_out(std::uint32_t partition, Turn turn);

  AddressMap map;
  Interconnect interconnect;
  Bytes sector;
  std::deque<Partition> partitions;  // they stay where they are
  std::vector<Arriving> arriving;    // by core
  // Changed between windows only.
  std::uint64_t distributed = 0;  // a window whose mail is where it belongs
  const std::atomic<bool>* cancel = nullptr;
  unsigned threads = 1;
  std::vector<unsigned> thread_of_core, thread_of_partition;
  WindowMail<RequestMail> requests{1};
  WindowMail<ResponseMail> responses{1};
};

/// Sends what has left a partition. Gives the earliest cycle in which a core may have some of it.
Cycles MemorySystem::Impl::hand_out(std::uint32_t number, Turn turn) {
  Partition& partition = partitions[number];
  Cycles first = kNever;
  for (const Returning& one : partition.outbox()) {
    const Packet& packet = partition.packets()[one.packet];
    const MemoryRequest& request = packet.request;
    const Bytes bytes = response_bytes(request, sector);
    responses.put(turn.window, turn.thread, thread_of_core[request.core],
                  {.response = {.ready = one.arrival,
                                .core = request.core,
                                .tag = request.tag,
                                .kind = request.kind,
                                .journey = packet.journey},
                   .bytes = static_cast<std::uint32_t>(bytes.count()),
                   .partition = number,
                   .order = one.order});
    first = std::min(first, interconnect.soonest(one.arrival, bytes));
    partition.packets().release(one.packet);
  }
  partition.outbox().clear();
  return first;
}

MemorySystem::MemorySystem(const chip::Chip& chip) : impl_(std::make_unique<Impl>(chip)) {}
MemorySystem::~MemorySystem() = default;

Cycles MemorySystem::window() const { return impl_->interconnect.latency(); }
std::uint32_t MemorySystem::partitions() const { return impl_->map.channels(); }
std::optional<Cycles> MemorySystem::next_event(std::uint32_t partition) const {
  return impl_->partitions[partition].next_event();
}

Cycles MemorySystem::send(std::uint32_t core, std::vector<MemoryRequest>& outbox, Cycles until,
                          Turn turn) {
  Impl& m = *impl_;
  Cycles first = kNever;
  const auto earlier = [](const MemoryRequest& a, const MemoryRequest& b) {
    return a.sent < b.sent;
  };
  // Nearly always sorted already: an insertion sort, which keeps the order of equals.
  for (auto next = outbox.begin(); next != outbox.end(); ++next)
    if (next != outbox.begin() && earlier(*next, *std::prev(next)))
      std::rotate(std::upper_bound(outbox.begin(), next, *next, earlier), next, std::next(next));
  auto it = outbox.begin();
  for (; it != outbox.end() && it->sent < until; ++it) {
    const MemoryRequest& request = *it;
    assert(request.core == core && request.sectors != 0);
    const auto [channel, line] = m.map.channel_of(request.line);
    const Cycles arrival =
        m.interconnect.send(core, request.sent, request_bytes(request, m.sector));
    m.requests.put(turn.window, turn.thread, m.thread_of_partition[channel],
                   {request, line, arrival, channel});
    first = std::min(first, arrival);
  }
  if (it != outbox.end()) first = std::min(first, it->sent);
  outbox.erase(outbox.begin(), it);
  return first;
}

void MemorySystem::receive(std::uint32_t core, std::vector<MemoryResponse>& inbox) {
  Impl& m = *impl_;
  std::vector<const ResponseMail*>& all = m.arriving[core].mail;
  std::ranges::sort(all, [](const ResponseMail* a, const ResponseMail* b) {
    if (a->response.ready != b->response.ready) return a->response.ready < b->response.ready;
    return a->partition != b->partition ? a->partition < b->partition : a->order < b->order;
  });
  for (const ResponseMail* mail : all) {
    MemoryResponse response = mail->response;
    const Cycles arrival = response.ready;
    response.ready = m.interconnect.receive(core, arrival, Bytes(mail->bytes));
    response.journey[static_cast<std::size_t>(MemoryStage::kResponseNetwork)] +=
        static_cast<std::uint32_t>((response.ready - arrival).count());
    inbox.push_back(response);
  }
  all.clear();
}

Cycles MemorySystem::run(std::uint32_t partition, Cycles until, Turn turn) {
  impl_->partitions[partition].run(until, impl_->cancel);
  const Cycles first = impl_->hand_out(partition, turn);
  return std::min(first, next_event(partition).value_or(kNever));
}

void MemorySystem::set_cancel(const std::atomic<bool>* cancel) { impl_->cancel = cancel; }

void MemorySystem::set_threads(unsigned threads, std::span<const unsigned> of_core,
                               std::span<const unsigned> of_partition, std::uint64_t window) {
  Impl& m = *impl_;
  distribute_all(window);  // it is sorted by the threads there were
  if (threads != m.threads) {
    assert(std::ranges::all_of(m.arriving, [](const Arriving& a) { return a.mail.empty(); }));
    m.requests = WindowMail<RequestMail>(threads);
    m.responses = WindowMail<ResponseMail>(threads);
  }
  m.threads = threads;
  m.thread_of_core.assign(of_core.begin(), of_core.end());
  m.thread_of_partition.assign(of_partition.begin(), of_partition.end());
}

void MemorySystem::distribute_all(std::uint64_t window) {
  for (unsigned thread = 0; thread < impl_->threads; ++thread) {
    distribute_requests({thread, window});
    distribute_responses({thread, window});
  }
  impl_->distributed = window;
}

void MemorySystem::distribute_requests(Turn turn) {
  Impl& m = *impl_;
  if (turn.window == m.distributed) return;
  for (unsigned from = 0; from < m.threads; ++from) {
    for (const RequestMail& mail : m.requests.put_in(turn.window - 1, from, turn.thread)) {
      const auto [slice, slice_line] = m.map.slice_of(mail.channel_line);
      m.partitions[mail.partition].deliver({.request = mail.request,
                                            .channel_line = mail.channel_line,
                                            .slice_line = slice_line,
                                            .slice = slice,
                                            .arrival = mail.arrival});
    }
  }
}

void MemorySystem::distribute_responses(Turn turn) {
  Impl& m = *impl_;
  if (turn.window == m.distributed) return;
  for (unsigned from = 0; from < m.threads; ++from)
    for (const ResponseMail& mail : m.responses.put_in(turn.window - 1, from, turn.thread))
      m.arriving[mail.response.core].mail.push_back(&mail);
}

void MemorySystem::touch(const MemoryRequest& request, MemoryEvents& events) {
  const auto [channel, line] = impl_->map.channel_of(request.line);
  impl_->partitions[channel].touch(request, line, impl_->map.slice_of(line), events);
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
