// Guest programs for tests: C text compiled by stock clang, and a machine with buffers to run it
// on.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simt/launch.h"

namespace isobar::simt {

/// Compiles C text (behind a prelude: gid(), lid(), group(), barrier(), KERNEL, LOCAL, CSR) to an
/// executable at the program base. The same text is compiled once.
std::shared_ptr<Program> compile_guest(const std::string& text, std::uint64_t& entry);

/// Assembler text as such a C text; its entry is `_start`.
std::string guest_assembly(const std::string& text);

/// The vector paths this processor has.
std::vector<VectorPath> supported_paths();

/// "fault: detail" or "none", for messages.
std::string describe(const LaunchResult& result);

/// A kernel and the buffers its argument structure points to.
class GuestMachine {
 public:
  explicit GuestMachine(const std::string& text) : program_(compile_guest(text, config_.entry)) {}

  /// Allocates a zeroed buffer and appends its address to the arguments.
  template <class T>
  T* buffer(std::size_t count) {
    const auto address = memory_.allocate(Bytes(count * sizeof(T)), 64_B);
    argument(address.value().value());
    auto* host = reinterpret_cast<T*>(memory_.host(*address));
    addresses_[host] = address->value();
    return host;
  }
  template <class T>
  void argument(T value) {
    arguments_.resize((arguments_.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T));
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    arguments_.insert(arguments_.end(), bytes, bytes + sizeof(T));
  }
  LaunchResult run(std::uint64_t global, std::uint64_t local, unsigned threads = 1) {
    prepare(global, local);
    return run(threads);
  }
  void prepare(std::uint64_t global, std::uint64_t local) {
    config_.global_size = {global, 1, 1};
    config_.local_size = {local, 1, 1};
    config_.arguments = arguments_;
  }
  LaunchResult run(unsigned threads) {
    config_.arguments = arguments_;
    return launch(*program_, memory_, config_, threads);
  }
  /// Of a buffer, as guests see it.
  [[nodiscard]] std::uint64_t address_of(const void* buffer) const { return addresses_.at(buffer); }
  LaunchConfig& config() { return config_; }
  GlobalMemory& memory() { return memory_; }
  Program& program() { return *program_; }

 private:
  GlobalMemory memory_{1_GiB};
  LaunchConfig config_;
  std::shared_ptr<Program> program_;
  std::vector<std::byte> arguments_;
  std::map<const void*, std::uint64_t> addresses_;
};

}  // namespace isobar::simt
