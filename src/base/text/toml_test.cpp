#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/text/toml_file.h"

namespace isobar {
namespace {

std::string error_of(const std::string& text) {
  try {
    (void)parse_toml(text, "FILE");
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Toml, HasFiniteNumbersAlone) {
  EXPECT_EQ(error_of("a = 1e300\nb = -0.0\n[c]\nd = [1, 2.5]\n"), "no error");
  EXPECT_EQ(error_of("x = 1\na = nan\n"), "FILE:2: a is nan, but must be a finite number");
  EXPECT_EQ(error_of("a = +inf"), "FILE:1: a is inf, but must be a finite number");
  EXPECT_EQ(error_of("[t]\n\n[t.u]\nk = -inf"),
            "FILE:4: t.u.k is -inf, but must be a finite number");
  EXPECT_EQ(error_of("a = [1.0, [2.0, nan]]"), "FILE:1: a is nan, but must be a finite number");
  EXPECT_EQ(error_of("[[t]]\nk = 1\n[[t]]\nk = nan"),
            "FILE:4: t.k is nan, but must be a finite number");
  EXPECT_EQ(error_of("a = {b = inf}"), "FILE:1: a.b is inf, but must be a finite number");
  EXPECT_EQ(error_of("a = 'nan'"), "no error");
  EXPECT_NE(error_of("a = 1e999"), "no error");  // too large for a double, in whatever words
}

/// What a reader of a file with a few keys of each kind answers to a text.
std::string answer(const std::string& text) {
  try {
    const toml::table file = parse_toml(text, "FILE");
    TomlTable top(file, "FILE", "a test file");
    std::uint32_t whole = 0;
    double real = 0;
    bool truth = false;
    std::string name;
    std::vector<std::string> names;
    std::vector<std::uint32_t> sizes;
    std::size_t choice = 0;
    constexpr std::array kColours{"red", "green", "blue"};
    top.text("name", name);
    top.allow("note");
    TomlTable inner = top.section("inner");
    std::vector<TomlTable> parts = top.sections("part");
    top.finish();
    inner.whole("count", whole, 1, 9);
    inner.real("share", real, 0, 1);
    inner.truth("open", truth);
    inner.texts("names", names);
    inner.wholes("sizes", sizes, 1, 64);
    inner.choice("colour", choice, kColours);
    inner.finish();
    for (TomlTable& part : parts) {
      part.only({"title", "size"}, "docs/PARTS.md lists them");
      (void)part.needed_text("title");
      (void)part.needed_whole("size", 1, 9);
    }
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(TomlTable, ReadsWhatIsInRange) {
  EXPECT_EQ(answer(""), "no error");
  EXPECT_EQ(answer("name = 'n'\nnote = 3\n[inner]\ncount = 9\nshare = 1\nopen = true\n"
                   "names = ['a', 'b']\nsizes = [1, 64]\ncolour = 'blue'\n"
                   "[[part]]\ntitle = 't'\nsize = 1\n[[part]]\ntitle = 'u'\nsize = 9\n"),
            "no error");
}

TEST(TomlTable, NamesTheKeyThatWasMeant) {
  EXPECT_EQ(answer("nmae = 'n'"),
            "FILE:1: \"nmae\" is not a key of a test file (did you mean name?)");
  EXPECT_EQ(answer("[inner]\n\ncuont = 3"),
            "FILE:3: \"cuont\" is not a key of [inner] (did you mean count?)");
  EXPECT_EQ(answer("[innre]\ncount = 3"),
            "FILE:1: \"innre\" is not a key of a test file (did you mean inner?)");
  EXPECT_EQ(answer("[inner]\nzebra = 3"),
            "FILE:2: \"zebra\" is not a key of [inner] (it has colour, count, names, open, share, "
            "sizes)");
  EXPECT_EQ(answer("[[part]]\ntitle = 't'\nsize = 1\nzebra = 3"),
            "FILE:4: \"zebra\" is not a key of [[part]] (docs/PARTS.md lists them)");
  // It is misspelt, not missing.
  EXPECT_EQ(answer("[[part]]\ntitel = 't'\nsize = 1"),
            "FILE:2: \"titel\" is not a key of [[part]] (did you mean title?)");
  EXPECT_EQ(answer("\"\\u001b[31m\" = 3"),
            "FILE:1: \"?[31m\" is not a key of a test file (it has inner, name, note, part)");
}

TEST(TomlTable, SaysWhatIsWrittenAndWhatWouldBeRight) {
  EXPECT_EQ(answer("name = 3"), "FILE:1: name is 3 (it must be text in quotes)");
  const auto inner = [](const std::string& line) { return answer("[inner]\n" + line); };
  constexpr const char* kCount = " (it must be a whole number from 1 to 9)";
  for (const auto& [given, shown] :
       {std::pair{"0", "0"}, {"10", "10"}, {"-1", "-1"}, {"2.0", "2"}, {"'2'", "\"2\""}})
    EXPECT_EQ(inner(std::string("count = ") + given),
              std::string("FILE:2: inner.count is ") + shown + kCount);
  EXPECT_EQ(inner("share = 1.5"), "FILE:2: inner.share is 1.5 (it must be a number from 0 to 1)");
  EXPECT_EQ(inner("share = true"), "FILE:2: inner.share is true (it must be a number from 0 to 1)");
  EXPECT_EQ(inner("open = 1"), "FILE:2: inner.open is 1 (it must be true or false)");
  EXPECT_EQ(inner("names = 'a'"),
            "FILE:2: inner.names is \"a\" (it must be a list of texts in quotes)");
  EXPECT_EQ(
      inner("sizes = [4, 0]"),
      "FILE:2: inner.sizes is an array (it must be a list of whole numbers from 1 to 64, such "
      "as [4, 4, 4])");
  EXPECT_EQ(inner("colour = 'grey'"),
            "FILE:2: inner.colour is \"grey\" (it must be \"red\", \"green\" or \"blue\")");
  EXPECT_EQ(answer("inner = 3"),
            "FILE:1: inner is 3 (it must be a table: write [inner] and its keys below)");
  EXPECT_EQ(answer("[part]"),
            "FILE:1: part is a table (it must be tables: write [[part]] and its keys below)");
  EXPECT_EQ(answer("[[part]]\nsize = 1"), "FILE:1: [[part]] needs title = \"...\"");
  EXPECT_EQ(answer("[[part]]\ntitle = 't'"),
            "FILE:1: [[part]] needs size, a whole number from 1 to 9");
}

TEST(TomlTable, AKeyCannotStandTwice) {
  EXPECT_NE(answer("name = 'n'\nname = 'm'").find("FILE:2: not TOML: "), std::string::npos);
}

TEST(TomlFile, AKeyInTheWrongTableIsFoundInTheRightOne) {
  const std::vector<std::string> known{"core.schedulers", "core.warps", "l1.size", "l2.size"};
  const auto refusal = [&](const std::string& key) -> std::string {
    try {
      refuse_key("F:1", key, "a chip file", known, "docs/CHIP_FILE.md lists the keys");
    } catch (const UserError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refusal("dram.schedulers"),
            "F:1: \"dram.schedulers\" is not a key of a chip file (did you mean core.schedulers?)");
  EXPECT_EQ(refusal("interconnect.size"),
            "F:1: \"interconnect.size\" is not a key of a chip file (did you mean l1.size or "
            "l2.size?)");
  EXPECT_EQ(refusal("zebra.stripes"),
            "F:1: \"zebra.stripes\" is not a key of a chip file (docs/CHIP_FILE.md lists the "
            "keys)");
}

}  // namespace
}  // namespace isobar
