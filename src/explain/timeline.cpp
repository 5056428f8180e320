#include "explain/timeline.h"

#include <algorithm>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "ledger/apportion.h"

namespace isobar::explain {
namespace {

enum class Role : std::uint8_t { kCompute, kCommunication, kPacking, kCopy };

/// An event cut to the window and to what its stream's earlier ones left.
struct Piece {
  Nanoseconds begin, end, launched;
  std::uint32_t name, blocks;
  Role role;
  bool product;
};

std::uint64_t length(Nanoseconds begin, Nanoseconds end) {
  return static_cast<std::uint64_t>(end - begin);
}

/// Which streams serve communication.
std::vector<bool> communication_streams(const Trace& trace, const KernelTable& table,
                                        const std::vector<std::uint32_t>& classes) {
  std::vector<std::uint64_t> all(trace.streams.size(), 0), communication(trace.streams.size(), 0);
  for (const DeviceEvent& event : trace.device) {
    const std::uint64_t took = length(event.begin, event.end);
    all[event.stream] += took;
    if (table.classes()[classes[event.name]].group == KernelGroup::kCommunication)
      communication[event.stream] += took;
  }
  std::vector<bool> serves(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    serves[i] = communication[i] > 0 && communication[i] / 9 >= (all[i] - communication[i]);
  return serves;
}

Role role_of(KernelGroup group, bool on_communication_stream) {
  if (group == KernelGroup::kCommunication) return Role::kCommunication;
  if (group == KernelGroup::kCopy) return Role::kCopy;
  return on_communication_stream ? Role::kPacking : Role::kCompute;
}

/// What runs between two points of time, and who pays for it.
class Sweep {
 public:
  Sweep(Timeline& timeline, std::uint32_t sms) : timeline_(timeline), sms_(sms) {}

  /// Takes the pieces in the order of their begin.
  void run(std::span<const Piece> pieces, const Window& window);

 private:
  using Active = std::vector<const Piece*>;
  [[nodiscard]] Active& active(Role role) { return active_[static_cast<std::size_t>(role)]; }
  [[nodiscard]] bool nothing_runs() const {
    return std::ranges::all_of(active_, [](const Active& list) { return list.empty(); });
  }
  void add(std::uint32_t name, Charge charge, std::uint64_t amount) {
    timeline_.names[name].charge[static_cast<std::size_t>(charge)] += amount;
  }
  void gap(Nanoseconds from, Nanoseconds to, const Piece& next);
  void stretch(std::uint64_t took);
  void share(const Active& first, const Active& second, Charge charge, Charge second_charge,
             std::uint64_t amount);
  void beside(const Active& compute, const Active& communication, std::uint64_t took);
  [[nodiscard]] std::uint64_t weight(const Piece& piece) const {
    return piece.blocks == 0 ? sms_ : std::min(piece.blocks, sms_);
  }
  [[nodiscard]] std::uint64_t lent(const Active& communication) const;

  Timeline& timeline_;
  std::uint32_t sms_;
  std::array<Active, 4> active_;
  std::map<std::uint32_t, std::uint64_t> lent_time_, product_blocks_time_;

  friend void finish_figures(const Sweep& sweep, TimelineFigures& figures);
};

std::uint64_t Sweep::lent(const Active& communication) const {
  std::uint64_t held = 0;
  for (const Piece* piece : communication) held += std::min(piece->blocks, sms_);
  return std::min<std::uint64_t>(held, sms_ / 2);
}

/// Splits `amount` among the pieces by the SMs they can fill.
void Sweep::share(const Active& first, const Active& second, Charge charge, Charge second_charge,
                  std::uint64_t amount) {
  if (first.size() + second.size() == 1) {  // the usual case, without the arithmetic
    first.empty() ? add(second.front()->name, second_charge, amount)
                  : add(first.front()->name, charge, amount);
    return;
  }
  std::vector<std::uint64_t> weights;
  for (const Piece* piece : first) weights.push_back(weight(*piece));
  for (const Piece* piece : second) weights.push_back(weight(*piece));
  const std::vector<std::uint64_t> parts = ledger::apportion(amount, weights);
  std::size_t part = 0;
  for (const Piece* piece : first) add(piece->name, charge, parts[part++]);
  for (const Piece* piece : second) add(piece->name, second_charge, parts[part++]);
}

/// Communication beside compute: who holds which SMs.
void Sweep::beside(const Active& compute, const Active& communication, std::uint64_t took) {
  timeline_.figures.overlapped += took;
  const std::uint64_t held = lent(communication);
  lent_time_[static_cast<std::uint32_t>(held)] += took;
  for (const Piece* piece : compute)
    if (piece->product) product_blocks_time_[piece->blocks] += took;
  if (held == 0) return;
  std::vector<std::uint64_t> weights;
  for (const Piece* piece : communication) weights.push_back(piece->blocks);
  const std::vector<std::uint64_t> parts = ledger::apportion(held * took, weights);
  for (std::size_t i = 0; i < parts.size(); ++i)
    add(communication[i]->name, Charge::kLentSms, parts[i]);
}

void Sweep::stretch(std::uint64_t took) {
  TimelineFigures& figures = timeline_.figures;
  const Active& compute = active(Role::kCompute);
  const Active& communication = active(Role::kCommunication);
  const Active& packing = active(Role::kPacking);
  const bool communicates = !communication.empty() || !packing.empty();
  if (communicates) figures.communication += took;
  if (!compute.empty()) {
    figures.compute_busy += took;
    std::uint64_t left = sms_ * took;
    if (!communication.empty()) {
      beside(compute, communication, took);
      left -= lent(communication) * took;
    }
    share(compute, packing, Charge::kCompute, Charge::kCompute, left);
  } else if (communicates) {
    figures.exposed_communication += took;
    share(communication, packing, Charge::kExposedCommunication, Charge::kExposedPacking,
          sms_ * took);
  } else {
    figures.exposed_copy += took;
    share(active(Role::kCopy), {}, Charge::kExposedCopy, Charge::kExposedCopy, sms_ * took);
  }
}

/// Nothing ran until `next` began; the host may have asked for it late.
void Sweep::gap(Nanoseconds from, Nanoseconds to, const Piece& next) {
  TimelineFigures& figures = timeline_.figures;
  const std::uint64_t took = length(from, to);
  const std::uint64_t late = next.launched == kUnknownTime || next.launched <= from
                                 ? 0
                                 : length(from, std::min(next.launched, to));
  figures.idle += took;
  figures.host_bound += late;
  ++figures.gaps;
  add(next.name, Charge::kHostBound, late * sms_);
  add(next.name, Charge::kWaiting, (took - late) * sms_);
}

void Sweep::run(std::span<const Piece> pieces, const Window& window) {
  std::vector<const Piece*> by_end;
  by_end.reserve(pieces.size());
  for (const Piece& piece : pieces) by_end.push_back(&piece);
  std::ranges::sort(by_end, {}, [](const Piece* piece) { return std::pair(piece->end, piece); });

  Nanoseconds now = window.begin;
  std::size_t next = 0, ended = 0;
  while (ended < by_end.size()) {
    const bool begins = next < pieces.size() && pieces[next].begin < by_end[ended]->end;
    const Nanoseconds at = begins ? pieces[next].begin : by_end[ended]->end;
    if (at > now) {
      nothing_runs() ? gap(now, at, pieces[next]) : stretch(length(now, at));
      now = at;
    }
    if (begins) {
      active(pieces[next].role).push_back(&pieces[next]);
      ++next;
    } else {
      std::erase(active(by_end[ended]->role), by_end[ended]);
      ++ended;
    }
  }
  if (now < window.end && !pieces.empty()) {  // the next step had not begun
    Piece last = pieces.back();
    last.launched = kUnknownTime;
    gap(now, window.end, last);
  }
}

std::uint32_t most_of_the_time(const std::map<std::uint32_t, std::uint64_t>& times) {
  const auto most = std::ranges::max_element(
      times, {},
      [](const std::pair<const std::uint32_t, std::uint64_t>& time) { return time.second; });
  return most == times.end() ? 0 : most->first;
}

void finish_figures(const Sweep& sweep, TimelineFigures& figures) {
  figures.lent_sms = most_of_the_time(sweep.lent_time_);
  figures.product_blocks = most_of_the_time(sweep.product_blocks_time_);
}

}  // namespace

Timeline timeline_of(const Trace& trace, std::int64_t device, const Window& window,
                     std::uint32_t sms, const KernelTable& table,
                     const std::vector<std::uint32_t>& classes) {
  if (length(window.begin, window.end) > (std::uint64_t{1} << 62U) / sms)
    fail("{}: the trace spans {} days, which no step does (is a time in it damaged?)", trace.name,
         window.length() / 86'400'000'000'000);
  Timeline timeline;
  timeline.names.resize(trace.names.size());
  timeline.figures.span = length(window.begin, window.end);

  const std::vector<bool> serves = communication_streams(trace, table, classes);
  std::vector<Nanoseconds> stream_end(trace.streams.size(), window.begin);
  std::vector<Piece> pieces;
  for (const DeviceEvent& event : trace.device) {
    if (trace.streams[event.stream].device != device || event.begin >= window.end ||
        event.end < window.begin || (event.end == window.begin && event.begin < event.end))
      continue;
    NameTotals& totals = timeline.names[event.name];
    const Nanoseconds end = std::min(event.end, window.end);
    ++totals.launches;
    totals.busy += length(std::max(event.begin, window.begin), end);
    if (event.work == DeviceWork::kKernel && event.end - event.begin < kSmall) ++totals.small;
    const Nanoseconds begin = std::max(event.begin, stream_end[event.stream]);
    if (begin >= end) continue;
    stream_end[event.stream] = end;
    const KernelGroup group = table.classes()[classes[event.name]].group;
    pieces.push_back({begin, end, event.launched, event.name, blocks(event),
                      role_of(group, serves[event.stream]), is_product(group)});
  }
  std::ranges::sort(pieces, {}, [](const Piece& piece) {
    return std::tuple(piece.begin, piece.end, piece.name, piece.blocks);
  });
  Sweep sweep(timeline, sms);
  sweep.run(pieces, window);
  finish_figures(sweep, timeline.figures);
  if (pieces.empty()) {  // nothing but launches without length
    timeline.figures.idle = timeline.figures.span;
    if (!timeline.names.empty())
      timeline.names.front().charge[static_cast<std::size_t>(Charge::kWaiting)] =
          timeline.figures.span * sms;
  }
  return timeline;
}

}  // namespace isobar::explain
