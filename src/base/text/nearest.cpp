#include "base/text/nearest.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace isobar {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Edits from a to b. Optimal string alignment: no letter is edited twice.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

constexpr std::size_t kLongestWord = 256;  // longer ones are no misspelt names
constexpr std::size_t kFar = 1000;

/// Containment counts as near, but never as nearer than a slip of one letter.
std::size_t away(const std::string& word, const std::string& name) {
  const std::size_t edits = distance(word, name);
  if (edits <= std::max<std::size_t>(1, word.size() / 3)) return edits;
  const bool inside = word.size() >= 3 && name.find(word) != std::string::npos;
  const bool around = name.size() >= 3 && word.starts_with(name);
  return inside || around ? std::max<std::size_t>(edits, 2) : kFar;
}

}  // namespace

std::string plain_name(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool point =
        c == '.' && i > 0 && i + 1 < name.size() && is_digit(name[i - 1]) && is_digit(name[i + 1]);
    if (c >= 'A' && c <= 'Z')
      plain += static_cast<char>(c - 'A' + 'a');
    else if ((c >= 'a' && c <= 'z') || is_digit(c) || point)
      plain += c;
  }
  return plain;
}

std::vector<std::string> nearest_names(std::string_view word, std::span<const std::string> names,
                                       std::size_t most) {
  if (word.size() > kLongestWord) return {};
  const std::string plain = plain_name(word);
  std::vector<std::pair<std::size_t, std::size_t>> found;
  if (plain.empty()) return {};
  for (std::size_t i = 0; i < names.size(); ++i)
    if (const std::size_t edits = away(plain, plain_name(names[i])); edits < kFar)
      found.emplace_back(edits, i);
  // By edits, then by the given order: the second of each pair.
  std::ranges::sort(found);
  std::vector<std::string> nearest;
  for (const auto& [edits, index] : found)
    if (nearest.size() < most) nearest.push_back(names[index]);
  return nearest;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> names) {
  const std::vector<std::string> nearest = nearest_names(word, names);
  std::string list;
  for (std::size_t i = 0; i < nearest.size(); ++i)
    list += (i == 0 ? "" : i + 1 == nearest.size() ? " or " : ", ") + nearest[i];
  return list.empty() ? "" : "did you mean " + list + "?";
}

}  // namespace isobar
