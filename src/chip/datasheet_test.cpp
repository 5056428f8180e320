// The data sheet of a chip file: what is read, what is refused, and that the catalogue is whole.
#include "chip/datasheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/error.h"

namespace isobar::chip {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string complaint(const std::string& text) {
  try {
    (void)parse_datasheet(text, "mine.toml");
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Datasheet, KnowsWhoPublishedEachFigure) {
  const Datasheet sheet = parse_datasheet(
      "name = \"x\"\n[peaks]\nsource = \"the vendor\"\nbf16 = \"989.5 TFLOP/s\"\nint8 = \"1979 "
      "TOP/s\"\nint8_source = \"a rumour\"\nfp4 = \"not published\"\n",
      "mine.toml");
  EXPECT_EQ((*sheet.peaks.bf16).count(), 989.5e12);
  EXPECT_EQ(sheet.peaks.bf16.source, "the vendor");
  EXPECT_EQ(sheet.peaks.int8.source, "a rumour");
  EXPECT_FALSE(sheet.peaks.fp4);
  EXPECT_TRUE(sheet.peaks.fp4.withheld);
  EXPECT_FALSE(sheet.peaks.fp8);
  EXPECT_FALSE(sheet.peaks.fp8.withheld);
  EXPECT_EQ(&sheet.peak_16bit(), &sheet.peaks.bf16);
}

TEST(Datasheet, RefusesAFigureWithoutASourceAndNamesItsLine) {
  EXPECT_THAT(complaint("name = \"x\"\n[die]\narea = \"814 mm2\"\n"),
              AllOf(StartsWith("mine.toml:3: die.area has no source"), HasSubstr("source = ")));
}

TEST(Datasheet, RefusesWrongValuesWithWhatWouldBeRight) {
  const std::string die = "name = \"x\"\n[die]\nsource = \"s\"\n";
  EXPECT_THAT(complaint(die + "area = 814\n"),
              AllOf(StartsWith("mine.toml:4: die.area is 814 "), HasSubstr("units: mm2")));
  EXPECT_THAT(complaint(die + "area = \"0 mm2\"\n"), HasSubstr("out of range"));
  EXPECT_THAT(complaint(die + "count = \"two\"\n"), HasSubstr("a whole number, 1 to 64"));
  EXPECT_THAT(complaint(die + "ares = \"814 mm2\"\n"), HasSubstr("did you mean die.area?"));
  EXPECT_THAT(complaint(die + "area_sauce = \"x\"\n"), HasSubstr("is not a key"));
  EXPECT_THAT(complaint("name = \"x\"\n[process]\nsource = \"s\"\nplanar = \"may\"\n"),
              HasSubstr("must be \"yes\" or \"no\""));
  EXPECT_THAT(complaint("[die]\n"), HasSubstr("name is missing"));
  EXPECT_THAT(
      complaint("name = \"x\"\n[floorplan]\nsource = \"s\"\ncores = 4\nenabled_cores = 5\n"),
      HasSubstr("only 4 are built"));
}

TEST(Datasheet, OfACatalogueChipTellsTheSimulatorAllThatIsMissing) {
  try {
    (void)find_chip("h100");
    FAIL() << "simulated a data sheet";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("h100.toml:1: "), HasSubstr("clock, core.count, dram.capacity"),
                      HasSubstr("isobar-1")));
  }
}

TEST(Datasheet, IsFilledFromTheMachineInTheSameFile) {
  const Datasheet sheet = find_datasheet("isobar-1");
  ASSERT_TRUE(sheet.machine.has_value());
  EXPECT_EQ((*sheet.peaks.fp32).count(), sheet.machine->peak_fp32().count());
  EXPECT_THAT(sheet.peaks.fp32.source, HasSubstr("machine"));
  EXPECT_EQ(*sheet.memory.capacity, sheet.machine->dram.capacity);
}

TEST(Datasheet, EveryChipThatComesWithIsobarReadsAndHasItsFilesName) {
  ASSERT_GE(list_datasheets().size(), 44U);
  for (const auto& path : list_datasheets()) {
    const Datasheet sheet = read_datasheet(path);
    EXPECT_EQ(sheet.name, path.stem()) << path;
    for (const DatasheetParameter& row : datasheet_parameters()) {
      const FigureView figure = row.get(sheet);
      if (figure.number || figure.text) EXPECT_FALSE(figure.source.empty()) << path << row.path;
    }
  }
}

TEST(Datasheet, KeysAreDeclaredOnce) {
  std::set<std::string_view> seen;
  for (const DatasheetParameter& row : datasheet_parameters()) {
    EXPECT_TRUE(seen.insert(row.path).second) << row.path;
    EXPECT_TRUE(row.help.ends_with('.')) << row.path;
    EXPECT_LT(row.low, row.high) << row.path;
  }
}

}  // namespace
}  // namespace isobar::chip
