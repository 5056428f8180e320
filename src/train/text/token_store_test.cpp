#include "train/text/token_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "base/file/file.h"
#include "train/testing/test_folder.h"

namespace isobar::train {
namespace {

using testing::HasSubstr;
using Tokens = std::vector<std::int32_t>;

Tokens random_tokens(std::uint32_t vocabulary, std::size_t count) {
  std::mt19937 random(vocabulary);
  Tokens tokens(count);
  for (std::int32_t& token : tokens) token = static_cast<std::int32_t>(random() % vocabulary);
  tokens.front() = static_cast<std::int32_t>(vocabulary - 1);
  return tokens;
}

/// FNV-1a as its authors wrote it, a byte at a time.
std::uint64_t plain_hash(const Tokens& tokens) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      hash ^= value >> (8 * i) & 0xFF;
      hash *= 0x100000001b3;
    }
  };
  for (const std::int32_t token : tokens) add(static_cast<std::uint32_t>(token), 4);
  add(tokens.size(), 8);
  return hash;
}

TEST(TokenStore, GivesBackWhatWasWrittenInMemoryAndOnDisk) {
  for (const std::uint32_t vocabulary : {1U, 256U, 257U, 50257U, 65536U, 65537U, 2'000'000U})
    for (const std::size_t in_memory : {std::size_t{0}, std::size_t{1000}, std::size_t{1} << 30U}) {
      const Tokens tokens = random_tokens(vocabulary, 10'000);
      TokenWriter writer(vocabulary, in_memory);
      for (std::size_t at = 0; at < tokens.size(); at += 700)
        writer.append(std::span(tokens).subspan(at, std::min<std::size_t>(700, 10'000 - at)));
      const TokenStore store = std::move(writer).finish();
      ASSERT_EQ(store.size(), tokens.size());
      EXPECT_EQ(store.read(0, tokens.size()), tokens) << vocabulary << " " << in_memory;
      EXPECT_EQ(store.read(4321, 17), Tokens(tokens.begin() + 4321, tokens.begin() + 4338));
      EXPECT_EQ(store.read(10'000, 0), Tokens{});
      EXPECT_EQ(store.hash(), plain_hash(tokens));
      EXPECT_EQ(TokenStore(tokens).hash(), plain_hash(tokens));
      EXPECT_EQ(TokenStore(tokens).read(0, tokens.size()), tokens);
    }
}

TEST(TokenStore, IsEmptyWithoutTokens) {
  EXPECT_EQ(TokenStore().size(), 0U);
  EXPECT_EQ(TokenWriter(5).finish().hash(), plain_hash({}));
  EXPECT_EQ(TokenStore().hash(), plain_hash({}));
}

TEST(TokenStore, ReadsTheBytesOfATextThroughATable) {
  const TestFolder folder;
  write_text_atomically(folder / "text", "abcab");
  ByteTokens table;
  table.fill(-1);
  table['a'] = 7;
  table['b'] = 300;
  table['c'] = 0;
  const TokenStore store(std::make_shared<TextFile>(folder / "text"), table, 99);
  EXPECT_EQ(store.read(1, 4), (Tokens{300, 0, 7, 300}));
  EXPECT_EQ(store.size(), 5U);
  EXPECT_EQ(store.hash(), 99U);
}

TEST(TokenStore, NamesTheFolderThatHasNoRoom) {
  const TestFolder folder;
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  setenv("TMPDIR", folder.path().c_str(), 1);
  const std::string full = error_of([&] {
    const FileSizeLimit limit(10'000);
    TokenWriter writer(256, 1000);
    for (int i = 0; i < 100; ++i) writer.append(Tokens(1000, 3));
  });
  setenv("TMPDIR", (folder / "nothing").c_str(), 1);
  const std::string missing = error_of([] { TokenWriter(256, 0).append(Tokens{1}); });
  if (before == nullptr)
    unsetenv("TMPDIR");
  else
    setenv("TMPDIR", kept.c_str(), 1);
  EXPECT_THAT(full, HasSubstr(folder.path().string() + ": has no room for the text's tokens"));
  EXPECT_THAT(full, HasSubstr("TMPDIR names another folder"));
  EXPECT_THAT(missing, HasSubstr("nothing: the text's tokens cannot be kept there: No such file"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "a file was left behind";
}

}  // namespace
}  // namespace isobar::train
