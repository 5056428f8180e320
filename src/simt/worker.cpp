#include "simt/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "isa/guest_abi.h"

namespace isobar::simt {
namespace {

constexpr std::int64_t kQuantum = 1 << 16;        // taken branches before others get a turn
constexpr std::int64_t kTracedQuantum = 1 << 10;  // the same where traces are read in between
constexpr std::uint32_t kNever = ~std::uint32_t{0};
constexpr std::uint64_t kNotReserved = ~std::uint64_t{0};

const Executor& executor_for(const LaunchConfig& config) {
  const unsigned width = config.warp_width > 32 ? 64 : 32;
  switch (config.vector_path.value_or(best_vector_path())) {
    case VectorPath::kAvx512:
      return executor_avx512(width);
    case VectorPath::kAvx2:
      return executor_avx2(width);
    case VectorPath::kPortable:
      break;
  }
  return executor_portable(width);
}

LaneMask first_lanes(std::uint64_t count) {
  return count >= 64 ? ~LaneMask{0} : (LaneMask{1} << count) - 1;
}

std::uint64_t volume(const std::array<std::uint64_t, 3>& size) {
  return size[0] * size[1] * size[2];
}

}  // namespace

Worker::Worker(DecodedProgram& program, GlobalMemory& memory, const LaunchConfig& config,
               bool traced)
    : program_(program),
      memory_(memory),
      config_(config),
      executor_(executor_for(config)),
      width_(config.warp_width > 32 ? 64 : 32),
      code_(program.code(executor_, traced)),
      enter_(traced ? executor_.enter_traced : executor_.enter),
      most_branches_(traced ? kTracedQuantum : kQuantum),
      cached_(code_.full.size()),
      flow_(code_.full.size() + 1) {
  most_warps_ = (volume(config.local_size) + config.warp_width - 1) / config.warp_width;
  private_bytes_ = (config.private_memory.count() + 15) / 16 * 16;
  warps_memory_ = aligned_bytes(most_warps_ * Warp::bytes(width_));
  private_memory_ = aligned_bytes(most_warps_ * private_bytes_ * width_);
  local_memory_ = aligned_bytes(config.local_memory.count());
  warps_.resize(most_warps_);
  entry_ = program.operation_at(config.entry)
               .value_or(static_cast<std::uint32_t>(code_.full.size() - 1));
  shared_.full = code_.full.data();
  shared_.divergent = code_.divergent.data();
  shared_.operations = static_cast<std::uint32_t>(code_.full.size());
  shared_.cached = cached_.data();
  shared_.flow = flow_.data();
  shared_.leads = code_.leads.data();
  shared_.owner = this;
}

void Worker::set_special(std::uint64_t linear_group) {
  std::array<std::uint64_t, 3> groups{};
  for (std::size_t d = 0; d < 3; ++d)
    groups[d] = (config_.global_size[d] + config_.local_size[d] - 1) / config_.local_size[d];
  group_ = {linear_group % groups[0], linear_group / groups[0] % groups[1],
            linear_group / groups[0] / groups[1]};
  for (std::size_t d = 0; d < 3; ++d) {
    const std::uint64_t begin = group_[d] * config_.local_size[d];
    local_size_[d] = std::min(config_.local_size[d], config_.global_size[d] - begin);
    const auto set = [&](isa::SpecialRegister which, std::uint64_t value) {
      shared_.special[static_cast<std::size_t>(which) -
                      static_cast<std::size_t>(isa::SpecialRegister::kGlobalId) + d] = value;
    };
    set(isa::SpecialRegister::kGlobalId, begin + config_.global_offset[d]);  // of local id 0
    set(isa::SpecialRegister::kGroupId, group_[d]);
    set(isa::SpecialRegister::kGlobalSize, config_.global_size[d]);
    set(isa::SpecialRegister::kLocalSize, local_size_[d]);
    set(isa::SpecialRegister::kEnqueuedLocalSize, config_.local_size[d]);
    set(isa::SpecialRegister::kNumGroups, groups[d]);
    set(isa::SpecialRegister::kGlobalOffset, config_.global_offset[d]);
  }
  const std::uint64_t harts = volume(local_size_);
  const auto set = [&](isa::SpecialRegister which, std::uint64_t value) {
    shared_.special[static_cast<std::size_t>(which) -
                    static_cast<std::size_t>(isa::SpecialRegister::kGlobalId)] = value;
  };
  const std::uint64_t warps = (harts + config_.warp_width - 1) / config_.warp_width;
  set(isa::SpecialRegister::kWorkDim, config_.work_dim);
  set(isa::SpecialRegister::kNumWarps, warps);
  set(isa::SpecialRegister::kMaxWarpSize,
      std::min<std::uint64_t>(config_.warp_width, volume(config_.local_size)));
  set(isa::SpecialRegister::kPrintfBuffer, config_.printf_buffer.value());
  set(isa::SpecialRegister::kCore, linear_group % std::max(1U, config_.cores));
}

void Worker::start_group(std::uint64_t linear_group, std::span<WarpTrace> traces) {
  fault_.reset();
  traces_ = traces;
  set_special(linear_group);
  const std::uint64_t harts = volume(local_size_);
  const std::uint64_t warps = (harts + config_.warp_width - 1) / config_.warp_width;
  running_ = warps;
  for (std::uint32_t w = 0; w < warps; ++w) {
    start_warp(
        warps_[w], w,
        std::min<std::uint64_t>(config_.warp_width, harts - std::uint64_t{w} * config_.warp_width));
  }
  totals_.work_groups += 1;
  totals_.work_items += harts;
  totals_.warps += warps;
}

void Worker::start_warp(WarpState& state, std::uint32_t index, std::uint64_t harts) {
  const LaneMask existing = first_lanes(harts);
  const bool is_new = state.warp == nullptr;
  if (is_new) {
    std::byte* place = warps_memory_.get() + index * Warp::bytes(width_);
    state.warp = new (place) Warp{};
    state.warp->worker = &shared_;
    state.warp->width = width_;
    state.warp->index = index;
    state.warp->private_store = private_memory_.get() + index * private_bytes_ * width_;
    state.warp->first_linear_id = std::uint64_t{index} * config_.warp_width;
  }
  Warp& warp = *state.warp;
  warp.trace = traces_.empty() ? nullptr : &traces_[index];
  // The ids depend on the shape of the work-group alone: most often that is the last one's.
  if (is_new || warp.existing != existing || state.ids_for != local_size_) {
    warp.existing = existing;
    set_local_ids(warp);
    state.ids_for = local_size_;
  }
  reset(warp);
  state.at_barrier.clear();
  state.yield = false;
  state.quantum = most_branches_;
  state.fairness = config_.patience;
  state.ready.clear();
  state.ready.push_back({entry_, 0, warp.live, 0});
}

/// Registers as a hart finds them when it starts. A uniform float register is its first 64 bytes.
void Worker::reset(Warp& warp) const {
  warp.live = warp.existing;
  warp.instructions = 0;
  static_assert(static_cast<int>(Shape::kUniform) == 0 &&
                static_cast<int>(FloatShape::kSingle) == 0);
  std::memset(warp.shape, 0, sizeof warp.shape);
  std::memset(warp.float_shape, 0, sizeof warp.float_shape);
  std::memset(warp.base, 0, sizeof warp.base);
  std::memset(warp.stride, 0, sizeof warp.stride);
  for (std::uint32_t left = program_.float_registers(); left != 0; left &= left - 1)
    std::memset(warp.f(static_cast<unsigned>(std::countr_zero(left))), 0, 64);
  if (program_.reserves())
    std::fill(std::begin(warp.reservation), std::end(warp.reservation), kNotReserved);
  if (program_.is_exact()) {
    std::memset(warp.flags, 0, sizeof warp.flags);
    std::memset(warp.rounding, 0, sizeof warp.rounding);
  }
  warp.base[2] = isa::kPrivateTop;
  warp.base[10] = isa::kArgumentBase;
}

void Worker::set_local_ids(Warp& warp) const {
  std::array<std::uint64_t, 3> id{warp.first_linear_id % local_size_[0],
                                  warp.first_linear_id / local_size_[0] % local_size_[1],
                                  warp.first_linear_id / local_size_[0] / local_size_[1]};
  for (std::size_t l = 0; l < kMostLanes; ++l) {
    for (std::size_t d = 0; d < 3; ++d) warp.id_vector[d][l] = id[d];
    for (std::size_t d = 0; d < 3; ++d) {
      if (++id[d] < local_size_[d]) break;
      if (d < 2) id[d] = 0;
    }
  }
  const auto harts = static_cast<std::uint64_t>(std::popcount(warp.existing));
  for (std::size_t d = 0; d < 3; ++d) {
    const std::uint64_t* ids = warp.id_vector[d];
    const std::uint64_t stride = harts > 1 ? ids[1] - ids[0] : 0;
    bool affine = true;
    for (std::uint64_t l = 0; l < harts; ++l) affine &= ids[l] == ids[0] + l * stride;
    warp.id_base[d] = ids[0];
    warp.id_stride[d] = static_cast<std::int64_t>(stride);
    warp.id_shape[d] = !affine ? Shape::kVector : stride == 0 ? Shape::kUniform : Shape::kAffine;
  }
}

std::optional<Fault> Worker::run_group(std::uint64_t linear_group) {
  start_group(linear_group);
  while (run_round()) {}
  end_group();
  return fault_;
}

bool Worker::run_round() {
  if (config_.cancel != nullptr && config_.cancel->load(std::memory_order_relaxed)) {
    record_cancelled();
    return false;
  }
  bool unfinished = false;
  for (WarpState& state : std::span(warps_).first(running_)) {
    if (run_warp(state)) unfinished = true;
    if (fault_) return false;
  }
  return unfinished || release_barrier();
}

/// Tells where the first warp that can go on would have gone on; between rounds there is one.
void Worker::record_cancelled() {
  const auto states = std::span(warps_).first(running_);
  const auto goes_on =
      std::ranges::find_if(states, [](const WarpState& state) { return !state.ready.empty(); });
  const Path& path = goes_on->ready.front();
  record(*goes_on->warp, path.at, static_cast<unsigned>(std::countr_zero(path.mask)),
         FaultKind::kTimeLimit, 0);
}

void Worker::end_group() {
  for (const WarpState& state : std::span(warps_).first(running_)) {
    totals_.lane_slots +=
        state.warp->instructions * static_cast<std::uint64_t>(std::popcount(state.warp->existing));
  }
}

/// All live harts of the work-group have arrived, wherever: they go on. False: nobody was waiting,
/// or they wait for harts that have ended.
bool Worker::release_barrier() {
  if (left_barrier_waiting()) return false;
  bool any = false;
  for (WarpState& state : std::span(warps_).first(running_)) {
    if (!state.at_barrier.empty() && !traces_.empty()) state.warp->trace->release();
    any |= !state.at_barrier.empty();
    state.ready.swap(state.at_barrier);
    align_depths(*state.warp, state.ready);
    state.at_barrier.clear();
  }
  return any;
}

/// A barrier is for all harts of the work-group: records a fault if some ended before it.
bool Worker::left_barrier_waiting() {
  const auto states = std::span(warps_).first(running_);
  const auto waits = std::ranges::find_if(
      states, [](const WarpState& state) { return !state.at_barrier.empty(); });
  if (waits == states.end()) return false;
  int ended = 0;
  for (const WarpState& state : states)
    ended += std::popcount(state.warp->existing & ~state.warp->live);
  if (ended == 0) return false;
  const Path& path = waits->at_barrier.front();
  record(*waits->warp, path.at - 1, static_cast<unsigned>(std::countr_zero(path.mask)),
         FaultKind::kDivergentBarrier, 0);
  fault_->detail = fmt::format("{} of the work-group's {} work-items ended without reaching it",
                               ended, volume(local_size_));
  return true;
}

void Worker::merge(std::vector<Path>& paths) const {
  std::ranges::sort(paths, [](const Path& a, const Path& b) {
    return std::tie(b.depth, a.at) < std::tie(a.depth, b.at);
  });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < paths.size(); ++i) {
    if (paths[kept].depth == paths[i].depth && paths[kept].at == paths[i].at) {
      paths[kept].mask |= paths[i].mask;
      paths[kept].last_run = std::min(paths[kept].last_run, paths[i].last_run);
    } else {
      paths[++kept] = paths[i];
    }
  }
  if (!paths.empty()) paths.resize(kept + 1);
}

