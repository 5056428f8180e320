// The tokens a run trains on and the batches it draws: nine tenths train, one tenth validates, as
// nanoGPT splits its text. Batches are windows at random places, drawn with a counter-based
// generator (Philox 4x32-10: Salmon et al., SC 2011), so the data position of a checkpoint is one
// number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "train/text/text_file.h"
#include "train/text/token_store.h"
#include "train/text/tokeniser.h"

namespace isobar::train {

struct Batch {
  std::vector<std::int32_t> inputs, targets;  // (sequences, context), row-major
};

class Dataset {
 public:
  /// Throws UserError if either part is shorter than context + 1 tokens.
  Dataset(TokenStore tokens, std::uint32_t context, const std::string& where);
  Dataset(const std::vector<std::int32_t>& tokens, std::uint32_t context, const std::string& where)
      : Dataset(TokenStore(tokens), context, where) {}

  /// Batch number `index` of the seed: a pure function of both. Throws UserError, as
  /// validation_batch does, if the text on disk is no longer the one it was.
  [[nodiscard]] Batch train_batch(std::uint64_t seed, std::uint64_t index,
                                  std::uint32_t sequences) const;
  /// Batch `index` of `count` of the validation part: windows spread evenly over all of it, the
  /// same at each evaluation.
  [[nodiscard]] Batch validation_batch(std::uint32_t index, std::uint32_t count,
                                       std::uint32_t sequences) const;
  [[nodiscard]] std::size_t train_tokens() const { return split_; }
  [[nodiscard]] std::size_t validation_tokens() const { return tokens_.size() - split_; }
  /// A hash of all tokens, so that a resumed run notices another text.
  [[nodiscard]] std::uint64_t fingerprint() const { return tokens_.hash(); }

 private:
  void append_window(Batch& batch, std::uint64_t start) const;

  TokenStore tokens_;
  std::uint64_t split_ = 0;  // where validation begins
  std::uint32_t context_;
};

struct LoadedText {
  std::unique_ptr<Tokeniser> tokeniser;
  TokenStore tokens;
  std::filesystem::path path;
};

/// Reads a UTF-8 text and tokenises it as `kind` says, or an llm.c token file (.bin), whose
/// tokeniser is GPT-2's. `existing` (may be null) is the tokeniser of a run that is resumed. The
/// text is read in parts, once or (for a vocabulary of its characters) twice, and memory stays
/// below 200 MB whatever its length. Throws UserError naming the file and offset of what is wrong.
[[nodiscard]] LoadedText load_text(const std::filesystem::path& path, const std::string& kind,
                                   std::unique_ptr<Tokeniser> existing = nullptr,
                                   const ReadingProgress& progress = {});
/// Where scripts/fetch-corpus puts Moby Dick. Throws UserError saying how to fetch it.
[[nodiscard]] std::filesystem::path default_corpus();

}  // namespace isobar::train
