#define PCRE2_CODE_UNIT_WIDTH 8
#include "explain/pattern.h"

#include <pcre2.h>

#include <array>
#include <charconv>

#include "base/error.h"

namespace isobar::explain {
namespace {

constexpr std::uint32_t kMostSteps = 200'000;

struct FreeMatch {
  void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
};
using Match = std::unique_ptr<pcre2_match_data, FreeMatch>;

}  // namespace

struct Pattern::Code {
  pcre2_code* code = nullptr;
  pcre2_match_context* limits = pcre2_match_context_create(nullptr);
  Code() { pcre2_set_match_limit(limits, kMostSteps); }
  ~Code() {
    pcre2_match_context_free(limits);
    pcre2_code_free(code);
  }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;

  [[nodiscard]] Match match(std::string_view text) const {
    Match match(pcre2_match_data_create_from_pattern(code, nullptr));
    const int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0,
                                  0, match.get(), limits);
    if (found < 0) match.reset();  // no match, or the limit: no match worth waiting for
    return match;
  }
};

Pattern::Pattern(const std::string& expression, const std::string& place) {
  auto code = std::make_shared<Code>();
  int error = 0;
  PCRE2_SIZE offset = 0;
  code->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(), 0,
                             &error, &offset, nullptr);
  if (code->code == nullptr) {
    std::array<PCRE2_UCHAR, 256> reason{};
    pcre2_get_error_message(error, reason.data(), reason.size());
    fail(
        "{}: \"{}\" is no regular expression: {} at character {} (PCRE2's syntax; TOML's '...' "
        "keeps backslashes)",
        place, expression, reinterpret_cast<const char*>(reason.data()), offset + 1);
  }
  // Where the system forbids generated code the interpreter answers the same, more slowly.
  (void)pcre2_jit_compile(code->code, PCRE2_JIT_COMPLETE);
  code_ = std::move(code);
}

bool Pattern::matches(std::string_view text) const { return code_->match(text) != nullptr; }

std::optional<std::string> Pattern::group(std::string_view text, const char* name) const {
  const Match match = code_->match(text);
  if (match == nullptr) return std::nullopt;
  const auto* const group = reinterpret_cast<PCRE2_SPTR>(name);
  const int number = pcre2_substring_number_from_name(code_->code, group);
  if (number < 0) return std::nullopt;
  const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(match.get()) + 2 * std::size_t(number);
  if (ends[0] == PCRE2_UNSET) return std::nullopt;
  return std::string(text.substr(ends[0], ends[1] - ends[0]));
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace isobar::explain
