#include "train/format/llmc_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/file/file.h"
#include "train/testing/test_folder.h"

namespace isobar::train {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using Bytes = std::vector<std::byte>;
using Tokens = std::vector<std::int32_t>;

class LlmcFormat : public testing::Test {
 protected:
  const TestFolder folder_;
};

Bytes header_of(std::initializer_list<std::int32_t> start) {
  Bytes bytes(1024);
  if (start.size() != 0) std::memcpy(bytes.data(), std::data(start), start.size() * 4);
  return bytes;
}

TEST_F(LlmcFormat, TokensAreAHeaderOf1024BytesAndThen16BitsEach) {
  const fs::path path = folder_ / "t.bin";
  write_llmc_tokens(path, Tokens{1, 50256, 65535});
  Bytes expected = header_of({20240520, 1, 3});
  for (const int byte : {1, 0, 0x50, 0xC4, 0xFF, 0xFF})
    expected.push_back(static_cast<std::byte>(byte));
  EXPECT_EQ(isobar::read_file(path), expected);
  EXPECT_THAT(read_llmc_tokens(path), ElementsAre(1, 50256, 65535));
  EXPECT_TRUE(is_llmc_tokens(TextFile(path)));
  write_text_atomically(folder_ / "text", "It is a text.");
  EXPECT_FALSE(is_llmc_tokens(TextFile(folder_ / "text")));
  EXPECT_THAT(error_of([&] { write_llmc_tokens(path, Tokens{0, 65536}); }),
              HasSubstr("t.bin: token number 1 is 65536"));
  EXPECT_THAT(error_of([&] { write_llmc_tokens(path, Tokens{-1}); }), HasSubstr("16 bits"));
  EXPECT_EQ(isobar::read_file(path), expected) << "a refused write leaves the old file";
}

TEST_F(LlmcFormat, RefusesOtherTokenFiles) {
  const auto error = [](Bytes bytes, std::size_t data) {
    bytes.resize(bytes.size() + data);
    return error_of([&] { (void)parse_llmc_tokens(bytes, "FILE"); });
  };
  EXPECT_EQ(error(header_of({20240520, 1, 2}), 4), "no error");
  EXPECT_THAT(error(Bytes(1023), 0), HasSubstr("FILE: 1023 bytes are too few"));
  EXPECT_THAT(error(header_of({7, 1, 2}), 4), HasSubstr("it starts with 7"));
  EXPECT_THAT(error(header_of({20240801, 7, 2}), 8), HasSubstr("Llama 3's tokens"));
  EXPECT_THAT(error(header_of({20240520, 2, 2}), 4), HasSubstr("version 2"));
  EXPECT_THAT(error(header_of({20240520, 1, 2}), 3), HasSubstr("2 tokens, but 3 bytes"));
  EXPECT_THAT(error(header_of({20240520, 1, 2}), 6), HasSubstr("2 tokens, but 6 bytes"));
  EXPECT_THAT(error(header_of({20240520, 1, -1}), 4), HasSubstr("-1 tokens"));
}

// Two layers of width 2, one head, context 3, vocabulary 5 padded to 128; a file whose numbers
// count 0, 1, 2, ... The sizes are those of write_tensors in llm.c's train_gpt2.py.
constexpr std::array<std::int32_t, 8> kSmall{20240326, 3, 3, 5, 2, 1, 2, 128};
constexpr std::size_t kSmallElements = (128 + 3) * 2 + 2 * (4 * 2 + 12 * 4 + 9 * 2) + 2 * 2;

Bytes small_file() {
  Bytes bytes = header_of({});
  std::memcpy(bytes.data(), kSmall.data(), sizeof(kSmall));
  for (std::size_t i = 0; i < kSmallElements; ++i) {
    const auto number = std::bit_cast<std::array<std::byte, 4>>(static_cast<float>(i));
    bytes.insert(bytes.end(), number.begin(), number.end());
  }
  return bytes;
}

TEST_F(LlmcFormat, CheckpointsKeepAllLayersOfOneKindTogether) {
  const LlmcCheckpoint checkpoint = parse_llmc_checkpoint(small_file(), "FILE");
  EXPECT_EQ(checkpoint.shape.context, 3U);
  EXPECT_EQ(checkpoint.shape.vocabulary, 5U);
  EXPECT_EQ(checkpoint.shape.layers, 2U);
  EXPECT_EQ(checkpoint.shape.heads, 1U);
  EXPECT_EQ(checkpoint.shape.width, 2U);
  EXPECT_TRUE(checkpoint.shape.bias);
  EXPECT_TRUE(checkpoint.shape.tied_embeddings);
  EXPECT_EQ(checkpoint.shape.gelu, model::Gelu::kTanh);
  // Where each tensor starts, counted by hand in floats from the end of the header.
  const std::map<std::string, std::pair<float, std::size_t>> places{
      {"wte.weight", {0.0F, 10}},
      {"wpe.weight", {256.0F, 6}},
      {"h.0.ln_1.weight", {262.0F, 2}},
      {"h.1.ln_1.weight", {264.0F, 2}},
      {"h.0.ln_1.bias", {266.0F, 2}},
      {"h.1.ln_1.bias", {268.0F, 2}},
      {"h.0.attn.c_attn.weight", {270.0F, 12}},
      {"h.1.attn.c_attn.weight", {282.0F, 12}},
      {"h.0.attn.c_attn.bias", {294.0F, 6}},
      {"h.1.attn.c_attn.bias", {300.0F, 6}},
      {"h.0.attn.c_proj.weight", {306.0F, 4}},
      {"h.1.attn.c_proj.weight", {310.0F, 4}},
      {"h.0.attn.c_proj.bias", {314.0F, 2}},
      {"h.1.attn.c_proj.bias", {316.0F, 2}},
      {"h.0.ln_2.weight", {318.0F, 2}},
      {"h.1.ln_2.weight", {320.0F, 2}},
      {"h.0.ln_2.bias", {322.0F, 2}},
      {"h.1.ln_2.bias", {324.0F, 2}},
      {"h.0.mlp.c_fc.weight", {326.0F, 16}},
      {"h.1.mlp.c_fc.weight", {342.0F, 16}},
      {"h.0.mlp.c_fc.bias", {358.0F, 8}},
      {"h.1.mlp.c_fc.bias", {366.0F, 8}},
      {"h.0.mlp.c_proj.weight", {374.0F, 16}},
      {"h.1.mlp.c_proj.weight", {390.0F, 16}},
      {"h.0.mlp.c_proj.bias", {406.0F, 2}},
      {"h.1.mlp.c_proj.bias", {408.0F, 2}},
      {"ln_f.weight", {410.0F, 2}},
      {"ln_f.bias", {412.0F, 2}}};
  EXPECT_EQ(checkpoint.weights.size(), places.size());
  for (const auto& [name, place] : places) {
    const std::vector<float>& values = checkpoint.weights.at(name);
    ASSERT_EQ(values.size(), place.second) << name;
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(values[i], place.first + static_cast<float>(i)) << name;
  }
}

TEST_F(LlmcFormat, CheckpointsComeBackAndPadTheVocabularyWithZeros) {
  const LlmcCheckpoint checkpoint = parse_llmc_checkpoint(small_file(), "FILE");
  write_llmc_checkpoint(folder_ / "m.bin", checkpoint);
  Bytes expected = small_file();
  std::fill_n(expected.begin() + 1024 + 40, 984, std::byte{0});  // 123 rows of 2 floats
  EXPECT_EQ(isobar::read_file(folder_ / "m.bin"), expected);
  const LlmcCheckpoint back = read_llmc_checkpoint(folder_ / "m.bin");
  EXPECT_EQ(back.shape, checkpoint.shape);
  EXPECT_EQ(back.weights, checkpoint.weights);
}

TEST_F(LlmcFormat, Bfloat16IsTheUpperHalfOfEachNumber) {
  const Bytes wide = small_file();
  Bytes narrow(wide.begin(), wide.begin() + 1024);
  narrow[4] = std::byte{5};
  for (std::size_t at = 1024; at < wide.size(); at += 4)
    narrow.insert(narrow.end(), {wide[at + 2], wide[at + 3]});
  const LlmcCheckpoint checkpoint = parse_llmc_checkpoint(narrow, "FILE");
  EXPECT_EQ(checkpoint.weights.at("wte.weight")[3], 3.0F);
  EXPECT_EQ(checkpoint.weights.at("wpe.weight")[1], 256.0F);  // 257 has no bfloat16
  EXPECT_EQ(checkpoint.weights.at("ln_f.bias")[0], 412.0F);
}

TEST_F(LlmcFormat, RefusesOtherCheckpoints) {
  const auto with = [](std::size_t word, std::int32_t value) {
    Bytes bytes = small_file();
    std::memcpy(bytes.data() + 4 * word, &value, 4);
    return error_of([&] { (void)parse_llmc_checkpoint(bytes, "FILE"); });
  };
  EXPECT_EQ(with(0, 20240326), "no error");
  EXPECT_THAT(with(0, 1), HasSubstr("FILE: it starts with 1"));
  EXPECT_THAT(with(1, 4), HasSubstr("version 4"));
  EXPECT_THAT(with(2, 0), HasSubstr("gives 0 as the context"));
  EXPECT_THAT(with(4, -2), HasSubstr("gives -2 as the layers"));
  EXPECT_THAT(with(3, 129), HasSubstr("vocabulary of 129 is padded to 128"));
  EXPECT_THAT(with(5, 3), HasSubstr("width is 2, but 3 heads"));
  for (const std::size_t word : {2U, 4U, 6U, 7U})
    for (const std::int32_t value : {7, 1 << 20, 0x7FFFFFFF})
      if (word != 7 || value >= 5)
        EXPECT_THAT(with(word, value), HasSubstr("FILE: its header's shape needs")) << word;
  const Bytes bytes = small_file();
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1023}, std::size_t{1024}, bytes.size() - 1})
    EXPECT_THAT(
        error_of([&] { (void)parse_llmc_checkpoint(std::span(bytes).first(size), "FILE"); }),
        HasSubstr("cut short?"));
}

