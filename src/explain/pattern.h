// A regular expression of the kernel table, run by PCRE2: named groups, and a limit on the work one
// match may take, so that neither a hostile name nor a careless pattern hangs the reader.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace isobar::explain {

class Pattern {
 public:
  /// Throws UserError "<place>: ...", naming what is wrong with the expression.
  Pattern(const std::string& expression, const std::string& place);

  [[nodiscard]] bool matches(std::string_view text) const;
  /// The text of a named group where the expression matches; nothing where it does not, or the
  /// group took no part.
  [[nodiscard]] std::optional<std::string> group(std::string_view text, const char* name) const;

 private:
  struct Code;
  std::shared_ptr<const Code> code_;
};

/// The whole of `text` as a number.
[[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view text);

}  // namespace isobar::explain
