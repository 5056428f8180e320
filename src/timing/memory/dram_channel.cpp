#include "timing/memory/dram_channel.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace isobar::timing {
namespace {

constexpr std::uint64_t bit(std::uint32_t bank) { return std::uint64_t{1} << bank; }
/// Takes the lowest set bit's number off a mask.
std::uint32_t take_lowest(std::uint64_t& mask) {
  const auto lowest = static_cast<std::uint32_t>(std::countr_zero(mask));
  mask &= mask - 1;
  return lowest;
}

}  // namespace

DramChannel::DramChannel(const chip::DramTimings& timings, const DramShape& shape)
    : t_(timings),
      shape_(shape),
      group_mask_(shape.bank_groups - 1),
      entries_(std::size_t{2} * kQueue),
      refresh_interval_(std::max<std::uint64_t>(1, timings.refi.count() / shape.banks)),
      refresh_due_(shape.refresh ? refresh_interval_ : kNever) {
  assert(shape.banks <= kMaxBanks && shape.banks % shape.bank_groups == 0);
  assert(std::has_single_bit(shape.bank_groups));
  for (std::size_t i = entries_.size(); i > 0; --i)
    free_.push_back(static_cast<std::int16_t>(i - 1));
}

void DramChannel::push(const DramRequest& request) {
  assert(request.place.bank < shape_.banks && request.bursts > 0);
  backlog_[request.write ? kWrite : kRead].push(request);
  planned_ = false;
}

// ---- Choosing the next command
// -------------------------------------------------------------------

void DramChannel::plan() {
  planned_ = true;
  plan_ = Plan{};
  choose_direction();
  for (const unsigned direction : {kRead, kWrite}) {
    if (backlog_[direction].empty() || count_[direction] == kQueue) continue;
    const std::uint64_t time = std::max(now_, backlog_[direction].front().arrival.count());
    if (time < plan_.time.count()) plan_ = {Kind::kEnter, Picoseconds(time), 0, direction};
  }
  if (count_[kRead] + count_[kWrite] == 0) return;
  if (const std::uint64_t time = std::max(now_, refresh_due_); time < plan_.time.count())
    plan_ = {Kind::kRefresh, Picoseconds(time), 0, 0};
  plan_column(plan_);
  const unsigned other = 1 - direction_;
  plan_row(direction_, waiting_[direction_] & ~hits_[direction_], plan_);
  // Banks that only the other direction waits for are made ready meanwhile.
  plan_row(other, waiting_[other] & ~hits_[other] & ~waiting_[direction_], plan_);
}

void DramChannel::choose_direction() {
  const std::uint32_t reads = count_[kRead], writes = count_[kWrite];
  if (direction_ == kRead) {
    if (writes < kHighWatermark && (reads > 0 || writes == 0)) return;
    direction_ = kWrite;
    drained_ = 0;
  } else if (writes == 0 || (reads > 0 && writes <= kLowWatermark && drained_ >= kLeastDrain)) {
    direction_ = kRead;
  }
}

/// The earliest column command of the present direction; of several, that of the oldest request.
void DramChannel::plan_column(Plan& best) const {
  const std::uint64_t bus = std::max(now_, next_column_[direction_]);
  std::uint64_t order = kNever;
  std::uint64_t earliest = best.time.count();
  for (std::uint64_t banks = hits_[direction_]; banks != 0;) {
    const std::uint32_t index = take_lowest(banks);
    const Bank& bank = banks_[index];
    const std::uint64_t time = std::max(
        {bus, bank.next_column[direction_], next_group_column_[direction_][group_of(index)]});
    if (time > earliest) continue;
    const std::uint64_t age = bank.hit_order[direction_];
    // A command of another kind that is already planned for this instant comes first.
    if (time == earliest && (order == kNever || age > order)) continue;
    earliest = time;
    order = age;
    best = {Kind::kColumn, Picoseconds(time), index, direction_};
  }
}

std::uint64_t DramChannel::earliest_activate(std::uint32_t bank) const {
  const std::uint64_t time =
      std::max({now_, banks_[bank].next_activate, next_activate_, activates_[oldest_activate_],
                next_group_activate_[group_of(bank)]});
  return time >= quiet_from_ && time < quiet_until_ ? quiet_until_ : time;
}

