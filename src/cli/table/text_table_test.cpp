// Tables that fit the terminal, and names that are too long.
#include "cli/table/text_table.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

namespace isobar::cli {
namespace {

const std::vector<Cells> kRows{{"kernel", "launches", "time ms"}, {"saxpy", "12", "3.250"}};

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

TEST(TextTable, ARowIsALineWhereThereIsRoom) {
  EXPECT_EQ(lay_out(kRows),
            "  kernel  launches  time ms\n"
            "  saxpy         12    3.250\n");
}

TEST(TextTable, ColumnsWithoutRoomFollowBelowBesideTheNameAgain) {
  EXPECT_EQ(lay_out(kRows, 20),
            "  kernel  launches\n"
            "  saxpy         12\n"
            "  kernel  time ms\n"
            "  saxpy     3.250\n");
}

TEST(TextTable, NoTableIsWiderThanTheTerminal) {
  std::vector<Cells> rows{{"kernel"}, {std::string(200, 'k')}};
  for (int i = 0; i < 12; ++i) {
    rows[0].push_back("column " + std::to_string(i));
    rows[1].push_back(std::to_string(i * 1000));
  }
  for (const std::size_t columns : {40U, 80U, 100U, 132U}) {
    const std::string text = lay_out(rows, columns);
    EXPECT_LE(widest_line(text), columns);
    // Every column is there once, and none is cut.
    for (int i = 0; i < 12; ++i)
      EXPECT_NE(text.find("column " + std::to_string(i)), std::string::npos) << columns;
  }
}

TEST(TextTable, ATableOfNamesAloneIsOne) { EXPECT_EQ(lay_out({{"kernel"}}, 20), "  kernel\n"); }

}  // namespace
}  // namespace isobar::cli
