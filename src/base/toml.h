// toml++ 3.3 made safe for files that anybody wrote; include it through this header only. On some
// malformed files the library checks an assertion where it should answer (found by fuzzing: a line
// end or a control character inside "[...]"): that would abort a build with assertions, and be
// undefined in one without, where it tells the compiler to assume it. Here it throws, in all
// builds.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error.h"

namespace isobar {

/// What a failed assertion inside toml++ becomes; parse_toml answers it as a syntax error.
class TomlAssertion : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};
[[noreturn]] inline void toml_assertion_failed(const char* expression) {
  throw TomlAssertion(expression);
}

}  // namespace isobar

#define TOML_EXCEPTIONS 1
#define TOML_ASSERT(expression) \
  (static_cast<bool>(expression) ? void(0) : ::isobar::toml_assertion_failed(#expression))
// With NDEBUG toml++ overrides TOML_ASSERT.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace isobar {

/// Throws UserError "<name>:<line>: not TOML: <reason>".
[[nodiscard]] inline toml::table parse_toml(std::string_view text, const std::string& name) {
  // TOML allows no control character but tab and line ends.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c >= ' ' && c != 0x7f) || c == '\t' || c == '\n' || c == '\r') continue;
    fail("{}:{}: not TOML: it holds the control character 0x{:02x} (remove it)", name,
         1 + std::ranges::count(text.substr(0, i), '\n'), static_cast<unsigned>(c));
  }
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    fail("{}:{}: not TOML: {} (see https://toml.io)", name,
         std::max<toml::source_index>(error.source().begin.line, 1), error.description());
  } catch (const TomlAssertion&) {
    fail(
        "{}:1: not TOML, somewhere in the file: a key, a value or the name of a table is broken "
        "off (see https://toml.io)",
        name);
  }
}

}  // namespace isobar