TEST_F(LlmcFormat, RefusesToWriteWhatTheFormatCannotSay) {
  const LlmcCheckpoint good = parse_llmc_checkpoint(small_file(), "FILE");
  const auto error = [&](const auto& change) {
    LlmcCheckpoint checkpoint = good;
    change(checkpoint);
    return error_of([&] { write_llmc_checkpoint(folder_ / "m.bin", checkpoint); });
  };
  EXPECT_THAT(error([](auto& c) { c.shape.bias = false; }), HasSubstr("tanh GELU only"));
  EXPECT_THAT(error([](auto& c) { c.shape.tied_embeddings = false; }), HasSubstr("tied"));
  EXPECT_THAT(error([](auto& c) { c.shape.gelu = model::Gelu::kExact; }), HasSubstr("tanh"));
  EXPECT_THAT(error([](auto& c) { c.shape.vocabulary = 0; }), HasSubstr("no vocabulary"));
  EXPECT_THAT(error([](auto& c) { c.weights.erase("h.1.ln_2.bias"); }),
              HasSubstr("\"h.1.ln_2.bias\" is missing"));
  EXPECT_THAT(error([](auto& c) { c.weights["ln_f.bias"].push_back(1); }),
              HasSubstr("has not 2 elements"));
  EXPECT_FALSE(fs::exists(folder_ / "m.bin"));
}

}  // namespace
}  // namespace isobar::train
