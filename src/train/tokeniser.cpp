#include "train/tokeniser.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/error.h"
#include "base/json_text.h"
#include "train/utf8.h"

namespace isobar::train {
namespace {

using nlohmann::json;

[[noreturn]] void refuse_bytes(std::string_view text, std::size_t offset) {
  fail(
      "offset {}: the byte 0x{:02x} is not UTF-8, which characters need (convert the text, or use "
      "the byte tokeniser)",
      offset, static_cast<unsigned>(static_cast<unsigned char>(text[offset])));
}

[[noreturn]] void refuse_token(std::int32_t token, std::size_t vocabulary) {
  fail("the token {} is outside the vocabulary of {} (another tokeniser's text?)", token,
       vocabulary);
}

class CharacterTokeniser : public Tokeniser {
 public:
  /// `characters` must be sorted and distinct.
  explicit CharacterTokeniser(const std::u32string& characters) {
    for (const char32_t c : characters) {
      ids_.emplace(c, static_cast<std::int32_t>(spelling_.size()));
      append_utf8(spelling_.emplace_back(), c);
    }
  }
  [[nodiscard]] std::string kind() const override { return "char"; }
  [[nodiscard]] std::uint32_t vocabulary() const override {
    return static_cast<std::uint32_t>(spelling_.size());
  }
  [[nodiscard]] std::vector<std::int32_t> encode(std::string_view text) const override {
    std::vector<std::int32_t> tokens;
    tokens.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
      const CodePoint c = code_point_at(text, at);
      if (c.length == 0) refuse_bytes(text, at);
      const auto found = ids_.find(c.value);
      if (found == ids_.end())
        fail("offset {}: the vocabulary of {} characters has no \"{}\" (U+{:04X})", at,
             spelling_.size(), text.substr(at, c.length), static_cast<std::uint32_t>(c.value));
      tokens.push_back(found->second);
      at += c.length;
    }
    return tokens;
  }
  [[nodiscard]] std::string decode(std::span<const std::int32_t> tokens) const override {
    std::string text;
    for (const std::int32_t token : tokens) {
      if (token < 0 || static_cast<std::size_t>(token) >= spelling_.size())
        refuse_token(token, spelling_.size());
      text += spelling_[static_cast<std::size_t>(token)];
    }
    return text;
  }
  [[nodiscard]] std::string describe() const override {
    std::string characters;
    for (const std::string& c : spelling_) characters += c;
    return json_text(json{{"kind", "char"}, {"characters", characters}});
  }

 private:
  std::vector<std::string> spelling_;  // of each token, UTF-8
  std::unordered_map<char32_t, std::int32_t> ids_;
};

class ByteTokeniser : public Tokeniser {
 public:
  [[nodiscard]] std::string kind() const override { return "byte"; }
  [[nodiscard]] std::uint32_t vocabulary() const override { return 256; }
  [[nodiscard]] std::vector<std::int32_t> encode(std::string_view text) const override {
    std::vector<std::int32_t> tokens(text.size());
    std::ranges::transform(text, tokens.begin(),
                           [](char c) { return static_cast<unsigned char>(c); });
    return tokens;
  }
  [[nodiscard]] std::string decode(std::span<const std::int32_t> tokens) const override {
    std::string text;
    for (const std::int32_t token : tokens) {
      if (token < 0 || token > 255) refuse_token(token, 256);
      text += static_cast<char>(token);
    }
    return text;
  }
  [[nodiscard]] std::string describe() const override { return R"({"kind":"byte"})"; }
};

constexpr const char* kKinds = "choose one of: char, byte, gpt2";

/// The characters of a description must be what describe() writes: sorted, each once.
std::unique_ptr<Tokeniser> described_characters(const json& description, const std::string& where) {
  const auto member = description.find("characters");
  if (member == description.end() || !member->is_string())
    fail("{}: the tokeniser's \"characters\" are missing, or not a text", where);
  const auto& spelled = member->get_ref<const std::string&>();
  std::u32string characters;
  for (std::size_t at = 0; at < spelled.size();) {
    const CodePoint c = code_point_at(spelled, at);
    if (c.length == 0 || (!characters.empty() && c.value <= characters.back()))
      fail("{}: the tokeniser's \"characters\" are not sorted and distinct at offset {}", where,
           at);
    characters += c.value;
    at += c.length;
  }
  if (characters.empty()) fail("{}: the tokeniser's \"characters\" are empty", where);
  return std::make_unique<CharacterTokeniser>(characters);
}

}  // namespace

std::unique_ptr<Tokeniser> character_tokeniser(std::string_view text) {
  if (text.empty()) fail("the text is empty, so it has no characters to make a vocabulary of");
  std::u32string characters;
  std::vector<bool> seen(0x110000);
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    if (c.length == 0) refuse_bytes(text, at);
    if (!seen[c.value]) characters += c.value;
    seen[c.value] = true;
    at += c.length;
  }
  std::ranges::sort(characters);
  return std::make_unique<CharacterTokeniser>(characters);
}

std::unique_ptr<Tokeniser> byte_tokeniser() { return std::make_unique<ByteTokeniser>(); }

std::unique_ptr<Tokeniser> make_tokeniser(const std::string& kind, std::string_view text) {
  if (kind == "char") return character_tokeniser(text);
  if (kind == "byte") return byte_tokeniser();
  if (kind == "gpt2") return gpt2_tokeniser();
  fail("there is no tokeniser \"{}\" ({})", kind, kKinds);
}

std::unique_ptr<Tokeniser> tokeniser_from(std::string_view description, const std::string& where) {
  const json parsed = json::parse(description, nullptr, false);
  if (!parsed.is_object()) fail("{}: the tokeniser's description is not a JSON object", where);
  const auto member = parsed.find("kind");
  if (member == parsed.end() || !member->is_string())
    fail("{}: the tokeniser's description names no kind ({})", where, kKinds);
  const auto& kind = member->get_ref<const std::string&>();
  if (kind == "char") return described_characters(parsed, where);
  if (kind == "byte") return byte_tokeniser();
  if (kind == "gpt2") return gpt2_tokeniser();
  fail("{}: there is no tokeniser \"{}\" ({})", where, kind, kKinds);
}

}  // namespace isobar::train
