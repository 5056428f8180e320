// UTF-8, read strictly: no over-long forms, no surrogates, nothing past U+10FFFF.
// Reference: The Unicode Standard, table 3-7 (well-formed UTF-8 byte sequences).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace isobar::train {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes; 0: no well-formed sequence starts here
};

/// The code point that starts at text[offset]; offset must be within the text.
[[nodiscard]] CodePoint code_point_at(std::string_view text, std::size_t offset);
void append_utf8(std::string& text, char32_t code_point);
/// Where the first byte is that no well-formed sequence holds, from `offset` on; the text's size
/// if there is none.
[[nodiscard]] std::size_t first_malformed(std::string_view text, std::size_t offset = 0);

}  // namespace isobar::train