/// Harts at one pc whose stacks stand at one height are equally deep in calls, whatever their
/// counts say: so counts that went wrong are put right where paths have long been apart or all have
/// come.
void Worker::align_depths(const Warp& warp, std::vector<Path>& paths) const {
  const auto [least, most] = std::ranges::minmax_element(paths, {}, &Path::depth);
  if (paths.empty() || least->depth == most->depth) return;
  for (Path& a : paths) {
    for (Path& b : paths) {
      if (a.at == b.at && a.depth > b.depth &&
          stack_pointer(warp, a.mask) == stack_pointer(warp, b.mask))
        a.depth = b.depth;
    }
  }
}

std::pair<std::size_t, bool> Worker::choose(WarpState& state) const {
  if (!state.yield) return {0, false};
  state.yield = false;
  std::size_t longest = 0;
  for (std::size_t i = 1; i < state.ready.size(); ++i) {
    const Path& path = state.ready[i];
    const bool waits = looks_across_lanes(code_.full[path.at].opcode);
    if (!waits && path.last_run < state.ready[longest].last_run) longest = i;
  }
  return {longest, longest != 0};
}

bool Worker::run_warp(WarpState& state) {
  Warp& warp = *state.warp;
  while (!state.ready.empty()) {
    if (state.ready.size() > 1) {
      if (state.yield) align_depths(warp, state.ready);
      merge(state.ready);
    }
    const auto [chosen, ahead] = choose(state);
    Path path = state.ready[chosen];
    state.ready.erase(state.ready.begin() + static_cast<std::ptrdiff_t>(chosen));
    path.last_run = ++state.turns;

    warp.mask = path.mask;
    warp.active = std::popcount(path.mask);
    warp.single = path.mask == warp.live;
    warp.ahead = ahead;
    warp.depth = path.depth;
    warp.next_join = kNever;
    for (const Path& other : state.ready) {
      if (other.depth == path.depth && other.at > path.at)
        warp.next_join = std::min(warp.next_join, other.at);
    }
    // Stops count as branches do, lest a loop that calls, diverges or waits goes on unseen. What a
    // path does while nobody waits is nobody's loss; and one that runs ahead has its turn whole.
    const bool alone = state.ready.empty();
    if (alone || ahead) state.fairness = config_.patience;
    const std::int64_t granted = alone   ? state.quantum
                                 : ahead ? state.fairness
                                         : std::min(state.quantum, state.fairness);
    warp.budget = granted;
    shared_.flow[path.at].executions += 1;
    shared_.flow[path.at].lanes += warp.active;
    warp.entered = path.at;
    enter_((warp.single ? shared_.full : shared_.divergent) + path.at, &warp);
    after_stop(state, path);
    if (fault_) return false;
    // The end of a quantum is no stop, unless the path would have stopped there for another.
    const bool stopped = warp.report.stop != Stop::kQuantum || warp.resume >= warp.next_join;
    const std::int64_t used = granted - warp.budget + (stopped ? 1 : 0);
    state.quantum -= used;
    if (!alone) state.fairness -= used;
    if (state.fairness < 0) {
      state.yield = true;
      state.fairness = config_.patience;
    }
    if (state.quantum < 0) {
      if (reached_limit(state, path.mask)) return false;
      state.quantum = most_branches_;
      return !state.ready.empty();  // other warps get their turn
    }
  }
  // A short kernel ends before its quantum does.
  if (config_.instruction_limit != 0) (void)reached_limit(state, warp.existing);
  return false;
}

