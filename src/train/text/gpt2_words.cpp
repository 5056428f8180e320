// GPT-2's pre-tokenisation: the regular expression it was published with, run by PCRE2. White space
// is spelled out, as the White_Space property of Unicode: PCRE2's own \s has U+180E besides.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <memory>

#include "base/error.h"
#include "train/text/gpt2_tokeniser.h"
#include "train/text/utf8.h"

namespace isobar::train {
namespace {

#define ISOBAR_WHITE_SPACE                         \
  R"(\t-\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a})" \
  R"(\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})"
constexpr std::string_view kPattern =
    "'s|'t|'re|'ve|'m|'ll|'d"                     // contractions
    R"(| ?\p{L}+| ?\p{N}+)"                       // letters; numbers
    "| ?[^" ISOBAR_WHITE_SPACE R"(\p{L}\p{N}]+)"  // everything else but space
    "|[" ISOBAR_WHITE_SPACE "]+(?![^" ISOBAR_WHITE_SPACE
    "])"  // space, its last left to a word
    "|[" ISOBAR_WHITE_SPACE "]+";
#undef ISOBAR_WHITE_SPACE

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeMatch {
  void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
};

const pcre2_code* pattern() {
  static const std::unique_ptr<pcre2_code, FreeCode> code = [] {
    int error = 0;
    PCRE2_SIZE offset = 0;
    std::unique_ptr<pcre2_code, FreeCode> compiled(
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(kPattern.data()), kPattern.size(),
                      PCRE2_UTF | PCRE2_ANCHORED, &error, &offset, nullptr));
    if (compiled == nullptr) fail("PCRE2 refuses GPT-2's pattern: error {} at {}", error, offset);
    // Where the system forbids generated code the interpreter answers the same, more slowly.
    (void)pcre2_jit_compile(compiled.get(), PCRE2_JIT_COMPLETE);
    return compiled;
  }();
  return code.get();
}

/// What may decide about a word after its last byte: the character there, or the rest of "'re".
constexpr std::size_t kSeenAhead = 8;
constexpr std::size_t kLongestCharacter = 4;

/// Splits a part of a text at a time.
struct Splitter {
  const TextPart& part;
  const std::function<void(std::string_view)>& word;
  pcre2_match_data* match;

  void put(std::size_t begin, std::size_t end) const {
    check_length(begin, end);
    word(part.text.substr(begin, end - begin));
  }
  void check_length(std::size_t begin, std::size_t end) const {
    if (end - begin <= kLongestWord) return;
    fail(
        "offset {}: there is no place to split for more than {} bytes, but GPT-2's tokeniser works "
        "on words (the byte tokeniser takes anything)",
        part.offset + begin, kLongestWord);
  }

  /// Splits [at, end), which must be well-formed UTF-8 (PCRE2 is told not to check it again at each
  /// word), and returns how far. What follows `end` is no character; if it is `open`, that is not
  /// certain, and words near it are left.
  [[nodiscard]] std::size_t split_well_formed(std::size_t at, std::size_t end, bool open) const {
    while (at < end) {
      const int found = pcre2_match(pattern(), reinterpret_cast<PCRE2_SPTR>(part.text.data()), end,
                                    at, PCRE2_NO_UTF_CHECK, match, nullptr);
      // Some alternative takes every character, so only a limit of the library ends here.
      if (found < 0)
        fail("offset {}: the text cannot be split into words: PCRE2 answers {}", part.offset + at,
             found);
      const std::size_t next = pcre2_get_ovector_pointer(match)[1];
      if (open && next + kSeenAhead > end) {
        check_length(at, next);
        return at;
      }
      put(at, next);
      at = next;
    }
    return at;
  }

  /// Whether the bytes from `at` on may yet begin a character, with what follows the part.
  [[nodiscard]] bool may_go_on(std::size_t at) const {
    return !part.last && part.text.size() - at < kLongestCharacter;
  }

  [[nodiscard]] std::size_t split() const {
    const std::size_t size = part.text.size();
    for (std::size_t at = 0; at < size;) {
      const std::size_t malformed = first_malformed(part.text, at);
      at = split_well_formed(at, malformed, may_go_on(malformed));
      if (at < malformed) return at;
      std::size_t end = malformed;
      while (end < size && code_point_at(part.text, end).length == 0) {
        if (may_go_on(end)) {
          check_length(malformed, end);
          return malformed;
        }
        ++end;
      }
      if (end > malformed) put(malformed, end);
      at = end;
    }
    return size;
  }
};

}  // namespace

std::size_t split_gpt2_words(const TextPart& part,
                             const std::function<void(std::string_view)>& word) {
  const std::unique_ptr<pcre2_match_data, FreeMatch> match(
      pcre2_match_data_create_from_pattern(pattern(), nullptr));
  if (match == nullptr) throw std::bad_alloc();
  return Splitter{part, word, match.get()}.split();
}

}  // namespace isobar::train
