#include "base/text/number.h"

#include <gtest/gtest.h>

#include <clocale>
#include <string>

namespace isobar {
namespace {

TEST(Number, IsPlainDecimalAndAllOfTheText) {
  EXPECT_EQ(parse_number("-0.5"), -0.5);
  EXPECT_EQ(parse_number("1e6"), 1e6);
  EXPECT_EQ(parse_number(".25"), 0.25);
  for (const char* text : {"", " ", " 1", "1 ", "1x", "x", "1,5", "0x10", "0x1p3", "1e", "--1",
                           "+1", "1_000", "1'000", "\xD9\xA3", "1e6 GB", "-", "."})
    EXPECT_FALSE(parse_number(text)) << text;
  EXPECT_FALSE(parse_number(std::string_view("1\0", 2)));
}

TEST(Number, IsFinite) {
  for (const char* text : {"nan", "NaN", "-nan", "nan(1)", "inf", "-inf", "INFINITY", "infinity",
                           "1e400", "-1e400", "1e-400"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Number, WholeOnesNeitherWrapNorHaveABase) {
  EXPECT_EQ(parse_whole_number("0"), 0);
  EXPECT_EQ(parse_whole_number("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_whole_number("9223372036854775807"), INT64_MAX);
  for (const char* text :
       {"", "9223372036854775808", "-9223372036854775809", "18446744073709551617", "010", "-010",
        "00", "0x10", "0b1", "1.0", "1e3", "+5", " 5", "5 ", "five", "-", "--5", "nan", "inf"})
    EXPECT_FALSE(parse_whole_number(text)) << text;
}

TEST(Number, IsTheSameInEveryLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  // Where the host has one with a decimal comma; elsewhere this says nothing.
  for (const char* locale : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"})
    if (std::setlocale(LC_ALL, locale) != nullptr) break;
  EXPECT_EQ(parse_number("1.5"), 1.5);
  EXPECT_FALSE(parse_number("1,5"));
  std::setlocale(LC_ALL, before.c_str());
}

}  // namespace
}  // namespace isobar
