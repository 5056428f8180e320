// The two steps of GPT-2's byte-pair encoding, apart from its tables' files: splitting a text into
// words, and merging a word's bytes into tokens.
// Reference: Radford et al. 2019, section 2.2; Sennrich et al. 2016 for the merges.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "train/text/text_file.h"

namespace isobar::train {

/// No word is longer, in bytes: it is merged in one piece, in memory.
inline constexpr std::size_t kLongestWord = std::size_t{1} << 20U;

/// Splits as GPT-2's pattern does and calls `word` for each piece; the pieces together are the
/// text. Bytes that are not UTF-8 are pieces of their own. Returns the bytes that were split: all
/// of them if the part is the last, else those that what follows cannot split in another way.
/// Throws UserError with the offset of a longer word.
std::size_t split_gpt2_words(const TextPart& part,
                             const std::function<void(std::string_view)>& word);

/// GPT-2 writes bytes as printable code points: entry b is the one that stands for byte b.
[[nodiscard]] const std::array<char32_t, 256>& gpt2_byte_characters();

/// Pairs of tokens that become one, the earlier learned first.
class MergeTable {
 public:
  void add(std::int32_t left, std::int32_t right, std::int32_t merged);
  /// Merges in place until no pair of neighbours is in the table: O(n log n).
  void merge(std::vector<std::int32_t>& tokens) const;
  [[nodiscard]] std::size_t size() const { return merges_.size(); }

 private:
  struct Merge {
    std::uint32_t rank;
    std::int32_t merged;
  };
  [[nodiscard]] const Merge* find(std::int32_t left, std::int32_t right) const;
  std::unordered_map<std::uint64_t, Merge> merges_;  // by both tokens; never iterated
};

}  // namespace isobar::train