/// The earliest precharge or activate among banks that wait for another row.
void DramChannel::plan_row(unsigned direction, std::uint64_t banks, Plan& best) const {
  std::uint64_t order = kNever;
  while (banks != 0) {
    const std::uint32_t index = take_lowest(banks);
    const Bank& bank = banks_[index];
    const bool open = is_open(index);
    const std::uint64_t time =
        open ? std::max(now_, bank.next_precharge) : earliest_activate(index);
    if (time > best.time.count()) continue;
    const std::uint64_t age = bank.head_order[direction];
    if (time == best.time.count() && (order == kNever || age > order)) continue;
    order = age;
    best = {open ? Kind::kPrecharge : Kind::kActivate, Picoseconds(time), index, direction};
  }
}

// ---- Carrying it out
// -----------------------------------------------------------------------------

std::optional<DramData> DramChannel::step() {
  if (!planned_) plan();
  const Plan plan = plan_;
  if (plan.kind == Kind::kNothing) return std::nullopt;
  planned_ = false;
  now_ = plan.time.count();
  switch (plan.kind) {
    case Kind::kEnter:
      return enter(plan.direction, now_);
    case Kind::kColumn:
      return column(plan.bank, plan.direction, now_);
    case Kind::kPrecharge:
      precharge(plan.bank, plan.direction, now_);
      break;
    case Kind::kActivate:
      activate(plan.bank, plan.direction, now_);
      break;
    case Kind::kRefresh:
      refresh_tick(now_);
      break;
    case Kind::kNothing:
      break;
  }
  return std::nullopt;
}

DramCommand DramChannel::sent() const {
  using Sent = DramCommand::Kind;
  switch (plan_.kind) {
    case Kind::kColumn:
      return {plan_.direction == kRead ? Sent::kRead : Sent::kWrite, plan_.bank, plan_.time};
    case Kind::kPrecharge:
      return {Sent::kPrecharge, plan_.bank, plan_.time};
    case Kind::kActivate:
      return {Sent::kActivate, plan_.bank, plan_.time};
    case Kind::kRefresh:
      return {Sent::kRefresh, 0, plan_.time};
    case Kind::kEnter:
    case Kind::kNothing:
      break;
  }
  return {};
}

std::optional<DramData> DramChannel::enter(unsigned direction, std::uint64_t now) {
  if (count_[kRead] + count_[kWrite] == 0) catch_up_refresh(now);
  const DramRequest request = backlog_[direction].front();
  backlog_[direction].pop();
  if (direction == kRead)
    if (const auto data = forward(request, now)) return data;
  const std::int16_t index = free_.back();
  free_.pop_back();
  Entry& entry = entries_[static_cast<std::size_t>(index)];
  entry = {.request = request,
           .order = next_order_++,
           .entered = now,
           .busy_before = busy_,
           .left = request.bursts};
  Bank& bank = banks_[request.place.bank];
  if (bank.head[direction] == kNone) {
    bank.head[direction] = index;
    bank.head_order[direction] = entry.order;
  } else {
    entries_[static_cast<std::size_t>(bank.tail[direction])].next = index;
  }
  bank.tail[direction] = index;
  ++count_[direction];
  waiting_[direction] |= bit(request.place.bank);
  if (bank.hit[direction] == kNone) find_hit(request.place.bank, direction);
  return std::nullopt;
}

/// Data that wait to be written are in the controller: a read of them needs no DRAM.
std::optional<DramData> DramChannel::forward(const DramRequest& read, std::uint64_t now) const {
  const Bank& bank = banks_[read.place.bank];
  for (std::int16_t i = bank.head[kWrite]; i != kNone;
       i = entries_[static_cast<std::size_t>(i)].next) {
    const DramRequest& write = entries_[static_cast<std::size_t>(i)].request;
    if (!(write.place == read.place) || (read.sectors & ~write.sectors) != 0) continue;
    // As late as from an open row, so that data leave in the order of their last commands.
    const Picoseconds transfer = t_.cl + t_.burst + shape_.controller_latency;
    const Picoseconds queue = Picoseconds(now) - read.arrival;
    return DramData{.arrival = read.arrival,
                    .ready = Picoseconds(now) + transfer,
                    .queue = queue,
                    .transfer = transfer,
                    .slice = read.slice,
                    .way = read.way,
                    .sectors = read.sectors};
  }
  return std::nullopt;
}

