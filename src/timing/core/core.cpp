#include "timing/core/core.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace isobar::timing {
namespace {

constexpr auto kLoadStorePipe = static_cast<std::size_t>(PipeKind::kLoadStore);
// More than a window has cycles: only a core that does not get on looks whether it has to.
constexpr std::uint32_t kRoundsToLook = 1 << 16;

}  // namespace

// ---- launches and work-groups -----------------------------------------------------------------

Core::Core(const chip::Chip& chip, std::uint32_t number, std::vector<MemoryRequest>& outbox,
           std::vector<MemoryResponse>& inbox)
    : lanes_(chip.core.lanes),
      scheduler_count_(chip.core.schedulers),
      issue_gap_(chip.core.issue_gap),
      branch_latency_(chip.core.branch.latency),
      fetch_interval_(chip.core.fetch_interval),
      buffer_(std::min(chip.core.instruction_buffer, FetchBuffer::kMostPlaces)),
      policy_(policy_of(chip.core.scheduling)),
      private_bytes_(chip.core.private_memory.count() * chip.core.lanes),
      stack_bytes_(chip.core.private_layout == chip::PrivateLayout::kContiguous
                       ? chip.core.private_memory.count()
                       : 0),
      warps_(chip.core.warps),
      timelines_(chip.core.warps),
      schedulers_(chip.core.schedulers),
      next_try_(chip.core.schedulers, kNever),
      residency_({chip.core.work_groups, chip.core.warps, chip.core.local_memory}),
      memory_(chip, number, outbox, *this),
      coalescer_({static_cast<unsigned>(std::countr_zero(chip.l1.line.count())),
                  static_cast<unsigned>(std::countr_zero(chip.l1.sector.count())),
                  chip.core.coalesced_lanes == 0 ? 64 : chip.core.coalesced_lanes}),
      icache_(chip),
      inbox_(inbox),
      local_banks_(chip.core.local_banks),
      local_broadcast_(chip.core.local_broadcast) {
  for (Scheduler& s : schedulers_) {
    s.floats.configure(chip.core.float_in_flight, chip.core.dispatch_queue);
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
  issued_ = 0;
  residency_.begin(launch.begin);
  last_cycle_ = launch.begin;
  for (Scheduler& s : schedulers_) {
    s.accounted = launch.begin;
    s.had_warps = false;
  }
  std::ranges::fill(next_try_, kNever);
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

Cycles Core::next_event() const {
  Cycles next = kNever;
  for (const Cycles each : next_try_) next = std::min(next, each);
  if (read_inbox_ < inbox_.size()) next = std::min(next, inbox_[read_inbox_].ready);
  return next;
}

void Core::run(Cycles until) {
  std::uint32_t rounds = 0;
  for (Cycles now = next_event(); now < until; now = next_event()) {
    if (++rounds % kRoundsToLook == 0 && launch_.cancel != nullptr &&
        launch_.cancel->load(std::memory_order_relaxed))
      return;
    bool responded = false;
    while (read_inbox_ < inbox_.size() && inbox_[read_inbox_].ready <= now) {
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

}  // namespace isobar::timing
