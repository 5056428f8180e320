// What a compiled program says about its kernels: written by the compiler as JSON into the section
// isa::kMetadataSection, read by the driver. One format, both directions, in this file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::elf {

enum class AddressQualifier : std::uint8_t { kPrivate, kGlobal, kConstant, kLocal };
enum class AccessQualifier : std::uint8_t { kNone, kReadOnly, kWriteOnly, kReadWrite };
enum class ArgumentKind : std::uint8_t { kValue, kPointer, kLocalPointer, kImage, kSampler };

struct KernelArgument {
  std::string name;       // as in the source, empty without -cl-kernel-arg-info information
  std::string type_name;  // as in the source: "float*", "uint4"
  ArgumentKind kind = ArgumentKind::kValue;
  AddressQualifier address = AddressQualifier::kPrivate;
  AccessQualifier access = AccessQualifier::kNone;
  bool is_const = false, is_restrict = false, is_volatile = false;
  std::uint32_t offset = 0;  // in the argument block, bytes
  std::uint32_t size = 0;    // bytes in the block (8 for pointers)
  std::uint32_t alignment = 1;
};

struct KernelInfo {
  std::string name;
  std::vector<KernelArgument> arguments;
  std::uint32_t argument_bytes = 0;  // of the whole block
  std::uint64_t local_bytes = 0;     // __local variables it can reach
  std::uint64_t private_bytes = 0;   // stack per work-item, an upper bound if known, else 0
  std::array<std::uint64_t, 3> required_local_size{};  // reqd_work_group_size, 0 if absent
  std::array<std::uint64_t, 3> local_size_hint{};
  std::string attributes;  // as CL_KERNEL_ATTRIBUTES wants them
};

struct ProgramMetadata {
  std::vector<KernelInfo> kernels;
  std::uint64_t program_scope_global_bytes = 0;
  [[nodiscard]] std::string to_json() const;
  /// Throws UserError on anything malformed.
  [[nodiscard]] static ProgramMetadata from_json(std::string_view text);
};

}  // namespace isobar::elf