/// Records the fault if the launch was cancelled or its work-group has issued too much.
bool Worker::reached_limit(const WarpState& state, LaneMask ran) {
  std::optional<FaultKind> kind;
  if (config_.cancel != nullptr && config_.cancel->load(std::memory_order_relaxed))
    kind = FaultKind::kTimeLimit;
  if (config_.instruction_limit != 0) {
    std::uint64_t issued = 0;
    for (const WarpState& each : std::span(warps_).first(running_))
      issued += each.warp->instructions;
    if (issued > config_.instruction_limit) kind = FaultKind::kInstructionLimit;
  }
  if (!kind) return false;
  record(*state.warp, state.warp->resume, static_cast<unsigned>(std::countr_zero(ran)), *kind, 0);
  return true;
}

std::uint64_t Worker::stack_pointer(const Warp& warp, LaneMask mask) const {
  const auto lane = static_cast<unsigned>(std::countr_zero(mask));
  if (warp.shape[2] == Shape::kVector) return const_cast<Warp&>(warp).x(2)[lane];
  return warp.base[2] + static_cast<std::uint64_t>(warp.stride[2]) * lane;
}

void Worker::after_stop(WarpState& state, const Path& ran) {
  Warp& warp = *state.warp;
  Path next{warp.resume, warp.depth, ran.mask, ran.last_run};
  switch (warp.report.stop) {
    case Stop::kQuantum:
      state.ready.push_back(next);
      return;
    case Stop::kBarrier:
      state.at_barrier.push_back(next);
      return;
    case Stop::kExit:
      warp.live &= ~ran.mask;
      return;
    case Stop::kFault:
      return;
    case Stop::kReschedule:
      break;
  }
  const LaneMask taken = warp.report.taken;
  if (taken == 0) {
    state.ready.push_back(next);
    return;
  }
  const Operation& branch = shared_.full[warp.report.operation];
  if (branch.opcode == isa::Opcode::kJalr) {
    jump(state, next);
    return;
  }
  state.ready.push_back({branch.target, next.depth, taken, ran.last_run});
  if (const LaneMask rest = ran.mask & ~taken; rest != 0) {
    next.mask = rest;
    state.ready.push_back(next);
  }
}

