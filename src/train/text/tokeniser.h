// Text to token ids and back: characters, bytes, or GPT-2's byte-pair encoding.
//
// A tokeniser is written into every checkpoint (`describe`) and comes back from there
// (`tokeniser_from`), so that a run can be sampled and resumed without its corpus.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "train/text/text_file.h"
#include "train/text/token_store.h"

namespace isobar::train {

class Tokeniser {
 public:
  virtual ~Tokeniser() = default;
  /// "char", "byte" or "gpt2".
  [[nodiscard]] virtual std::string kind() const = 0;
  [[nodiscard]] virtual std::uint32_t vocabulary() const = 0;
  /// Appends the tokens of a part of a text and says how many bytes they are of: all of them if it
  /// is the last part. The others have to come again with what follows them, since a character or a
  /// word may go on there. The parts of a text give the tokens of the whole. Throws UserError with
  /// the offset of a character that the vocabulary does not have, and of bytes that are not UTF-8
  /// (char only).
  [[nodiscard]] virtual std::size_t encode_part(const TextPart& part,
                                                std::vector<std::int32_t>& tokens) const = 0;
  /// A whole text at once.
  [[nodiscard]] std::vector<std::int32_t> encode(std::string_view text) const;
  /// The token of each byte, if every token is one byte.
  [[nodiscard]] virtual std::optional<ByteTokens> byte_tokens() const { return std::nullopt; }
  /// Never throws for ids within the vocabulary; what is not UTF-8 stays as bytes.
  [[nodiscard]] virtual std::string decode(std::span<const std::int32_t> tokens) const = 0;
  /// One line of JSON from which tokeniser_from makes an equal one.
  [[nodiscard]] virtual std::string describe() const = 0;
};

/// Collects the distinct characters of a text that comes in parts.
class CharacterCollector {
 public:
  /// As Tokeniser::encode_part. Throws UserError if the text is not UTF-8, naming the offset.
  [[nodiscard]] std::size_t add(const TextPart& part);
  /// Throws UserError if there was no character.
  [[nodiscard]] std::unique_ptr<Tokeniser> tokeniser() const;

 private:
  std::vector<bool> seen_ = std::vector<bool>(0x110000);
};

/// The distinct characters (Unicode code points) of `text`, sorted, as nanoGPT's prepare.py has
/// them. Throws UserError if the text is empty or not UTF-8, naming the offset.
[[nodiscard]] std::unique_ptr<Tokeniser> character_tokeniser(std::string_view text);
[[nodiscard]] std::unique_ptr<Tokeniser> byte_tokeniser();
/// Radford et al. 2019, section 2.2. Reads encoder.json and vocab.bpe from `folder` (empty: where
/// scripts/fetch-corpus puts them). Throws UserError saying how to fetch them.
[[nodiscard]] std::unique_ptr<Tokeniser> gpt2_tokeniser(const std::filesystem::path& folder = {});
/// By kind: "byte" or "gpt2" (a character vocabulary is made from a text).
[[nodiscard]] std::unique_ptr<Tokeniser> make_tokeniser(const std::string& kind);
/// From what describe() gave. Throws UserError naming `where` if it is not that.
[[nodiscard]] std::unique_ptr<Tokeniser> tokeniser_from(std::string_view description,
                                                        const std::string& where);

}  // namespace isobar::train
