// What stands behind the handles of isobar/chip.h. They speak to device/ and compiler/ directly,
// not to OpenCL: the driver knows one chip for a process, chosen by its environment, and a program
// may want several, each with options of its own. What a launch must obey is the same
// (opencl/queue/ndrange.cpp).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/device.h"
#include "isobar/chip.h"

namespace isobar::api {

struct ChipState {
  device::Device machine;
  ChipState(chip::Chip chip, device::Settings settings)
      : machine(std::move(chip), std::move(settings)) {}
};

/// Owns its memory on the chip, and keeps the chip.
struct BufferState {
  std::shared_ptr<ChipState> chip;
  DeviceAddress address;
  Bytes size;
  BufferState(std::shared_ptr<ChipState> of, Bytes bytes);
  BufferState(const BufferState&) = delete;
  BufferState& operator=(const BufferState&) = delete;
  ~BufferState();
};

/// One of the three.
struct ArgumentState {
  std::vector<std::byte> value;
  std::shared_ptr<BufferState> buffer;
  std::optional<Bytes> local;
};

struct ProgramState {
  std::shared_ptr<ChipState> chip;
  std::unique_ptr<const device::LoadedProgram> loaded;
  std::string log;
  bool is_uniform = true;  // all work-groups of a launch have one size
};

/// The way behind a handle, for this folder alone.
struct Access {
  template <class Handle>
  static const auto& state(const Handle& handle) {
    return handle.state_;
  }
  template <class Handle, class State>
  static Handle make(std::shared_ptr<State> state) {
    return Handle(std::move(state));
  }
};

/// Program::launch, all of it.
[[nodiscard]] Launch launch(const ProgramState& program, const std::string& kernel,
                            const Range& range, const std::vector<Argument>& arguments);

}  // namespace isobar::api