/// jalr: the link register and the targets, which may differ from hart to hart.
void Worker::jump(WarpState& state, const Path& ran) {
  Warp& warp = *state.warp;
  const std::uint32_t at = warp.report.operation;
  const Operation& operation = shared_.full[at];
  const std::uint64_t link = program_.pc_of(at) + program_.instructions()[at].length;
  const CallHint hint = hint_of_jalr(operation.rd, operation.rs1);
  if ((hint == CallHint::kPush || hint == CallHint::kPopPush) && warp.depth >= warp.call_rows)
    grow_calls(warp);
  const bool uniform = warp.shape[operation.rs1] == Shape::kUniform;
  const auto target_of = [&](unsigned lane) {
    const std::uint64_t base =
        warp.shape[operation.rs1] == Shape::kVector
            ? warp.x(operation.rs1)[lane]
            : warp.base[operation.rs1] +
                  static_cast<std::uint64_t>(warp.stride[operation.rs1]) * lane;
    return (base + static_cast<std::uint64_t>(operation.immediate)) & ~std::uint64_t{1};
  };
  for (LaneMask left = ran.mask; left != 0;) {
    const auto lane = static_cast<unsigned>(std::countr_zero(left));
    const std::uint64_t pc = target_of(lane);
    LaneMask together = left;
    if (!uniform) {
      together = 0;
      for (LaneMask rest = left; rest != 0; rest &= rest - 1) {
        const auto other = static_cast<unsigned>(std::countr_zero(rest));
        if (target_of(other) == pc) together |= LaneMask{1} << other;
      }
    }
    const auto target = program_.operation_at(pc);
    if (!target) {
      record(warp, at, lane, FaultKind::kBadFetch, pc);
      return;
    }
    land(state, ran, hint, *target, together);
    left &= ~together;
  }
  // Written last: the link register may be the one the target came from.
  std::uint64_t* lanes = warp.x(operation.rd);
  if (ran.mask == warp.live) {
    warp.shape[operation.rd] = Shape::kUniform;
    warp.base[operation.rd] = link;
    warp.stride[operation.rd] = 0;
    return;
  }
  if (warp.shape[operation.rd] != Shape::kVector) {
    for (unsigned l = 0; l < width_; ++l)
      lanes[l] =
          warp.base[operation.rd] + static_cast<std::uint64_t>(warp.stride[operation.rd]) * l;
    warp.shape[operation.rd] = Shape::kVector;
  }
  for (LaneMask left = ran.mask; left != 0; left &= left - 1) lanes[std::countr_zero(left)] = link;
}

