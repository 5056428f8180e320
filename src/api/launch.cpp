// A launch: what was given is held against what the kernel declares and the chip has, then the
// machine runs it and its statistics become the public ones.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "api/chip.h"
#include "api/ledger.h"
#include "base/error.h"
#include "device/views/profile_file.h"
#include "device/work_group.h"

namespace isobar::api {
namespace {

using Sizes = std::array<std::uint64_t, 3>;

constexpr double kPerSecond = 1e12;  // picoseconds

/// "argument 2 (float*, data) of kernel scale": names stand in programs built with them.
std::string called(const elf::KernelInfo& kernel, std::size_t index) {
  const elf::KernelArgument& argument = kernel.arguments[index];
  return fmt::format("argument {} ({}{}{}) of kernel {}", index, argument.type_name,
                     argument.name.empty() ? "" : " ", argument.name, kernel.name);
}

device::ArgumentValue bind(const ProgramState& program, const elf::KernelInfo& kernel,
                           std::size_t index, const ArgumentState& given) {
  const elf::KernelArgument& wanted = kernel.arguments[index];
  device::ArgumentValue bound;
  switch (wanted.kind) {
    case elf::ArgumentKind::kValue:
      if (given.buffer || given.local || given.value.size() != wanted.size)
        fail("{} is a value of {} bytes, but {} given", called(kernel, index), wanted.size,
             given.buffer  ? "a buffer is"
             : given.local ? "local memory is"
                           : fmt::format("{} bytes are", given.value.size()));
      bound.bytes = given.value;
      return bound;
    case elf::ArgumentKind::kPointer:
      if (!given.buffer)
        fail("{} is a pointer to memory: give an isobar::Buffer", called(kernel, index));
      if (given.buffer->chip != program.chip)
        fail("{} is a buffer of another chip (make it with the chip that built the program)",
             called(kernel, index));
      bound.address = given.buffer->address;
      return bound;
    case elf::ArgumentKind::kLocalPointer:
      if (!given.local || given.local->count() == 0)
        fail("{} is a pointer to local memory: give isobar::LocalMemory{{bytes}}",
             called(kernel, index));
      bound.local_size = *given.local;
      return bound;
    case elf::ArgumentKind::kImage:
    case elf::ArgumentKind::kSampler:
      break;
  }
  fail("{}: the simulated chips have no images and samplers", called(kernel, index));
}

void bind_all(const ProgramState& program, const std::vector<Argument>& arguments,
              device::LaunchRequest& request) {
  const elf::KernelInfo& kernel = *request.kernel;
  if (arguments.size() != kernel.arguments.size())
    fail("kernel {} takes {} arguments, but {} are given", kernel.name, kernel.arguments.size(),
         arguments.size());
  std::set<const BufferState*> counted;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const ArgumentState& given = *Access::state(arguments[i]);
    request.arguments.push_back(bind(program, kernel, i, given));
    if (!given.buffer) continue;
    request.buffers.push_back({given.buffer->address, given.buffer->size});
    if (counted.insert(given.buffer.get()).second) request.footprint += given.buffer->size;
  }
}

Sizes padded(const std::vector<std::uint64_t>& sizes, std::uint64_t rest) {
  Sizes out{rest, rest, rest};
  std::ranges::copy(sizes, out.begin());
  return out;
}

/// The range in all three dimensions, with the work-group's size chosen where it was left open.
void set_range(const ProgramState& program, const Range& range, device::LaunchRequest& request) {
  const elf::KernelInfo& kernel = *request.kernel;
  const chip::CoreParameters& core = program.chip->machine.chip().core;
  const std::size_t dimensions = range.global.size();
  if (dimensions < 1 || dimensions > 3)
    fail("kernel {}: a range has 1 to 3 dimensions, but {} are given", kernel.name, dimensions);
  for (const auto& [what, sizes] : {std::pair{"local", &range.local}, {"offset", &range.offset}})
    if (!sizes->empty() && sizes->size() != dimensions)
      fail("kernel {}: `{}` has {} dimensions, but `global` has {}", kernel.name, what,
           sizes->size(), dimensions);
  request.work_dim = static_cast<std::uint32_t>(dimensions);
  request.global_size = padded(range.global, 1);
  request.global_offset = padded(range.offset, 0);
  std::uint64_t items = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    std::uint64_t end = 0;
    if (request.global_size.at(i) == 0)
      fail("kernel {}: the range is empty in dimension {}", kernel.name, i);
    if (__builtin_mul_overflow(items, request.global_size.at(i), &items) ||
        __builtin_add_overflow(request.global_size.at(i), request.global_offset.at(i), &end))
      fail("kernel {}: the range has more than 2^64 work-items", kernel.name);
  }
  const bool required = kernel.required_local_size[0] != 0;
  if (!range.local.empty())
    request.local_size = padded(range.local, 1);
  else if (required)
    request.local_size = kernel.required_local_size;
  else
    request.local_size = device::choose_local_size(
        {request.global_size.data(), dimensions},
        {core.lanes, core.max_work_group, core.count, program.is_uniform});
  if (required && request.local_size != kernel.required_local_size)
    fail("kernel {}: its source requires work-groups of {}, but {} are given", kernel.name,
         fmt::join(kernel.required_local_size, " x "), fmt::join(request.local_size, " x "));
}

