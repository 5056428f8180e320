// Truncated and hostile files are refused by name.
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "elf/elf_writer.h"

namespace isobar::elf {
namespace {

std::vector<std::byte> small_file() {
  const Segment text{.address = 0x10000,
                     .memory_size = 16,
                     .content = std::vector<std::byte>(8),
                     .readable = true,
                     .executable = true};
  return write_executable(0x10000, std::span(&text, 1));
}

TEST(Image, ReadsWhatTheWriterWrote) {
  const Image image = Image::parse(small_file(), "a.elf");
  EXPECT_EQ(image.entry(), 0x10000U);
  ASSERT_EQ(image.segments().size(), 1U);
  EXPECT_EQ(image.segments()[0].memory_size, 16U);
  EXPECT_EQ(image.segments()[0].content.size(), 8U);
}

TEST(Image, RefusesEveryTruncation) {
  const auto file = small_file();
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_THROW((void)Image::parse(std::span(file).first(size), "a.elf"), UserError) << size;
}

TEST(Image, RefusesHostileSizes) {
  for (const std::uint64_t size : {1ULL << 31U, 1ULL << 40U, ~0ULL}) {
    auto file = small_file();
    std::memcpy(file.data() + 64 + 40, &size, sizeof size);  // p_memsz
    EXPECT_THROW((void)Image::parse(file, "a.elf"), UserError);
  }
}

}  // namespace
}  // namespace isobar::elf
