#include "device/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "device/diagnosis.h"
#include "device/printf_buffer.h"
#include "isa/guest_abi.h"

namespace isobar::device {
namespace {

constexpr std::uint64_t kLocalAlignment = 128;  // of the largest type, double16 or long16

std::uint64_t aligned(std::uint64_t size) {
  return (size + kLocalAlignment - 1) / kLocalAlignment * kLocalAlignment;
}

std::vector<std::byte> lay_out(const elf::KernelInfo& kernel,
                               std::span<const ArgumentValue> values) {
  std::vector<std::byte> block(kernel.argument_bytes);
  std::uint64_t local = isa::kLocalBase + aligned(kernel.local_bytes);
  for (std::size_t i = 0; i < kernel.arguments.size(); ++i) {
    const elf::KernelArgument& argument = kernel.arguments[i];
    const ArgumentValue& value = values[i];
    std::byte* place = block.data() + argument.offset;
    if (argument.kind == elf::ArgumentKind::kValue) {
      std::memcpy(place, value.bytes.data(),
                  std::min<std::size_t>(argument.size, value.bytes.size()));
    } else if (argument.kind == elf::ArgumentKind::kLocalPointer) {
      std::memcpy(place, &local, sizeof local);
      local += aligned(value.local_size.count());
    } else {
      const std::uint64_t address = value.address.value();
      std::memcpy(place, &address, sizeof address);
    }
  }
  return block;
}

/// The values of arguments with an integer type of OpenCL C: sizes and strides, which decide how
/// much work a launch is.
std::vector<std::uint64_t> integers_of(const elf::KernelInfo& kernel,
                                       std::span<const ArgumentValue> values) {
  constexpr std::array kIntegers{"char", "uchar", "short",  "ushort",    "int", "uint",
                                 "long", "ulong", "size_t", "ptrdiff_t", "bool"};
  std::vector<std::uint64_t> integers;
  for (std::size_t i = 0; i < kernel.arguments.size(); ++i) {
    const elf::KernelArgument& argument = kernel.arguments[i];
    if (argument.kind != elf::ArgumentKind::kValue ||
        std::ranges::find(kIntegers, argument.type_name) == kIntegers.end())
      continue;
    std::uint64_t value = 0;
    std::memcpy(&value, values[i].bytes.data(), std::min(sizeof value, values[i].bytes.size()));
    integers.push_back(value);
  }
  return integers;
}

std::optional<std::string> guest_string(const LoadedProgram& program, std::uint64_t address) {
  constexpr std::size_t kLongest = 65536;
  std::string text;
  while (text.size() < kLongest) {
    // Strings are literals of the program; a pointer to anything else prints as a bad string.
    const std::byte* byte = program.decoded().host(DeviceAddress(address + text.size()), 1_B);
    if (byte == nullptr) return {};
    if (*byte == std::byte{0}) return text;
    text += static_cast<char>(*byte);
  }
  return text;
}

}  // namespace

Bytes local_memory_needed(const elf::KernelInfo& kernel, std::span<const ArgumentValue> arguments) {
  // Without local arguments, the variables' own size; it need not be rounded.
  std::uint64_t total = kernel.local_bytes;
  for (std::size_t i = 0; i < kernel.arguments.size(); ++i)
    if (kernel.arguments[i].kind == elf::ArgumentKind::kLocalPointer)
      total = aligned(total) + arguments[i].local_size.count();
  return Bytes(total);
}

Device::Device(chip::Chip chip, Settings settings)
    : chip_(std::move(chip)),
      settings_(std::move(settings)),
      memory_(chip_.dram.capacity),
      trace_(settings_.trace_file.empty()
                 ? nullptr
                 : std::make_unique<TraceFile>(settings_.trace_file, settings_.trace_limit,
                                               chip_.clock)),
      simulation_(
          std::make_unique<Simulation>(chip_, settings_.fidelity, settings_.threads, trace_.get())),
      watch_(settings_.time_limit_seconds, settings_.profile_directory.empty()
                                               ? std::filesystem::path()
                                               : settings_.profile_directory / kEndLaunchFile) {}

Picoseconds Device::now() const {
  const std::lock_guard lock(clock_mutex_);
  return clock_;
}

Interval Device::advance(Picoseconds duration) {
  const std::lock_guard lock(clock_mutex_);
  const Picoseconds start = clock_;
  clock_ += duration;
  return {start, clock_};
}

Interval Device::charge_transfer(Bytes moved) {
  constexpr double kPicosecondsPerSecond = 1e12;
  const double seconds = static_cast<double>(moved.count()) / chip_.dram.bandwidth.count();
  // Profiling events count nanoseconds; one is the least that a program can divide by.
  const auto picoseconds = static_cast<std::uint64_t>(seconds * kPicosecondsPerSecond);
  return advance(Picoseconds(std::max<std::uint64_t>(picoseconds, 1000)));
}

void Device::prepare_printf() {
  if (!printf_buffer_) printf_buffer_ = memory_.allocate(kPrintfBufferBytes, 64_B);
  if (!printf_buffer_) return;  // memory is full: this launch has no printf
  const std::array<std::uint32_t, 2> header{
      0, static_cast<std::uint32_t>(kPrintfBufferBytes.count() - kPrintfHeaderBytes)};
  std::memcpy(memory_.host(*printf_buffer_), header.data(), sizeof header);
}

std::string Device::collect_printf(const LoadedProgram& program) {
  if (!printf_buffer_) return {};
  return decode_printf({memory_.host(*printf_buffer_), kPrintfBufferBytes.count()},
                       [&](std::uint64_t address) { return guest_string(program, address); });
}

SimulatedLaunch Device::run(const LaunchRequest& request) {
  const std::vector<std::byte> arguments = lay_out(*request.kernel, request.arguments);
  PreparedLaunch launch{.program = &request.program->decoded(),
                        .program_id = request.program->id(),
                        .config = {},
                        .integers = integers_of(*request.kernel, request.arguments),
                        .footprint = request.footprint,
                        .buffers = request.buffers};
  simt::LaunchConfig& config = launch.config;
  config.entry = request.program->entry(*request.kernel);
  config.work_dim = request.work_dim;
  config.global_offset = request.global_offset;
  config.global_size = request.global_size;
  config.local_size = request.local_size;
  config.arguments = arguments;
  config.local_memory = local_memory_needed(*request.kernel, request.arguments);
  config.private_memory = chip_.core.private_memory;
  config.warp_width = chip_.core.lanes;
  config.cores = chip_.core.count;
  config.printf_buffer = printf_buffer_.value_or(DeviceAddress());
  config.instruction_limit = settings_.instruction_limit;
  config.cancel = watch_.flag();
  return simulation_->run(launch, memory_, now() - restarted_);
}

void Device::restart_timing() {
  const std::lock_guard lock(launching_);
  simulation_ =
      std::make_unique<Simulation>(chip_, settings_.fidelity, settings_.threads, trace_.get());
  restarted_ = now();
  if (trace_) trace_->set_first_cycle(restarted_);
}

LaunchOutcome Device::launch(const LaunchRequest& request) {
  const std::lock_guard lock(launching_);
  const auto begin = std::chrono::steady_clock::now();
  prepare_printf();
  LaunchOutcome outcome;
  SimulatedLaunch ran;
  watch_.begin(request.kernel->name);
  try {
    ran = run(request);
  } catch (const timing::StalledMachine& stall) {
    outcome.diagnosis = fmt::format("isobar: kernel {}: {}", request.kernel->name, stall.what());
  }
  const LaunchEnd why = watch_.end();
  outcome.stats = ran.stats;
  outcome.stats.counters.launches = 1;
  outcome.stats.host_nanoseconds = static_cast<std::uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count());
  outcome.when = advance(outcome.stats.time);
  if (trace_)
    trace_->launch(request.kernel->name, outcome.when.start, outcome.when.end, outcome.stats);
  outcome.timed = std::move(ran.timed);
  outcome.printf_text = collect_printf(*request.program);
  if (ran.fault)
    outcome.diagnosis = diagnose(*ran.fault, *request.program, request.kernel->name,
                                 {why, static_cast<double>(outcome.stats.host_nanoseconds) * 1e-9});
  return outcome;
}

}  // namespace isobar::device
