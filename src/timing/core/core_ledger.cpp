// The ledger of a core: every cycle of every scheduler to one cause, every instruction its share.
#include <algorithm>
#include <numeric>

#include "timing/core/core.h"

namespace isobar::timing {
namespace {

constexpr std::array<Cause, kPipes> kPipeCauses{
    Cause::kPipeInteger, Cause::kPipeFp16,   Cause::kPipeFp32,     Cause::kPipeFp64,
    Cause::kPipeSpecial, Cause::kPipeBranch, Cause::kPipeLoadStore};

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

void Core::charge_gap(Scheduler& s, const TimedWarp& warp, std::uint32_t slot, Cycles now) {
  const Cycles ready = std::clamp(warp.ready_at, s.accounted, now);
  if (ready > s.accounted) charge_wait(warp, slot, s.accounted, ready);
  if (now > ready) {
    times_[warp.at].wait(kPipeCauses[operations_[warp.at].pipe], ((now - ready) * lanes_).count());
  }
}

void Core::charge_wait(const TimedWarp& warp, std::uint32_t slot, Cycles begin, Cycles end) {
  OperationTimes& times = times_[warp.wait_on];
  if (is_memory(warp.wait_cause)) {
    timelines_[slot][warp.wait_register].charge(begin, end, lanes_, times.waits);
  } else if (warp.wait_cause == Cause::kLaunch || warp.wait_cause == Cause::kOccupancy) {
    charges_[static_cast<std::size_t>(warp.wait_cause)] += ((end - begin) * lanes_).count();
  } else {
    times.wait(warp.wait_cause, ((end - begin) * lanes_).count());
  }
}

void Core::charge_issue(const TimedWarp& warp) {
  OperationTimes& times = times_[warp.at];
  if (times.issues++ == 0) issued_operations_.push_back(warp.at);
  times.lanes += warp.active;
  issued_ += 1;
}

void Core::finish(Cycles end) {
  for (Scheduler& s : schedulers_) {
    charges_[static_cast<std::size_t>(Cause::kTail)] += ((end - s.accounted) * lanes_).count();
    s.accounted = end;
  }
  // What instructions were charged is summed once, not at every issue.
  for (const std::uint32_t i : issued_operations_) {
    times_[i].issued = operations_[i].issued;
    const CauseCharges all = times_[i].charges(lanes_);
    for (std::size_t c = 0; c < kCauses; ++c) charges_[c] += all[c];
  }
}

}  // namespace isobar::timing
