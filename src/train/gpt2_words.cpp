// GPT-2's pre-tokenisation: the regular expression it was published with, run by PCRE2. White space
// is spelled out, as the White_Space property of Unicode: PCRE2's own \s has U+180E besides.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <memory>

#include "base/error.h"
#include "train/gpt2_tokeniser.h"
#include "train/utf8.h"

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

/// `text` must be well-formed UTF-8: PCRE2 is told not to check it again at each word.
void split_well_formed(std::string_view text, pcre2_match_data* match,
                       const std::function<void(std::string_view)>& word) {
  for (std::size_t at = 0; at < text.size();) {
    const int found = pcre2_match(pattern(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                  at, PCRE2_NO_UTF_CHECK, match, nullptr);
    // Some alternative takes every character, so only a limit of the library ends here.
    if (found < 0) fail("the text cannot be split into words: PCRE2 answers {}", found);
    const std::size_t end = pcre2_get_ovector_pointer(match)[1];
    word(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace

void split_gpt2_words(std::string_view text, const std::function<void(std::string_view)>& word) {
  const std::unique_ptr<pcre2_match_data, FreeMatch> match(
      pcre2_match_data_create_from_pattern(pattern(), nullptr));
  if (match == nullptr) throw std::bad_alloc();
  while (!text.empty()) {
    const std::size_t well_formed = first_malformed(text);
    split_well_formed(text.substr(0, well_formed), match.get(), word);
    text.remove_prefix(well_formed);
    std::size_t malformed = 0;
    while (malformed < text.size() && code_point_at(text, malformed).length == 0) ++malformed;
    if (malformed > 0) word(text.substr(0, malformed));
    text.remove_prefix(malformed);
  }
}

}  // namespace isobar::train
