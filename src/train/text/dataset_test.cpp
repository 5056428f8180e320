#include "train/text/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <numeric>

#include "base/error.h"
#include "base/file/file.h"
#include "train/format/llmc_format.h"
#include "train/testing/test_folder.h"
#include "train/text/corpora.h"

namespace isobar::train {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using Tokens = std::vector<std::int32_t>;

/// 0, 1, 2, ...: a token says where it stands.
Tokens counting(std::size_t count) {
  Tokens tokens(count);
  std::iota(tokens.begin(), tokens.end(), 0);
  return tokens;
}

Tokens all(const TokenStore& store) { return store.read(0, store.size()); }

TEST(Dataset, GivesNineTenthsToTrainingAsNanoGptDoes) {
  const Dataset data(counting(1115394), 64, "tinyshakespeare");
  EXPECT_EQ(data.train_tokens(), 1003854U);  // what nanoGPT's prepare.py prints for this text
  EXPECT_EQ(data.validation_tokens(), 111540U);
}

TEST(Dataset, RefusesATextThatIsTooShort) {
  EXPECT_EQ(error_of([] { Dataset(counting(90), 8, "x"); }), "no error");
  EXPECT_THAT(error_of([] { Dataset(counting(80), 8, "TEXT"); }),
              HasSubstr("TEXT: 80 tokens are too few for a context of 8"));
  EXPECT_THAT(error_of([] { Dataset(Tokens{}, 8, "TEXT"); }),
              HasSubstr("a text of 90 tokens or more"));
}

TEST(Dataset, TrainsOnWindowsWhoseTargetsAreTheNextTokens) {
  constexpr std::uint32_t kContext = 16, kSequences = 5;
  const Dataset data(counting(1000), kContext, "x");
  for (std::uint64_t index = 0; index < 100; ++index) {
    const Batch batch = data.train_batch(1, index, kSequences);
    ASSERT_EQ(batch.inputs.size(), kContext * kSequences);
    ASSERT_EQ(batch.targets.size(), kContext * kSequences);
    for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
      EXPECT_EQ(batch.inputs[i],
                batch.inputs[i / kContext * kContext] + static_cast<std::int32_t>(i % kContext));
      EXPECT_EQ(batch.targets[i], batch.inputs[i] + 1);
      EXPECT_LT(batch.targets[i], 900) << "a token of the validation part";
    }
  }
}

TEST(Dataset, DrawsBatchesThatDependOnSeedAndIndexAlone) {
  const Dataset data(counting(100000), 4, "x"), same(counting(100000), 4, "y");
  const Tokens batch = data.train_batch(7, 3, 8).inputs;
  EXPECT_EQ(same.train_batch(7, 3, 8).inputs, batch);
  EXPECT_NE(data.train_batch(8, 3, 8).inputs, batch);
  EXPECT_NE(data.train_batch(7, 4, 8).inputs, batch);
  EXPECT_NE(data.train_batch(7 + (1ULL << 32U), 3, 8).inputs, batch);
  EXPECT_NE(data.train_batch(7, 3 + (1ULL << 32U), 8).inputs, batch);
  // A smaller batch is the start of a larger one.
  const Tokens two = data.train_batch(7, 3, 2).inputs;
  EXPECT_TRUE(std::equal(two.begin(), two.end(), batch.begin()));
}

TEST(Dataset, ReachesEveryWindowOfTheTrainingPartEvenly) {
  const Dataset data(counting(100), 9, "x");  // 90 tokens train: windows start at 0 to 80
  constexpr std::uint32_t kDraws = 81 * 1000;
  const Tokens inputs = data.train_batch(11, 0, kDraws).inputs;
  std::vector<double> drawn(81);
  for (std::size_t i = 0; i < inputs.size(); i += 9)
    ++drawn.at(static_cast<std::size_t>(inputs[i]));
  double chi_square = 0;
  for (const double n : drawn) chi_square += (n - 1000) * (n - 1000) / 1000;
  // 80 degrees of freedom: one seed in a million is above 153, and below 36.
  EXPECT_LT(chi_square, 153);
  EXPECT_GT(chi_square, 36);
}

