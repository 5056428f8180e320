#include "base/text/nesting.h"

#include <algorithm>

#include "base/error.h"

namespace isobar {
namespace {

void check_size(std::string_view text, std::uint64_t limit, const std::string& name) {
  if (text.size() > limit)
    fail("{}: it holds {} bytes, but a file of this kind has at most {}", name, text.size(), limit);
}

/// What both languages have: brackets, strings and lines. Strings are skipped, since brackets in
/// them nest nothing.
class Scanner {
 public:
  Scanner(std::string_view text, const std::string& name, bool toml)
      : text_(text), name_(name), toml_(toml) {}

  void run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || (toml_ && c == '\'')) {
        skip_string(c);
        continue;
      }
      if (toml_ && c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      look_at(c);
      ++at_;
    }
  }

 private:
  void look_at(char c) {
    if (c == '[' || c == '{') ++depth_;
    if ((c == ']' || c == '}') && depth_ > 0) --depth_;
    if (c == '\n') ++line_;
    // a.b.c nests as well; a number's point counts as one, until the value ends.
    if (c == '.') ++dots_;
    if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}')
      dots_ = 0;
    if (depth_ > kMostNesting || (toml_ && dots_ >= kMostNesting))
      fail("{}:{}: nested deeper than {} levels", name_, line_, kMostNesting);
  }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool is_long = toml_ && text_.substr(at_).starts_with(three);
    at_ += is_long ? 3 : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        if (toml_ && !is_long) return;  // broken off; the parser will say so
        ++line_;
      }
      if (c == quote && (!is_long || text_.substr(at_).starts_with(three))) {
        at_ += is_long ? 3 : 1;
        return;
      }
      at_ += c == '\\' && quote == '"' ? 2 : 1;
    }
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0, depth_ = 0, dots_ = 0, line_ = 1;
  bool toml_;
};

}  // namespace

void check_toml_nesting(std::string_view text, const std::string& name) {
  check_size(text, kMostToml, name);
  Scanner(text, name, true).run();
}

void check_json_nesting(std::string_view text, const std::string& name) {
  check_size(text, kMostJson, name);
  Scanner(text, name, false).run();
}

}  // namespace isobar
