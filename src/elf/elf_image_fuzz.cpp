// Any bytes are either an image within bounds or a UserError.
#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "elf/elf_image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto image =
        isobar::elf::Image::parse({reinterpret_cast<const std::byte*>(data), size}, "fuzz.elf");
    for (const auto& segment : image.segments())
      if (segment.content.size() > segment.memory_size) __builtin_trap();
    (void)image.function_at(image.entry());
  } catch (const isobar::UserError&) {}
  return 0;
}