TEST(Dataset, ValidatesOnWindowsSpreadFromEndToEnd) {
  constexpr std::uint32_t kContext = 16, kCount = 5, kSequences = 3;
  const Dataset data(counting(10000), kContext, "x");  // 9000 to 9999 validate
  Tokens starts;
  for (std::uint32_t index = 0; index < kCount; ++index) {
    const Batch batch = data.validation_batch(index, kCount, kSequences);
    for (std::uint32_t s = 0; s < kSequences; ++s) {
      starts.push_back(batch.inputs[std::size_t{s} * kContext]);
      EXPECT_EQ(batch.targets[std::size_t{s} * kContext + 15], starts.back() + 16);
    }
  }
  EXPECT_EQ(starts.front(), 9000);
  EXPECT_EQ(starts.back(), 9999 - 16);
  for (std::size_t i = 1; i < starts.size(); ++i)
    EXPECT_NEAR(starts[i] - starts[i - 1], 983.0 / 14, 1) << i;
  EXPECT_EQ(data.validation_batch(0, 1, 1).inputs.front(), 9000);
}

TEST(Dataset, KnowsOneTextFromAnother) {
  Tokens tokens = counting(1000);
  const std::uint64_t first = Dataset(tokens, 8, "x").fingerprint();
  EXPECT_EQ(Dataset(tokens, 16, "y").fingerprint(), first);
  std::swap(tokens[5], tokens[6]);
  EXPECT_NE(Dataset(tokens, 8, "x").fingerprint(), first);
  EXPECT_NE(Dataset(counting(1001), 8, "x").fingerprint(), first);
}

class LoadText : public testing::Test {
 protected:
  fs::path write(const std::string& text) {
    write_text_atomically(folder_ / "text", text);
    return folder_ / "text";
  }
  const TestFolder folder_;
};