std::optional<DramData> DramChannel::column(std::uint32_t index, unsigned direction,
                                            std::uint64_t now) {
  Bank& bank = banks_[index];
  const std::int16_t chosen = bank.hit[direction];
  Entry& entry = entries_[static_cast<std::size_t>(chosen)];
  if (entry.left == entry.request.bursts) {
    entry.first = now;
    // What the bus carried while this request waited is what it queued behind.
    entry.busy_before = std::min(busy_ - entry.busy_before, now - entry.entered);
    events_.row_hits += entry.row == RowState::kHit ? 1 : 0;
    events_.row_misses += entry.row == RowState::kMiss ? 1 : 0;
    events_.row_conflicts += entry.row == RowState::kConflict ? 1 : 0;
  }
  ++(direction == kRead ? events_.read_bursts : events_.write_bursts);
  busy_ += t_.burst.count();
  bank.last_use = now;
  constrain_after_column(index, direction, now);
  if (--entry.left > 0) return std::nullopt;

  std::optional<DramData> data;
  if (direction == kRead)
    data = finished(entry, now);
  else
    ++drained_;
  remove(index, direction, chosen);
  return data;
}

void DramChannel::constrain_after_column(std::uint32_t index, unsigned direction,
                                         std::uint64_t now) {
  const std::uint32_t group = group_of(index);
  const auto raise = [](std::uint64_t& earliest, std::uint64_t to) {
    earliest = std::max(earliest, to);
  };
  raise(next_column_[direction], now + t_.burst.count());
  raise(next_group_column_[direction][group], now + t_.ccd_l.count());
  if (direction == kRead) {
    const Picoseconds end = t_.cl + t_.burst + t_.read_to_write;
    raise(next_column_[kWrite], now + (end > t_.cwl ? end - t_.cwl : t_.burst).count());
    raise(banks_[index].next_precharge, now + t_.rtp.count());
  } else {
    const std::uint64_t end = now + (t_.cwl + t_.burst).count();
    raise(next_column_[kRead], end + t_.wtr_s.count());
    raise(next_group_column_[kRead][group], end + t_.wtr_l.count());
    raise(banks_[index].next_precharge, end + t_.wr.count());
  }
}

DramData DramChannel::finished(const Entry& entry, std::uint64_t last) const {
  const Picoseconds own = t_.ccd_l * (entry.request.bursts - 1);
  const Picoseconds spread(last - entry.first);
  // Bursts of others between its own, or its own closer together than within one group.
  const Picoseconds between = spread > own ? spread - own : Picoseconds(0);
  const Picoseconds busy(entry.busy_before);
  return {.arrival = entry.request.arrival,
          .ready = Picoseconds(last) + t_.cl + t_.burst + shape_.controller_latency,
          .queue = Picoseconds(entry.entered) - entry.request.arrival + busy + between,
          .row = Picoseconds(entry.first - entry.entered) - busy,
          .transfer = spread - between + t_.cl + t_.burst + shape_.controller_latency,
          .slice = entry.request.slice,
          .way = entry.request.way,
          .sectors = entry.request.sectors};
}

/// Takes a finished request out of its bank's list.
void DramChannel::remove(std::uint32_t index, unsigned direction, std::int16_t gone) {
  Bank& bank = banks_[index];
  const std::int16_t next = entries_[static_cast<std::size_t>(gone)].next;
  if (bank.head[direction] == gone) {
    bank.head[direction] = next;
    if (next == kNone)
      bank.tail[direction] = kNone;
    else
      bank.head_order[direction] = entries_[static_cast<std::size_t>(next)].order;
  } else {
    ++bank.overtakes;
    std::int16_t before = bank.head[direction];
    while (entries_[static_cast<std::size_t>(before)].next != gone)
      before = entries_[static_cast<std::size_t>(before)].next;
    entries_[static_cast<std::size_t>(before)].next = next;
    if (bank.tail[direction] == gone) bank.tail[direction] = before;
  }
  free_.push_back(gone);
  --count_[direction];
  if (bank.head[direction] == kNone) waiting_[direction] &= ~bit(index);
  find_hit(index, direction);
}

void DramChannel::find_hit(std::uint32_t index, unsigned direction) {
  Bank& bank = banks_[index];
  std::int16_t found = kNone;
  if (is_open(index)) {
    found = bank.head[direction];
    while (found != kNone &&
           entries_[static_cast<std::size_t>(found)].request.place.row != bank.row)
      found = entries_[static_cast<std::size_t>(found)].next;
    if (found != bank.head[direction] && bank.overtakes >= kCap) found = kNone;
  }
  bank.hit[direction] = found;
  if (found == kNone) {
    hits_[direction] &= ~bit(index);
  } else {
    hits_[direction] |= bit(index);
    bank.hit_order[direction] = entries_[static_cast<std::size_t>(found)].order;
  }
}

