// Runs OpenCL C kernels over plain host arrays, on whichever OpenCL device the environment gives:
// the tests of the built-in functions hold our device and the peers' to the same oracle.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace isobar::compiler {

class KernelRunner {
 public:
  virtual ~KernelRunner() = default;
  /// Compiles a program; throws std::runtime_error with the build log if that fails.
  virtual void build(const std::string& source) = 0;
  /// Runs `kernel` over `count` work-items, in work-groups of `local` (0: the device's choice).
  /// Arguments are global buffers; those in `outputs` are zeroed before and filled after.
  virtual void run(const std::string& kernel, std::size_t count, std::size_t local,
                   std::span<const std::vector<std::byte>> inputs,
                   std::span<std::vector<std::byte>> outputs) = 0;
  [[nodiscard]] virtual std::string device() const = 0;
  [[nodiscard]] virtual bool has_half() const = 0;
  [[nodiscard]] virtual bool has_double() const = 0;
};

/// The first device whose platform (name, version) or name contains ISOBAR_TEST_DEVICE (any device
/// if that is not set). Throws std::runtime_error when there is none.
[[nodiscard]] std::unique_ptr<KernelRunner> make_kernel_runner();

}  // namespace isobar::compiler