TEST_F(LoadText, TokenisesAsTheKindSays) {
  const fs::path path = write("abba");
  EXPECT_THAT(all(load_text(path, "char").tokens), ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(all(load_text(path, "byte").tokens), ElementsAre('a', 'b', 'b', 'a'));
  EXPECT_EQ(load_text(path, "byte").path, path);
}

TEST_F(LoadText, KeepsTheTokeniserOfAResumedRun) {
  const LoadedText loaded = load_text(write("abba"), "byte", character_tokeniser("xbay"));
  EXPECT_EQ(loaded.tokeniser->kind(), "char");
  EXPECT_THAT(all(loaded.tokens), ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(error_of([&] { (void)load_text(write("abc"), "char", character_tokeniser("ab")); }),
              HasSubstr("text: offset 2: the vocabulary of 2 characters has no \"c\""));
}

TEST_F(LoadText, NamesTheFileAndTheOffsetOfWhatIsWrong) {
  EXPECT_THAT(error_of([&] { (void)load_text(write("ab\xff"), "char"); }),
              HasSubstr((folder_ / "text: offset 2: the byte 0xff is not UTF-8").string()));
  EXPECT_THAT(error_of([&] { (void)load_text(write(""), "char"); }),
              HasSubstr("text: the text is empty"));
  EXPECT_THAT(error_of([&] { (void)load_text(folder_ / "nothing", "char"); }),
              HasSubstr("nothing: cannot be read: No such file"));
  EXPECT_THAT(error_of([&] { (void)load_text(folder_.path(), "char"); }), HasSubstr("is a folder"));
  EXPECT_THAT(error_of([&] { (void)load_text(write("x"), "word"); }), HasSubstr("\"word\""));
}

TEST_F(LoadText, RefusesWhatIsReadOnlyOnceOrNeverEnds) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  for (const char* kind : {"char", "byte", "gpt2"}) {
    EXPECT_THAT(error_of([&] { (void)load_text("/dev/zero", kind); }),
                HasSubstr("/dev/zero: is a device, but a text is read more than once"));
    // Nobody writes to it, so that opening it as a plain file would wait for ever.
    EXPECT_THAT(error_of([&] { (void)load_text(folder_ / "pipe", kind); }),
                HasSubstr("pipe: is a pipe, but a text is read more than once"));
  }
}

TEST_F(LoadText, GivesTheTokensOfTheWholeTextFromItsParts) {
  // Longer than a part, with characters that its end cuts, and more of them than a byte counts.
  std::string ascii, wide;
  while (ascii.size() < 20'000'000)
    ascii += "It is not down in any map; " + std::to_string(ascii.size());
  while (wide.size() < 20'000'000)
    wide += "\u00e9" + std::to_string(wide.size()) + "\u20ac \U0001F600";
  for (const std::string& text : {ascii, wide}) {
    const fs::path path = write(text);
    for (const char* kind : {"char", "byte"}) {
      std::uint64_t told = 0;
      const LoadedText loaded =
          load_text(path, kind, nullptr, [&](std::uint64_t done, std::uint64_t whole) {
            EXPECT_EQ(whole, text.size());
            told = done;
          });
      EXPECT_EQ(told, text.size());
      const Tokens expected = loaded.tokeniser->encode(text);
      ASSERT_EQ(loaded.tokens.size(), expected.size());
      EXPECT_TRUE(all(loaded.tokens) == expected) << kind;
      EXPECT_EQ(loaded.tokens.hash(), TokenStore(expected).hash());
    }
  }
}

TEST_F(LoadText, NoticesATextThatChangesUnderTheRun) {
  const fs::path path = write(std::string(1000, 'a') + "b");
  const Dataset data(load_text(path, "byte").tokens, 4, "x");
  EXPECT_EQ(data.train_batch(1, 0, 1).inputs.front(), 'a');
  std::ofstream(path, std::ios::app) << "more";
  EXPECT_THAT(error_of([&] { (void)data.train_batch(1, 0, 1); }),
              HasSubstr("text: was written to while it was in use"));
}

TEST_F(LoadText, RefusesATextOfMoreTokensThanItCounts) {
  std::ofstream(folder_ / "long") << "x";
  fs::resize_file(folder_ / "long", 1ULL << 32U);  // a hole: it takes no room
  EXPECT_THAT(error_of([&] { (void)load_text(folder_ / "long", "byte"); }),
              HasSubstr("long: holds more than 2^32 tokens (split the text)"));
}

TEST_F(LoadText, ReadsATokenFileOfLlmC) {
  const fs::path path = folder_ / "train.bin";
  write_llmc_tokens(path, Tokens{15496, 995, 50257});
  EXPECT_THAT(error_of([&] { (void)load_text(path, "char", byte_tokeniser()); }),
              HasSubstr("holds GPT-2's tokens, but the run's tokeniser is \"byte\""));
  try {
    (void)corpus_file("gpt2/encoder.json", "tables");
  } catch (const UserError& error) {
    GTEST_SKIP() << error.what();
  }
  EXPECT_THAT(error_of([&] { (void)load_text(path, "char"); }),
              HasSubstr("train.bin: token number 2 is 50257, outside GPT-2's vocabulary"));
  write_llmc_tokens(path, Tokens{15496, 995});
  const LoadedText loaded = load_text(path, "char");
  EXPECT_EQ(loaded.tokeniser->decode(all(loaded.tokens)), "Hello world");
}

TEST(DefaultCorpus, IsFoundInTheNamedFolderOrSaysHowToFetchIt) {
  const char* before = std::getenv("ISOBAR_CORPORA");
  const std::string kept = before == nullptr ? "" : before;
  const TestFolder folder;
  setenv("ISOBAR_CORPORA", folder.path().c_str(), 1);
  setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
  EXPECT_THAT(error_of([] { (void)default_corpus(); }),
              HasSubstr("/scripts/fetch-corpus " + folder.path().string()));
  write_text_atomically(folder / "moby-dick.txt", "Call me Ishmael.");
  EXPECT_EQ(default_corpus(), folder / "moby-dick.txt");
  fs::create_directories(folder / "isobar" / "corpora");
  fs::rename(folder / "moby-dick.txt", folder / "isobar" / "corpora" / "moby-dick.txt");
  EXPECT_EQ(default_corpus(), folder / "isobar" / "corpora" / "moby-dick.txt");
  unsetenv("XDG_CACHE_HOME");
  if (before == nullptr)
    unsetenv("ISOBAR_CORPORA");
  else
    setenv("ISOBAR_CORPORA", kept.c_str(), 1);
}

}  // namespace
}  // namespace isobar::train