void DramChannel::close(std::uint32_t index) {
  open_ &= ~bit(index);
  find_hit(index, kRead);
  find_hit(index, kWrite);
}

void DramChannel::precharge(std::uint32_t index, unsigned direction, std::uint64_t now) {
  Bank& bank = banks_[index];
  entries_[static_cast<std::size_t>(bank.head[direction])].row = RowState::kConflict;
  bank.next_activate = std::max(bank.next_activate, now + t_.rp.count());
  close(index);
}

void DramChannel::activate(std::uint32_t index, unsigned direction, std::uint64_t now) {
  Bank& bank = banks_[index];
  Entry& entry = entries_[static_cast<std::size_t>(bank.head[direction])];
  if (entry.row == RowState::kHit) entry.row = RowState::kMiss;
  open_ |= bit(index);
  bank.row = entry.request.place.row;
  bank.overtakes = 0;
  bank.next_activate = now + t_.rc.count();
  bank.next_precharge = now + t_.ras.count();
  bank.next_column = {now + t_.rcd_read.count(), now + t_.rcd_write.count()};
  next_activate_ = now + t_.rrd_s.count();
  next_group_activate_[group_of(index)] = now + t_.rrd_l.count();
  activates_[oldest_activate_] = now + t_.faw.count();
  oldest_activate_ = (oldest_activate_ + 1) % activates_.size();
  ++events_.activates;
  find_hit(index, kRead);
  find_hit(index, kWrite);
}

// ---- Refresh
// -------------------------------------------------------------------------------------

/// One bank's refresh falls due. It takes a bank that nobody waits for, if there is one; if not, it
/// is owed, until as many are owed as the standards let a controller postpone.
void DramChannel::refresh_tick(std::uint64_t now) {
  refresh_due_ += refresh_interval_;
  ++refresh_owed_;
  for (int at_once = 0; at_once < 2 && refresh_owed_ > 0; ++at_once) {
    const auto bank = choose_refresh();
    if (!bank) return;
    refresh(*bank, now);
  }
}

std::optional<std::uint32_t> DramChannel::choose_refresh() const {
  const std::uint64_t all = shape_.banks == 64 ? kNever : bit(shape_.banks) - 1;
  const std::uint64_t left = all & ~refreshed_;
  std::optional<std::uint32_t> chosen;
  // The bank that was just left is the one that a stream will need last.
  for (std::uint64_t quiet = left & ~waiting_[kRead] & ~waiting_[kWrite]; quiet != 0;) {
    const std::uint32_t bank = take_lowest(quiet);
    if (!chosen || banks_[bank].last_use > banks_[*chosen].last_use) chosen = bank;
  }
  if (chosen || refresh_owed_ <= kPostponed) return chosen;
  return static_cast<std::uint32_t>(std::countr_zero(left));
}

void DramChannel::refresh(std::uint32_t index, std::uint64_t now) {
  Bank& bank = banks_[index];
  std::uint64_t start = std::max(now, quiet_until_);
  start = is_open(index) ? std::max(start, bank.next_precharge) + t_.rp.count()
                         : std::max(start, bank.next_activate);
  bank.next_activate = start + t_.rfc.count();
  close(index);
  quiet_from_ = start;
  quiet_until_ = start + t_.rrefd.count();
  --refresh_owed_;
  ++events_.refreshes;
  refreshed_ |= bit(index);
  if (std::popcount(refreshed_) == static_cast<int>(shape_.banks)) refreshed_ = 0;
}

/// Refreshes that happened while the channel had nothing to do. Whole rounds leave no trace but
/// closed rows, which the rounds gone through one by one leave too.
void DramChannel::catch_up_refresh(std::uint64_t now) {
  if (now < refresh_due_) return;
  const std::uint64_t missed = (now - refresh_due_) / refresh_interval_;
  const std::uint64_t rounds = missed / shape_.banks;
  if (rounds > 2) {
    const std::uint64_t skipped = (rounds - 2) * shape_.banks;
    refresh_due_ += skipped * refresh_interval_;
    events_.refreshes += skipped;
  }
  while (refresh_due_ <= now) refresh_tick(refresh_due_);
}

}  // namespace isobar::timing
