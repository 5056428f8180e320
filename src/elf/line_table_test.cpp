// Lines of source and what was written in them.
#include "elf/line_table.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "elf/source_text.h"

namespace isobar::elf {
namespace {

TEST(SourceText, CountsLinesAsTheCompilerDoes) {
  SourceText text;
  text.add("kernel void f() {\n  int a;\n#line 40 \"inner.h\"\n  a = 1;\n\n  a = 2;\n}",
           "kernel.cl");
  EXPECT_EQ(text.line("kernel.cl", 2), "int a;");
  EXPECT_EQ(text.line("inner.h", 40), "a = 1;");
  EXPECT_EQ(text.line("inner.h", 42), "a = 2;");
  EXPECT_EQ(text.line("inner.h", 41), "");
  EXPECT_EQ(text.line("kernel.cl", 99), "");
  EXPECT_EQ(text.line("other.cl", 1), "");
}

LineTable a_table() {
  LineTable table;
  table.files = {"kernel.cl", "inner.h"};
  table.rows = {{0x1000, 0, 2}, {0x1004, 1, 40}, {0x1008, 0, 3}};
  table.texts = {{{0, 2}, "int a;"}, {{1, 40}, "a = 1;"}};
  return table;
}

TEST(LineTable, TextsComeBackWithTheirLines) {
  LineTable table = LineTable::parse(a_table().serialise());
  EXPECT_EQ(table.find(0x1004)->text, "") << "a program of an older version has none";
  table.parse_texts(a_table().serialise_texts());
  EXPECT_EQ(table.find(0x1000)->text, "int a;");
  EXPECT_EQ(table.find(0x1004)->text, "a = 1;");
  EXPECT_EQ(table.find(0x1008)->text, "");
}

TEST(LineTable, TextsCutShortAreAnError) {
  const std::vector<std::byte> whole = a_table().serialise_texts();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(LineTable().parse_texts(std::span(whole).first(size)), UserError) << size;
}

}  // namespace
}  // namespace isobar::elf
