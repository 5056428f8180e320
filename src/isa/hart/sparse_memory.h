// The memory of one user-level program: a few mapped ranges anywhere in the 64-bit space, each with
// its permissions; pages come into being when they are first written. No devices, no paging.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace isobar::isa {

enum class Access : std::uint8_t { kRead, kWrite, kExecute };

class SparseMemory {
 public:
  /// Maps [address, address + size), zero-filled. Ranges do not overlap and do not wrap.
  void map(std::uint64_t address, std::uint64_t size, bool readable, bool writable,
           bool executable);
  /// Maps the pages of `from` around [address, address + size) here too: both see one content.
  void share(SparseMemory& from, std::uint64_t address, std::uint64_t size, bool writable,
             bool executable);
  /// Writes regardless of permissions, for loading; the range must be mapped.
  void load(std::uint64_t address, std::span<const std::byte> content);

  /// Whether every byte may be accessed so. False is a fault of the program, not an error.
  [[nodiscard]] bool permits(std::uint64_t address, std::uint64_t size, Access access) const;
  /// Checked accesses, little-endian, of 1, 2, 4 or 8 bytes; misaligned ones too.
  [[nodiscard]] bool read(std::uint64_t address, unsigned size, Access access,
                          std::uint64_t& value) const;
  [[nodiscard]] bool write(std::uint64_t address, unsigned size, std::uint64_t value);
  /// Copies out, unchecked; unmapped bytes read as zero.
  void copy_out(std::uint64_t address, std::span<std::byte> to) const;

 private:
  static constexpr std::uint64_t kPageBytes = 4096;
  using Page = std::array<std::byte, kPageBytes>;
  struct Range {
    std::uint64_t address = 0, size = 0;
    bool readable = false, writable = false, executable = false;
  };

  std::vector<Range> ranges_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Page>> pages_;
};

}  // namespace isobar::isa
