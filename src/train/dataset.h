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

#include "train/tokeniser.h"

namespace isobar::train {

struct Batch {
  std::vector<std::int32_t> inputs, targets;  // (sequences, context), row-major
};

class Dataset {
 public:
  /// Throws UserError if either part is shorter than context + 1 tokens.
  Dataset(std::vector<std::int32_t> tokens, std::uint32_t context, const std::string& where);

  /// Batch number `index` of the seed: a pure function of both.
  [[nodiscard]] Batch train_batch(std::uint64_t seed, std::uint64_t index,
                                  std::uint32_t sequences) const;
  /// Batch `index` of `count` of the validation part: windows spread evenly over all of it, the
  /// same at each evaluation.
  [[nodiscard]] Batch validation_batch(std::uint32_t index, std::uint32_t count,
                                       std::uint32_t sequences) const;
  [[nodiscard]] std::size_t train_tokens() const { return train_.size(); }
  [[nodiscard]] std::size_t validation_tokens() const { return validation_.size(); }
  /// A hash of all tokens, so that a resumed run notices another text.
  [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  std::vector<std::int32_t> train_, validation_;
  std::uint32_t context_;
  std::uint64_t fingerprint_ = 0;
};

struct LoadedText {
  std::unique_ptr<Tokeniser> tokeniser;
  std::vector<std::int32_t> tokens;
  std::filesystem::path path;
};

/// Reads a UTF-8 text and tokenises it as `kind` says, or an llm.c token file (.bin), whose
/// tokeniser is GPT-2's. `existing` (may be null) is the tokeniser of a run that is resumed.
/// Throws UserError naming the file and offset of what is wrong.
[[nodiscard]] LoadedText load_text(const std::filesystem::path& path, const std::string& kind,
                                   std::unique_ptr<Tokeniser> existing = nullptr);
/// Where scripts/fetch-corpus puts Moby Dick. Throws UserError saying how to fetch it.
[[nodiscard]] std::filesystem::path default_corpus();

}  // namespace isobar::train
