// Names, sentences and tables that fit so many columns, and lose nothing.
#include "base/text/columns.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "base/terminal.h"

namespace isobar {
namespace {

using testing::HasSubstr;

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, width_of(line));
  return widest;
}

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

TEST(Columns, ACharacterIsOneColumnHoweverManyBytesItHas) {
  EXPECT_EQ(width_of("saxpy"), 5U);
  EXPECT_EQ(width_of("größe"), 5U);
  EXPECT_EQ(width_of("░█"), 2U);
}

TEST(Columns, ASentenceIsBrokenAtSpacesAndItsLinesAreIndented) {
  EXPECT_EQ(wrapped("one two three", 9, 2), "one two\n  three\n");
  EXPECT_EQ(wrapped("one", kAnyWidth, 2), "one\n");
  EXPECT_EQ(wrapped("", 9, 2), "\n");
  EXPECT_EQ(wrapped("abcdefghijkl", 10, 2), "abcdefgh\n  ijkl\n");
}

TEST(Columns, LinesThatFitStayAsTheyAre) {
  const std::string text = "a  b\n\n    c   \nlast";
  EXPECT_EQ(fitted(text, 10), text);
  EXPECT_EQ(fitted(text, kAnyWidth), text);
}

TEST(Columns, ALineTooWideGoesOnBelowAndLosesNoWord) {
  EXPECT_EQ(fitted("  one two three four\nfive\n", 12), "  one two\n    three\n    four\nfive\n");
  const std::string text = "    " + std::string(50, 'x') + " größer " + std::string(30, 'y');
  for (const std::size_t columns : {20U, 33U, 60U}) {
    const std::string narrow = fitted(text, columns);
    EXPECT_LE(widest_line(narrow), columns);
    EXPECT_EQ(without_blanks(narrow), without_blanks(text));
  }
}

TextTable table_of(TextTable::Narrow narrow, const std::string& name) {
  TextTable table({{.title = "layout", .is_left = true, .least = 10},
                   {.title = "step", .least = 8},
                   {.title = "memory", .least = 9},
                   {.title = "level", .is_left = true}},
                  narrow);
  table.add({name, "1.5 s", "64 GB", "fabric"});
  table.note("because of this and that");
  table.add({"dp8", "12 s", "7 GB"});
  return table;
}

TEST(TextTable, WhereThereIsRoomColumnsHaveTheirPadding) {
  EXPECT_EQ(table_of(TextTable::Narrow::kBelow, "tp1").text(kAnyWidth),
            "layout        step   memory  level\n"
            "tp1          1.5 s    64 GB  fabric\n"
            "    because of this and that\n"
            "dp8           12 s     7 GB\n");
}

TEST(TextTable, WhereThereIsLittleTheyLoseIt) {
  EXPECT_EQ(table_of(TextTable::Narrow::kBelow, "tp1").text(30),
            "layout   step  memory  level\n"
            "tp1     1.5 s   64 GB  fabric\n"
            "    because of this and that\n"
            "dp8      12 s    7 GB\n");
}

TEST(TextTable, ARowGoesOnBelowALongName) {
  EXPECT_EQ(table_of(TextTable::Narrow::kBelow, "tp1 pp2 dp16 zero2").text(27),
            "layout\n"
            "     step  memory  level\n"
            "tp1 pp2 dp16 zero2\n"
            "    1.5 s   64 GB  fabric\n"
            "    because of this and\n"
            "    that\n"
            "dp8\n"
            "     12 s    7 GB\n");
}

TEST(TextTable, ColumnsWithoutRoomFollowBelowBesideTheNameAgain) {
  EXPECT_EQ(table_of(TextTable::Narrow::kBeside, "tp1").text(22),
            "layout   step  memory\n"
            "tp1     1.5 s   64 GB\n"
            "dp8      12 s    7 GB\n"
            "layout  level\n"
            "tp1     fabric\n"
            "    because of this\n"
            "    and that\n"
            "dp8\n");
}

TEST(TextTable, NoLineIsWiderAndNoColumnIsLost) {
  for (const auto narrow : {TextTable::Narrow::kBeside, TextTable::Narrow::kBelow}) {
    for (const std::size_t columns : {24U, 40U, 60U, 80U}) {
      const std::string text = table_of(narrow, std::string(200, 'n')).text(columns);
      EXPECT_LE(widest_line(text), columns);
      for (const char* title : {"step", "memory", "level"}) EXPECT_THAT(text, HasSubstr(title));
    }
  }
}

TEST(TextTable, ATitleOfTwoLinesHasTwo) {
  TextTable table({{.title = "useful\nTFLOP/s"}, {.title = "W\n"}});
  table.add({"16", "124"});
  EXPECT_EQ(table.text(kAnyWidth),
            " useful    W\n"
            "TFLOP/s\n"
            "     16  124\n");
}

}  // namespace
}  // namespace isobar
