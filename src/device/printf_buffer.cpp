#include "device/printf_buffer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <vector>

namespace isobar::device {
namespace {

/// %[flags][width][.precision][vN][length]conversion
struct Conversion {
  std::string flags;  // flags, width and precision as the host's printf takes them
  unsigned elements = 1;
  std::string length;
  char kind = 0;
};

/// Parses after the '%' at `position`, leaving `position` behind the conversion. A form that
/// OpenCL C does not have gives kind 0.
Conversion parse_conversion(const std::string& format, std::size_t& position) {
  Conversion result;
  const auto take = [&](std::string_view set, std::string& into) {
    while (position < format.size() && set.find(format[position]) != std::string_view::npos)
      into += format[position++];
  };
  take("-+ #0", result.flags);
  take("0123456789", result.flags);
  if (position < format.size() && format[position] == '.') {
    result.flags += format[position++];
    take("0123456789", result.flags);
  }
  if (position < format.size() && format[position] == 'v') {
    std::string count;
    ++position;
    take("0123456789", count);
    if (count.empty() || count.size() > 2) return result;
    result.elements = static_cast<unsigned>(std::stoul(count));
  }
  take("hljztL", result.length);
  // A width of thousands would only serve to exhaust the host's memory.
  if (position < format.size() && result.flags.size() <= 12) result.kind = format[position++];
  return result;
}

unsigned integer_bits(const std::string& length) {
  if (length == "hh") return 8;
  if (length == "h") return 16;
  if (length.empty() || length == "hl") return 32;
  return 64;
}

template <class Value>
std::string print(const Conversion& conversion, const char* length, Value value) {
  const std::string format = "%" + conversion.flags + length + conversion.kind;
  std::array<char, 512> fixed{};
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
  const int size = std::snprintf(fixed.data(), fixed.size(), format.c_str(), value);
  if (size < 0) return {};
  if (static_cast<std::size_t>(size) < fixed.size()) return fixed.data();
  std::string large(static_cast<std::size_t>(size) + 1, '\0');
  std::snprintf(large.data(), large.size(), format.c_str(), value);
#pragma clang diagnostic pop
  large.pop_back();
  return large;
}

std::string print_element(const Conversion& conversion, std::uint64_t word,
                          const StringAt& string) {
  switch (conversion.kind) {
    case 'd':
    case 'i': {
      const unsigned unused = 64 - integer_bits(conversion.length);
      return print(conversion, "ll", static_cast<long long>(word << unused) >> unused);
    }
    case 'o':
    case 'u':
    case 'x':
    case 'X': {
      const unsigned unused = 64 - integer_bits(conversion.length);
      return print(conversion, "ll", static_cast<unsigned long long>(word << unused >> unused));
    }
    case 'c':
      return print(conversion, "", static_cast<int>(word & 0xFFU));
    case 'p':
      return print(conversion, "", std::bit_cast<void*>(word));
    case 's':
      return print(conversion, "", string(word).value_or("(bad string)").c_str());
    default:
      return print(conversion, "", std::bit_cast<double>(word));
  }
}

template <class Number>
Number number_at(std::span<const std::byte> bytes, std::size_t offset) {
  Number value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace

std::string format_printf(const std::string& format, std::span<const std::uint64_t> arguments,
                          const StringAt& string) {
  std::string text;
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size();) {
    if (format[i] != '%') {
      text += format[i++];
      continue;
    }
    const std::size_t start = i++;
    const Conversion conversion = parse_conversion(format, i);
    if (conversion.kind == '%') {
      text += '%';
      continue;
    }
    constexpr std::string_view kKnown = "diouxXfFeEgGaAcsp";
    if (conversion.kind == 0 || kKnown.find(conversion.kind) == std::string_view::npos) {
      text += format.substr(start, i - start);
      continue;
    }
    for (unsigned element = 0; element < conversion.elements; ++element) {
      if (element > 0) text += ',';
      if (next < arguments.size()) text += print_element(conversion, arguments[next++], string);
    }
  }
  return text;
}

std::string decode_printf(std::span<const std::byte> buffer, const StringAt& string) {
  constexpr std::size_t kRecordHeader = 16;
  const auto used = number_at<std::uint32_t>(buffer, 0);
  const auto capacity = number_at<std::uint32_t>(buffer, 4);
  const std::size_t end =
      std::min<std::size_t>(buffer.size(), kPrintfHeaderBytes + std::min(used, capacity));
  std::string text;
  std::size_t position = kPrintfHeaderBytes;
  while (position + kRecordHeader <= end) {
    const auto address = number_at<std::uint64_t>(buffer, position);
    const auto bytes = number_at<std::uint32_t>(buffer, position + 8);
    if (bytes < kRecordHeader || bytes % 8 != 0 || position + bytes > end) break;
    const auto format = string(address);
    if (!format) break;
    // Vectors take several words, so the record's size counts and not its number of arguments.
    std::vector<std::uint64_t> words(bytes / 8 - 2);
    for (std::size_t w = 0; w < words.size(); ++w)
      words[w] = number_at<std::uint64_t>(buffer, position + kRecordHeader + 8 * w);
    text += format_printf(*format, words, string);
    position += bytes;
  }
  if (used > capacity) text += "[isobar: printf output lost: the buffer was full]\n";
  return text;
}

}  // namespace isobar::device
