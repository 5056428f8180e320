// The safetensors format: u64 header length, a JSON header of name -> {dtype, shape,
// data_offsets}, then the bytes. Reader and writer; the reader trusts nothing.
// Reference: the format's README in huggingface/safetensors ("Format").
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace isobar::train {

struct StoredTensor {
  std::string dtype;                 // "F32", "F16", "BF16", "F64", "I64", "U8", ...
  std::vector<std::uint64_t> shape;  // row-major
  std::vector<std::byte> bytes;      // little-endian

  /// As float32. Throws UserError naming `where` if dtype is not F32.
  [[nodiscard]] std::vector<float> floats(const std::string& where) const;
  [[nodiscard]] static StoredTensor from_floats(std::vector<std::uint64_t> shape,
                                                std::span<const float> values);
};

struct SafetensorsFile {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;  // "__metadata__"
};

/// Throws UserError "<where>: <what is wrong>" for truncation, overlaps, gaps, sizes that do not
/// match the shape, headers that are too long (100 MB) or not JSON, duplicate names.
[[nodiscard]] SafetensorsFile parse_safetensors(std::span<const std::byte> file,
                                                const std::string& where);
[[nodiscard]] SafetensorsFile read_safetensors(const std::filesystem::path& path);
[[nodiscard]] std::vector<std::byte> serialise(const SafetensorsFile& file);
/// Atomic: a full disk leaves the old file as it was.
void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file);

}  // namespace isobar::train
