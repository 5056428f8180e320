#include "explain/trace/clock.h"

#include <charconv>
#include <cmath>

namespace isobar::explain {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Nanoseconds> from_double(std::string_view text) {
  double microseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), microseconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(std::abs(microseconds) <= static_cast<double>(kLatest) / 1000)) return std::nullopt;
  return static_cast<Nanoseconds>(microseconds * 1000);
}

}  // namespace

std::optional<Nanoseconds> nanoseconds_of(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' ||
                            token.back() == '\t'))
    token.remove_suffix(1);
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"')
    token = token.substr(1, token.size() - 2);
  const std::string_view whole = token;
  const bool negative = !token.empty() && token.front() == '-';
  if (negative) token.remove_prefix(1);
  if (token.empty() || !is_digit(token.front())) return std::nullopt;

  Nanoseconds value = 0;
  int decimals = -1;  // digits after the point; -1: no point yet
  for (const char c : token) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (!is_digit(c)) return c == 'e' || c == 'E' ? from_double(whole) : std::nullopt;
    if (decimals >= 3) continue;
    if (decimals >= 0) ++decimals;
    if (value > kLatest / 10) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (int digits = decimals < 0 ? 0 : decimals; digits < 3; ++digits) {
    if (value > kLatest / 10) return std::nullopt;
    value *= 10;
  }
  if (value > kLatest) return std::nullopt;
  return negative ? -value : value;
}

}  // namespace isobar::explain