void check_groups(const ProgramState& program, const device::LaunchRequest& request) {
  const chip::CoreParameters& core = program.chip->machine.chip().core;
  std::uint64_t items = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::uint64_t size = request.local_size.at(i);
    if (size == 0 || size > core.max_work_group || (items *= size) > core.max_work_group)
      fail("kernel {}: a work-group of {} work-items (1 to {} on {})", request.kernel->name,
           fmt::join(request.local_size, " x "), core.max_work_group,
           program.chip->machine.chip().name);
    if (program.is_uniform && request.global_size.at(i) % size != 0)
      fail(
          "kernel {}: {} work-items are no whole number of work-groups of {} in dimension {} (or "
          "build with -cl-std=CL3.0, which allows smaller ones at the edge)",
          request.kernel->name, request.global_size.at(i), size, i);
  }
  const auto check = [&](const char* which, std::uint64_t needed, Bytes limit, const char* key) {
    if (needed > limit.count())
      fail("kernel {}: needs {} bytes of {} memory, but {} has {} ({} in the chip file)",
           request.kernel->name, needed, which, program.chip->machine.chip().name, limit.count(),
           key);
  };
  check("local", device::local_memory_needed(*request.kernel, request.arguments).count(),
        core.local_memory, "core.local_memory");
  check("private", request.kernel->private_bytes, core.private_memory, "core.private_memory");
}

LaunchCounts counts_of(const device::KernelStats& stats) {
  const simt::Counters& c = stats.counters;
  LaunchCounts out;
  out.work_groups = c.work_groups;
  out.work_items = c.work_items;
  out.warps = c.warps;
  out.warp_instructions = c.total_warp_instructions();
  out.thread_instructions = c.total_thread_instructions();
  out.simd_efficiency = c.simd_efficiency();
  out.flops_fp16 = c.flops_fp16;
  out.flops_fp32 = c.flops_fp32;
  out.flops_fp64 = c.flops_fp64;
  out.global_load_bytes = c.global_load_bytes.count();
  out.global_store_bytes = c.global_store_bytes.count();
  out.local_bytes = c.local_bytes.count();
  out.private_bytes = c.private_bytes.count();
  out.dram_read_bytes = stats.cycles.memory.dram_read_bytes;
  out.dram_write_bytes = stats.cycles.memory.dram_write_bytes;
  out.energy_joules = static_cast<double>(stats.energy.total()) * 1e-12;
  return out;
}

}  // namespace

Launch launch(const ProgramState& program, const std::string& kernel, const Range& range,
              const std::vector<Argument>& arguments) {
  device::Device& machine = program.chip->machine;
  device::LaunchRequest request;
  request.program = program.loaded.get();
  request.kernel = program.loaded->find_kernel(kernel);
  if (request.kernel == nullptr) fail("there is no kernel {} in the program", kernel);
  bind_all(program, arguments, request);
  set_range(program, range, request);
  check_groups(program, request);

  device::LaunchOutcome outcome = machine.launch(request);
  if (!outcome.diagnosis.empty()) throw Error(ErrorKind::kKernel, outcome.diagnosis);

  const device::KernelStats& stats = outcome.stats;
  Launch out;
  out.kernel = kernel;
  out.seconds = static_cast<double>(stats.time.count()) / kPerSecond;
  out.margin_seconds = static_cast<double>(stats.margin.count()) / kPerSecond;
  out.cycles = stats.cycles.cycles.count();
  out.counts = counts_of(stats);
  out.ledger = to_public(device::ledger_of(stats));
  out.printed = std::move(outcome.printf_text);
  return out;
}

}  // namespace isobar::api