/// Where harts go that jump to one place, by how deep in calls they are behind it.
void Worker::land(WarpState& state, const Path& ran, CallHint hint, std::uint32_t target,
                  LaneMask lanes) {
  Warp& warp = *state.warp;
  const bool calls = hint == CallHint::kPush || hint == CallHint::kPopPush;
  const bool returns = hint == CallHint::kPop || hint == CallHint::kPopPush;
  while (lanes != 0) {
    LaneMask together = lanes;
    std::uint32_t depth = ran.depth;
    if (returns && all_return(warp, depth, target, lanes)) {
      depth -= 1;
    } else if (returns || (hint == CallHint::kNone && may_leave_calls(warp, depth))) {
      const auto depth_of = [&](LaneMask left) {
        return depth_behind(warp, static_cast<unsigned>(std::countr_zero(left)), ran.depth, target,
                            returns);
      };
      depth = depth_of(lanes);
      together = 0;
      for (LaneMask left = lanes; left != 0; left &= left - 1) {
        if (depth_of(left) == depth) together |= left & -left;
      }
    }
    if (calls) remember_call(warp, depth, warp.report.operation + 1, together);
    state.ready.push_back({target, depth + (calls ? 1 : 0), together, ran.last_run});
    lanes &= ~together;
  }
}

