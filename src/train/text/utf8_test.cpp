#include "train/text/utf8.h"

#include <gtest/gtest.h>

namespace isobar::train {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, EveryCodePointComesBack) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c == 0xD800) c = 0xE000;  // surrogates have no UTF-8
    std::string text;
    append_utf8(text, c);
    const CodePoint back = code_point_at(text, 0);
    ASSERT_EQ(back.value, c);
    ASSERT_EQ(back.length, text.size());
    // Cut short, it is not well-formed any more.
    for (std::size_t n = 1; n < text.size(); ++n)
      ASSERT_EQ(code_point_at(std::string_view(text).substr(0, n), 0).length, 0U) << n;
  }
}

TEST(Utf8, RefusesWhatTable3_7DoesNotList) {
  for (const std::string_view bad :
       {"\x80"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x80\x80"sv, "\xE0\x9F\xBF"sv, "\xED\xA0\x80"sv,
        "\xF0\x80\x80\x80"sv, "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv,
        "\xFF"sv, "\xC3("sv, "\xE2\x82("sv, "\xF0\x9F\x98("sv})
    EXPECT_EQ(code_point_at(bad, 0).length, 0U) << static_cast<int>(bad[0]);
}

TEST(Utf8, FindsTheFirstMalformedByte) {
  EXPECT_EQ(first_malformed("plain"), 5U);
  EXPECT_EQ(first_malformed(""), 0U);
  EXPECT_EQ(first_malformed("\u00e9\u4e2d\xFFx"), 5U);
  EXPECT_EQ(first_malformed("a\xFF\xFFz", 3), 4U);
}

}  // namespace
}  // namespace isobar::train
