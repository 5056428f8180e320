// What somebody meant who wrote a name not quite right: names compared without regard to case and
// separators, and the nearest ones by edit distance (Damerau and Levenshtein: a letter too many,
// too few, another one, or two swapped), for error messages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace isobar {

/// Lower-case letters and digits, and the points between digits: "ISOBAR_1" and "isobar-1" are one
/// name, "17b" and "1.7b" are two.
[[nodiscard]] std::string plain_name(std::string_view name);

/// Up to `most` of `names`, nearest first, ties in the given order: those no more than a third of
/// the word's length away, and those that begin as the word does or contain it.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view word,
                                                     std::span<const std::string> names,
                                                     std::size_t most = 3);

/// "did you mean a, b or c?"; empty where nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> names);

}  // namespace isobar
