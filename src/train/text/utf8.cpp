#include "train/text/utf8.h"

namespace isobar::train {
namespace {

struct Lead {
  std::size_t length;
  char32_t bits;
  unsigned char second_low, second_high;  // what the second byte may be
};

/// Table 3-7: the second byte's range is what shuts out over-long forms and surrogates.
Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0, 0};
  if (byte < 0xC2) return {0, 0, 0, 0};
  if (byte < 0xE0) return {2, static_cast<char32_t>(byte & 0x1F), 0x80, 0xBF};
  const auto three = static_cast<char32_t>(byte & 0x0F);
  if (byte == 0xE0) return {3, three, 0xA0, 0xBF};
  if (byte == 0xED) return {3, three, 0x80, 0x9F};
  if (byte < 0xF0) return {3, three, 0x80, 0xBF};
  const auto four = static_cast<char32_t>(byte & 0x07);
  if (byte == 0xF0) return {4, four, 0x90, 0xBF};
  if (byte < 0xF4) return {4, four, 0x80, 0xBF};
  if (byte == 0xF4) return {4, four, 0x80, 0x8F};
  return {0, 0, 0, 0};
}

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t offset) {
  const Lead lead = lead_of(static_cast<unsigned char>(text[offset]));
  if (lead.length == 0 || lead.length > text.size() - offset) return {};
  char32_t value = lead.bits;
  for (std::size_t i = 1; i < lead.length; ++i) {
    const auto byte = static_cast<unsigned char>(text[offset + i]);
    const unsigned char low = i == 1 ? lead.second_low : 0x80;
    const unsigned char high = i == 1 ? lead.second_high : 0xBF;
    if (byte < low || byte > high) return {};
    value = value << 6U | (byte & 0x3FU);
  }
  return {value, lead.length};
}

void append_utf8(std::string& text, char32_t c) {
  const auto put = [&](char32_t byte) { text += static_cast<char>(byte); };
  const auto tail = [&](unsigned shift) { put(0x80U | (c >> shift & 0x3FU)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6U);
    tail(0);
  } else if (c < 0x10000) {
    put(0xE0U | c >> 12U);
    tail(6);
    tail(0);
  } else {
    put(0xF0U | c >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::size_t first_malformed(std::string_view text, std::size_t offset) {
  while (offset < text.size()) {
    const std::size_t length = code_point_at(text, offset).length;
    if (length == 0) return offset;
    offset += length;
  }
  return text.size();
}

}  // namespace isobar::train
