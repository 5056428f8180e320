// Any bytes are either a safetensors file, which is then written and read back equal, or a
// UserError.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "train/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar::train;
  try {
    const SafetensorsFile file = parse_safetensors(std::as_bytes(std::span(data, size)), "fuzz");
    const SafetensorsFile again = parse_safetensors(serialise(file), "again");
    if (again.metadata != file.metadata || again.tensors.size() != file.tensors.size())
      __builtin_trap();
    for (const auto& [name, tensor] : file.tensors) {
      const StoredTensor& other = again.tensors.at(name);
      if (other.dtype != tensor.dtype || other.shape != tensor.shape || other.bytes != tensor.bytes)
        __builtin_trap();
    }
  } catch (const isobar::UserError& error) {
    const std::string_view text = error.what();
    if (!text.starts_with("fuzz: ")) __builtin_trap();
  }
  return 0;
}
