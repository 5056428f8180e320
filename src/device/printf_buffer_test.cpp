#include "device/printf_buffer.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <limits>
#include <map>
#include <vector>

namespace isobar::device {
namespace {

std::optional<std::string> one_string(std::uint64_t address) {
  static const std::map<std::uint64_t, std::string> strings{{0x10100, "%d apples\n"},
                                                            {0x10200, "word"}};
  const auto found = strings.find(address);
  return found == strings.end() ? std::nullopt : std::optional(found->second);
}

std::string print(const std::string& format, const std::vector<std::uint64_t>& words) {
  return format_printf(format, words, one_string);
}

std::uint64_t word(double value) { return std::bit_cast<std::uint64_t>(value); }

TEST(Printf, IntegersTakeTheWidthOfTheirLengthModifier) {
  EXPECT_EQ(print("%d", {0xFFFF'FFFFULL}), "-1");
  EXPECT_EQ(print("%d", {~0ULL}), "-1");
  EXPECT_EQ(print("%u", {~0ULL}), "4294967295");
  EXPECT_EQ(print("%ld", {1ULL << 40U}), "1099511627776");
  EXPECT_EQ(print("%hhd", {0x80}), "-128");
  EXPECT_EQ(print("%hx", {0x12345}), "2345");
  EXPECT_EQ(print("%#lx", {0xABCDEF0123456789ULL}), "0xabcdef0123456789");
}

TEST(Printf, FloatsFollowFlagsWidthAndPrecision) {
  EXPECT_EQ(print("%.2f|%8.3e|%-6g|%+a", {word(1.005), word(-2.5), word(3), word(1)}),
            "1.00|-2.500e+00|3     |+0x1p+0");
  EXPECT_EQ(print("%f", {word(std::numeric_limits<double>::infinity())}), "inf");
}

TEST(Printf, VectorsPrintTheirElementsBetweenCommas) {
  EXPECT_EQ(print("v = (%v4hlf)", {word(1), word(2), word(3), word(4)}),
            "v = (1.000000,2.000000,3.000000,4.000000)");
  EXPECT_EQ(print("%v2hhx %d", {0x1FF, 2, 3}), "ff,2 3");
}

TEST(Printf, StringsCharactersPercentAndBadPointers) {
  EXPECT_EQ(print("%s %c %%", {0x10200, 'x'}), "word x %");
  EXPECT_EQ(print("%s", {0x666}), "(bad string)");
}

TEST(Printf, AnythingElseIsPrintedAsItStands) {
  EXPECT_EQ(print("%n %y %", {1, 2}), "%n %y %");
  EXPECT_EQ(print("%99999999999999d", {1}), "%99999999999999d");
}

std::vector<std::byte> buffer_of(const std::vector<std::uint64_t>& words, std::uint32_t used,
                                 std::uint32_t capacity) {
  std::vector<std::byte> buffer(kPrintfHeaderBytes + words.size() * 8);
  std::memcpy(buffer.data(), &used, 4);
  std::memcpy(buffer.data() + 4, &capacity, 4);
  std::memcpy(buffer.data() + 8, words.data(), words.size() * 8);
  return buffer;
}

constexpr std::uint64_t header(std::uint32_t bytes, std::uint32_t arguments) {
  return bytes | std::uint64_t{arguments} << 32U;
}

TEST(Printf, RecordsAreDecodedInOrder) {
  const auto buffer = buffer_of({0x10100, header(24, 1), 3, 0x10100, header(24, 1), 4}, 48, 48);
  EXPECT_EQ(decode_printf(buffer, one_string), "3 apples\n4 apples\n");
}

TEST(Printf, ARecordWithoutArgumentsIsItsFormat) {
  const auto hello = [](std::uint64_t) { return std::optional<std::string>("hello\n"); };
  EXPECT_EQ(decode_printf(buffer_of({0x10100, header(16, 0)}, 16, 16), hello), "hello\n");
}

TEST(Printf, LostOutputIsSaid) {
  const auto buffer = buffer_of({0x10100, header(24, 1), 3}, 48, 24);
  const std::string text = decode_printf(buffer, one_string);
  EXPECT_EQ(text.find("3 apples\n"), 0U);
  EXPECT_NE(text.find("lost"), std::string::npos);
}

TEST(Printf, HostileRecordsEndTheDecoding) {
  for (const std::uint32_t bytes : {0U, 8U, 20U, 4000U, ~0U})
    EXPECT_EQ(decode_printf(buffer_of({0x10100, header(bytes, 1), 3}, 24, 24), one_string), "");
  EXPECT_EQ(decode_printf(buffer_of({0x9, header(24, 1), 3}, 24, 24), one_string), "");
}

}  // namespace
}  // namespace isobar::device
