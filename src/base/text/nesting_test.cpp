// Depth and size are refused just over their bounds, and what stands in strings does not count.
#include "base/text/nesting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text/toml.h"

namespace isobar {
namespace {
using ::testing::HasSubstr;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}
std::string toml(const std::string& text) {
  return error_of([&] { (void)parse_toml(text, "file.toml"); });
}
std::string json(const std::string& text) {
  return error_of([&] { check_json_nesting(text, "file.json"); });
}
std::string times(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(Nesting, EveryWayToNestATomlFileIsBounded) {
  const auto deep = [](std::size_t levels) {
    return std::vector<std::string>{
        "a = " + times(levels, "[") + times(levels, "]"),
        "a = " + times(levels, "{b=") + "1" + times(levels, "}"),
        times(levels - 1, "a.") + "a = 1",
        "[" + times(levels - 1, "a.") + "a]",
    };
  };
  for (const std::string& text : deep(kMostNesting))
    EXPECT_EQ(toml("\n" + text), "no error") << text;
  for (const std::string& text : deep(kMostNesting + 1))
    EXPECT_EQ(toml("\n" + text), "file.toml:2: nested deeper than 64 levels") << text;
  // Once each of these ended the process.
  for (const std::string& text : deep(200'000))
    EXPECT_THAT(toml(text), HasSubstr(":1: nested deeper"));
}

TEST(Nesting, StringsCommentsAndNumbersNestNothing) {
  const std::string brackets(1000, '['), dots(1000, '.');
  EXPECT_EQ(toml("a = \"" + brackets + "\\\"" + brackets + "\" # " + brackets + dots), "no error");
  EXPECT_EQ(toml("a = '" + brackets + "\\'\nb = \"\"\"\n" + brackets + "\"\n" + dots + "\"\"\""),
            "no error");
  EXPECT_EQ(toml("a = [" + times(1000, "1.5, ") + "]"), "no error");
  EXPECT_EQ(json("[\"" + brackets + "\\\"" + brackets + "\", 1.5]"), "no error");
}

TEST(Nesting, JsonIsBoundedToo) {
  EXPECT_EQ(json(times(kMostNesting, "[") + times(kMostNesting, "]")), "no error");
  EXPECT_EQ(json("\n" + times(kMostNesting + 1, "{\"a\":")),
            "file.json:2: nested deeper than 64 levels");
  EXPECT_EQ(json(times(100'000, "[],")), "no error");
}

TEST(Nesting, SizeIsBounded) {
  EXPECT_EQ(toml("#" + std::string(kMostToml - 1, ' ')), "no error");
  EXPECT_THAT(toml("#" + std::string(kMostToml, ' ')),
              HasSubstr("file.toml: it holds 4194305 bytes"));
  EXPECT_THAT(json(std::string(kMostJson + 1, ' ')), HasSubstr("at most 67108864"));
}

TEST(Nesting, AKeyTwiceIsNamedWithItsLine) {
  EXPECT_THAT(toml("a = 1\nb = 2\na = 3\n"), HasSubstr("file.toml:3: not TOML:"));
  EXPECT_THAT(toml("[t]\na = 1\n[t]\n"), HasSubstr("file.toml:3: not TOML:"));
  EXPECT_THAT(toml("a.b = 1\na.b = 2\n"), HasSubstr("file.toml:2: not TOML:"));
}

}  // namespace
}  // namespace isobar
