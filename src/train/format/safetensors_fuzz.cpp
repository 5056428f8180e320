// Any bytes are either a safetensors file, which is then written and read back equal, or a
// UserError. A file that is taken has nothing hidden in it: spaces alone after its header's last
// brace, no zero byte before, and no byte of data that is not a tensor's.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/error.h"
#include "train/format/safetensors.h"

namespace {

void check_nothing_is_hidden(std::string_view bytes, const isobar::train::SafetensorsFile& file) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  const std::string_view header = bytes.substr(sizeof(length), length);
  if (header.find('\0') != std::string_view::npos) __builtin_trap();
  const std::string_view padding = header.substr(header.rfind('}') + 1);
  if (padding.find_first_not_of(' ') != std::string_view::npos) __builtin_trap();
  std::size_t data = 0;
  for (const auto& [name, tensor] : file.tensors) data += tensor.bytes.size();
  if (sizeof(length) + length + data != bytes.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar::train;
  try {
    const SafetensorsFile file = parse_safetensors(std::as_bytes(std::span(data, size)), "fuzz");
    check_nothing_is_hidden({reinterpret_cast<const char*>(data), size}, file);
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
