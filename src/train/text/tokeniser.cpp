#include "train/text/tokeniser.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_map>

#include "base/error.h"
#include "base/text/json_text.h"
#include "base/text/nesting.h"
#include "train/text/utf8.h"

namespace isobar::train {
namespace {

using nlohmann::json;

[[noreturn]] void refuse_bytes(const TextPart& part, std::size_t at) {
  fail(
      "offset {}: the byte 0x{:02x} is not UTF-8, which characters need (convert the text, or use "
      "the byte tokeniser)",
      part.offset + at, static_cast<unsigned>(static_cast<unsigned char>(part.text[at])));
}

constexpr std::size_t kLongestCharacter = 4;  // bytes of UTF-8

/// Calls `visit(code point, place)` for each character of a part and returns the bytes they took: a
/// character that the part's end may cut waits for the next.
template <class Visit>
std::size_t for_each_character(const TextPart& part, const Visit& visit) {
  const std::string_view text = part.text;
  for (std::size_t at = 0; at < text.size();) {
    CodePoint c{static_cast<unsigned char>(text[at]), 1};
    if (c.value >= 0x80) c = code_point_at(text, at);
    if (c.length == 0) {
      if (!part.last && text.size() - at < kLongestCharacter) return at;
      refuse_bytes(part, at);
    }
    visit(c, at);
    at += c.length;
  }
  return text.size();
}

[[noreturn]] void refuse_token(std::int32_t token, std::size_t vocabulary) {
  fail("the token {} is outside the vocabulary of {} (another tokeniser's text?)", token,
       vocabulary);
}

class CharacterTokeniser : public Tokeniser {
 public:
  /// `characters` must be sorted and distinct.
  explicit CharacterTokeniser(const std::u32string& characters) {
    ascii_.fill(-1);
    for (const char32_t c : characters) {
      const auto id = static_cast<std::int32_t>(spelling_.size());
      if (c < 0x80)
        ascii_[c] = id;
      else
        others_.emplace(c, id);
      append_utf8(spelling_.emplace_back(), c);
    }
  }
  [[nodiscard]] std::string kind() const override { return "char"; }
  [[nodiscard]] std::uint32_t vocabulary() const override {
    return static_cast<std::uint32_t>(spelling_.size());
  }
  [[nodiscard]] std::size_t encode_part(const TextPart& part,
                                        std::vector<std::int32_t>& tokens) const override {
    tokens.reserve(tokens.size() + part.text.size());
    return for_each_character(part, [&](const CodePoint& c, std::size_t at) {
      const std::int32_t token = token_of(c.value);
      if (token < 0)
        fail("offset {}: the vocabulary of {} characters has no \"{}\" (U+{:04X})",
             part.offset + at, spelling_.size(), part.text.substr(at, c.length),
             static_cast<std::uint32_t>(c.value));
      tokens.push_back(token);
    });
  }
  [[nodiscard]] std::optional<ByteTokens> byte_tokens() const override {
    if (!others_.empty()) return std::nullopt;
    return ascii_;
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
  /// Below 0 for a character that is not in the vocabulary.
  [[nodiscard]] std::int32_t token_of(char32_t c) const {
    if (c < 0x80) return ascii_[c];
    const auto found = others_.find(c);
    return found == others_.end() ? -1 : found->second;
  }

  std::vector<std::string> spelling_;  // of each token, UTF-8
  ByteTokens ascii_{};                 // tokens of ASCII; below 0 from 0x80 on
  std::unordered_map<char32_t, std::int32_t> others_;
};

class ByteTokeniser : public Tokeniser {
 public:
  [[nodiscard]] std::string kind() const override { return "byte"; }
  [[nodiscard]] std::uint32_t vocabulary() const override { return 256; }
  [[nodiscard]] std::size_t encode_part(const TextPart& part,
                                        std::vector<std::int32_t>& tokens) const override {
    tokens.reserve(tokens.size() + part.text.size());
    for (const char c : part.text) tokens.push_back(static_cast<unsigned char>(c));
    return part.text.size();
  }
  [[nodiscard]] std::optional<ByteTokens> byte_tokens() const override {
    ByteTokens tokens;
    std::iota(tokens.begin(), tokens.end(), 0);
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

std::vector<std::int32_t> Tokeniser::encode(std::string_view text) const {
  std::vector<std::int32_t> tokens;
  (void)encode_part({.text = text}, tokens);
  return tokens;
}

std::size_t CharacterCollector::add(const TextPart& part) {
  return for_each_character(part, [&](const CodePoint& c, std::size_t) { seen_[c.value] = true; });
}

std::unique_ptr<Tokeniser> CharacterCollector::tokeniser() const {
  std::u32string characters;
  for (char32_t c = 0; c < seen_.size(); ++c)
    if (seen_[c]) characters += c;
  if (characters.empty())
    fail("the text is empty, so it has no characters to make a vocabulary of");
  return std::make_unique<CharacterTokeniser>(characters);
}

std::unique_ptr<Tokeniser> character_tokeniser(std::string_view text) {
  CharacterCollector collector;
  (void)collector.add({.text = text});
  return collector.tokeniser();
}

std::unique_ptr<Tokeniser> byte_tokeniser() { return std::make_unique<ByteTokeniser>(); }

std::unique_ptr<Tokeniser> make_tokeniser(const std::string& kind) {
  if (kind == "byte") return byte_tokeniser();
  if (kind == "gpt2") return gpt2_tokeniser();
  fail("there is no tokeniser \"{}\" ({})", kind, kKinds);
}

std::unique_ptr<Tokeniser> tokeniser_from(std::string_view description, const std::string& where) {
  check_json_nesting(description, where);
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
