#include "api/chip.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <thread>

#include "api/guard.h"
#include "compiler/compiler.h"

namespace isobar {
namespace api {
namespace {

/// As OpenCL's CL_DEVICE_MEM_BASE_ADDR_ALIGN, so that a launch meets the same addresses.
constexpr Bytes kAlignment = 128_B;

device::Settings settings_of(const std::string& name, const ChipOptions& options) {
  if (!(options.time_limit_seconds >= 0))
    fail("time_limit_seconds is {}, but must be 0 (none) or more", options.time_limit_seconds);
  device::Settings settings;
  settings.chip = name;
  settings.fidelity = options.fidelity == Fidelity::kFunctional ? device::Fidelity::kFunctional
                      : options.fidelity == Fidelity::kSampled  ? device::Fidelity::kSampled
                                                                : device::Fidelity::kTimed;
  settings.threads =
      options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  settings.time_limit_seconds = options.time_limit_seconds;
  settings.instruction_limit = options.instruction_limit;
  return settings;
}

/// Before OpenCL C 2.0, and by option, smaller work-groups at the edge are an error.
bool wants_uniform_groups(std::string_view options) {
  if (options.find("-cl-uniform-work-group-size") != std::string_view::npos) return true;
  const std::size_t standard = options.find("-cl-std=");
  if (standard == std::string_view::npos) return true;
  const std::string_view version = options.substr(standard + 8);
  return !(version.starts_with("CL2") || version.starts_with("CL3") ||
           version.starts_with("CLC++"));
}

std::byte* host_view(const BufferState& buffer, std::uint64_t offset, std::size_t size) {
  const std::uint64_t whole = buffer.size.count();
  if (offset > whole || size > whole - offset)
    fail("bytes {} to {} of a buffer of {} bytes: they do not lie in it", offset, offset + size,
         whole);
  // A copy takes its time on the chip's clock, as the driver's copies do.
  (void)buffer.chip->machine.charge_transfer(Bytes(size));
  return buffer.chip->machine.memory().host(buffer.address) + offset;
}

}  // namespace

BufferState::BufferState(std::shared_ptr<ChipState> of, Bytes bytes)
    : chip(std::move(of)), size(bytes) {
  if (size.count() == 0) fail("a buffer of 0 bytes (it must have one at least)");
  simt::GlobalMemory& memory = chip->machine.memory();
  const auto place = memory.allocate(size, kAlignment);
  if (!place)
    fail("a buffer of {} bytes does not fit: {} has {} bytes of memory, of which {} are in use",
         size.count(), chip->machine.chip().name, memory.capacity().count(), memory.used().count());
  address = *place;
}

BufferState::~BufferState() { chip->machine.memory().free(address); }

}  // namespace api

inline namespace v0 {

using api::Access;

Buffer::Buffer(std::shared_ptr<api::BufferState> state) : state_(std::move(state)) {}

std::uint64_t Buffer::size() const { return state_->size.count(); }

void Buffer::write_bytes(std::span<const std::byte> data, std::uint64_t offset) {
  guarded([&] { std::ranges::copy(data, api::host_view(*state_, offset, data.size())); });
}

void Buffer::read_bytes(std::span<std::byte> data, std::uint64_t offset) const {
  guarded(
      [&] { std::copy_n(api::host_view(*state_, offset, data.size()), data.size(), data.data()); });
}

Argument::Argument(const Buffer& buffer)
    : state_(
          std::make_unique<api::ArgumentState>(api::ArgumentState{{}, Access::state(buffer), {}})) {
}
Argument::Argument(LocalMemory local)
    : state_(std::make_unique<api::ArgumentState>(api::ArgumentState{{}, {}, Bytes(local.bytes)})) {
}
Argument::Argument(const void* value, std::size_t bytes)
    : state_(std::make_unique<api::ArgumentState>()) {
  state_->value.resize(bytes);
  std::memcpy(state_->value.data(), value, bytes);
}
Argument::Argument(const Argument& other)
    : state_(std::make_unique<api::ArgumentState>(*other.state_)) {}
Argument::Argument(Argument&& other) noexcept = default;
Argument& Argument::operator=(const Argument& other) {
  *this = Argument(other);
  return *this;
}
Argument& Argument::operator=(Argument&& other) noexcept = default;
Argument::~Argument() = default;

Program::Program(std::shared_ptr<api::ProgramState> state) : state_(std::move(state)) {}

std::vector<std::string> Program::kernels() const {
  std::vector<std::string> names;
  for (const elf::KernelInfo& kernel : state_->loaded->metadata().kernels)
    names.push_back(kernel.name);
  return names;
}

std::string Program::log() const { return state_->log; }

Launch Program::launch(const std::string& kernel, const Range& range,
                       const std::vector<Argument>& arguments) const {
  return guarded([&] { return api::launch(*state_, kernel, range, arguments); });
}

Chip::Chip(const std::string& name, const ChipOptions& options)
    : state_(guarded([&] {
        device::Settings settings = api::settings_of(name, options);
        chip::Chip described = chip::find_chip(name);
        return std::make_shared<api::ChipState>(std::move(described), std::move(settings));
      })) {}

ChipFigures Chip::figures() const {
  const chip::Chip& chip = state_->machine.chip();
  return {chip.name,
          chip.path.string(),
          chip.clock.count(),
          chip.core.count,
          chip.core.schedulers,
          chip.core.lanes,
          chip.peak_fp16().count(),
          chip.peak_fp32().count(),
          chip.peak_fp64().count(),
          chip.dram.capacity.count(),
          chip.dram.bandwidth.count()};
}

Buffer Chip::buffer(std::uint64_t bytes) const {
  return guarded([&] {
    return Access::make<Buffer>(std::make_shared<api::BufferState>(state_, Bytes(bytes)));
  });
}

Program Chip::build(const std::string& source, const std::string& options,
                    const std::string& file_name) const {
  return guarded([&] {
    compiler::Options how;
    how.build_options = options;
    const compiler::Result built = compiler::build({source, file_name, {}}, how);
    if (!built.ok) fail("{} does not compile:\n{}", file_name, built.log);
    auto program = std::make_shared<api::ProgramState>();
    program->chip = state_;
    program->loaded = std::make_unique<device::LoadedProgram>(built.binary, file_name);
    program->log = built.log;
    program->is_uniform = api::wants_uniform_groups(options);
    return Access::make<Program>(std::move(program));
  });
}

}  // namespace v0
}  // namespace isobar