void Worker::grow_calls(Warp& warp) { grow_call_rows(warp, warps_[warp.index].calls); }

Counters Worker::counters() const {
  Counters result = totals_;
  std::int64_t executions = 0;
  std::int64_t lanes = 0;
  for (std::size_t i = 0; i < program_.instructions().size(); ++i) {
    executions += flow_[i].executions;
    lanes += flow_[i].lanes;
    const isa::InstructionInfo& row = isa::info(program_.instructions()[i].opcode);
    const auto active = static_cast<std::uint64_t>(lanes);
    result.warp_instructions[static_cast<std::size_t>(row.cost)] +=
        static_cast<std::uint64_t>(executions);
    result.thread_instructions[static_cast<std::size_t>(row.cost)] += active;
    if (row.extension == "F") result.flops_fp32 += row.flops * active;
    if (row.extension == "D") result.flops_fp64 += row.flops * active;
    if (row.extension == "Zfh") result.flops_fp16 += row.flops * active;
  }
  const MemoryCounts& counts = shared_.counts;
  const auto both = [&](Memory memory) {
    const auto m = static_cast<std::size_t>(memory);
    return Bytes(counts.load_bytes[m] + counts.store_bytes[m]);
  };
  result.global_load_bytes = Bytes(counts.load_bytes[static_cast<std::size_t>(Memory::kGlobal)]);
  result.global_store_bytes = Bytes(counts.store_bytes[static_cast<std::size_t>(Memory::kGlobal)]);
  result.local_bytes = both(Memory::kLocal);
  result.private_bytes = both(Memory::kPrivate);
  result.constant_bytes = both(Memory::kConstant);
  result.global_sectors = counts.global_sectors;
  result.local_accesses = counts.local_accesses;
  result.divergent_branches = counts.divergent_branches;
  return result;
}

}  // namespace isobar::simt
