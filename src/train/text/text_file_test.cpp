#include "train/text/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/file/file.h"
#include "train/testing/test_folder.h"

namespace isobar::train {
namespace {

using testing::HasSubstr;

TEST(TextFile, ComesInPartsThatJoinToTheWhole) {
  const TestFolder folder;
  std::string text;
  while (text.size() < 25'000'000) text += std::to_string(text.size());
  write_text_atomically(folder / "text", text);
  const TextFile file(folder / "text");
  std::string joined;
  std::size_t largest = 0, parts = 0;
  std::uint64_t told = 0;
  file.for_each_part(
      [&](const TextPart& part) {
        EXPECT_EQ(part.offset, joined.size());
        EXPECT_EQ(part.last, part.offset + part.text.size() == text.size());
        // All but three bytes, which come again.
        const std::size_t taken = part.last ? part.text.size() : part.text.size() - 3;
        joined += part.text.substr(0, taken);
        largest = std::max(largest, part.text.size());
        ++parts;
        return taken;
      },
      [&](std::uint64_t done, std::uint64_t all) {
        EXPECT_GT(done, told);
        told = done;
        EXPECT_EQ(all, text.size());
      });
  EXPECT_TRUE(joined == text);
  EXPECT_EQ(told, text.size());
  EXPECT_GT(parts, 2U);
  EXPECT_LT(largest, 10'000'000U);
}

TEST(TextFile, OfNothingIsOneEmptyPart) {
  const TestFolder folder;
  write_text_atomically(folder / "empty", "");
  int parts = 0;
  TextFile(folder / "empty").for_each_part([&](const TextPart& part) {
    EXPECT_TRUE(part.last && part.text.empty());
    ++parts;
    return std::size_t{0};
  });
  EXPECT_EQ(parts, 1);
}

TEST(TextFile, RefusesWhatIsNoPlainFileByItsKind) {
  const TestFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const auto error = [](const std::filesystem::path& path) {
    return error_of([&] { const TextFile file(path); });
  };
  EXPECT_THAT(error("/dev/null"), HasSubstr("/dev/null: is a device"));
  EXPECT_THAT(error(folder / "pipe"), HasSubstr("is a pipe"));
  EXPECT_THAT(error(folder.path()), HasSubstr("is a folder"));
  EXPECT_THAT(error(folder / "nothing"), HasSubstr("nothing: cannot be read: No such file"));
}

TEST(TextFile, SaysThatItWasChanged) {
  const TestFolder folder;
  write_text_atomically(folder / "text", "some text");
  const TextFile file(folder / "text");
  std::vector<std::byte> bytes(4);
  file.read(5, bytes);
  EXPECT_EQ(bytes.front(), std::byte{'t'});
  std::filesystem::resize_file(folder / "text", 6);
  EXPECT_THAT(error_of([&] { file.read(5, bytes); }),
              HasSubstr("was written to while it was in use"));
}

}  // namespace
}  // namespace isobar::train
