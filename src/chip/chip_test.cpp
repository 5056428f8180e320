// The chip reader against files that are right and wrong in one way each.
#include "chip/chip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/temporary_folder.h"
#include "chip/parameters.h"

namespace isobar::chip {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kSmallest[] =
    "name = \"mini\"\n"
    "clock = \"500 MHz\"\n"
    "[core]\n"
    "count = 2\n"
    "[dram]\n"
    "capacity = \"1 GiB\"\n"
    "bandwidth = \"10 GB/s\"\n";

/// The file above with one line appended to [dram] or, at the front, to the top level.
std::string complaint(const std::string& text) {
  try {
    (void)parse_chip(text, "mine.toml");
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}
std::string with(const std::string& section) { return kSmallest + section; }

TEST(ChipFile, GivesEveryKeyItDoesNotNameItsDefault) {
  const Chip chip = parse_chip(kSmallest, "mine.toml");
  EXPECT_EQ(chip.name, "mini");
  EXPECT_EQ(chip.clock.count(), 500e6);
  EXPECT_EQ(chip.core.count, 2U);
  EXPECT_EQ(chip.core.lanes, 32U);
  EXPECT_EQ(chip.core.local_memory, 64_KiB);
  EXPECT_EQ(chip.dram.capacity, 1_GiB);
  EXPECT_EQ(chip.dram.kind, "unspecified");
  EXPECT_DOUBLE_EQ(chip.launch_latency.count(), 2e-6);
}

TEST(ChipFile, PeaksAreCoresTimesLanesTimesTwoTimesClock) {
  const Chip chip = parse_chip(with("[l1]\n"), "mine.toml");
  EXPECT_DOUBLE_EQ(chip.peak_fp32().count(), 2.0 * 128 * 2 * 500e6);
  EXPECT_DOUBLE_EQ(chip.peak_fp16().count(), 2.0 * 256 * 2 * 500e6);
  EXPECT_DOUBLE_EQ(chip.peak_fp64().count(), 2.0 * 64 * 2 * 500e6);
}

TEST(ChipFile, AnswersAnUnknownKeyWithTheNearestOne) {
  EXPECT_THAT(complaint(with("capacitty = \"1 GiB\"\n")),
              AllOf(StartsWith("mine.toml:8: "), HasSubstr("did you mean dram.capacity?")));
  EXPECT_THAT(complaint("naem = \"x\"\n"),
              AllOf(StartsWith("mine.toml:1: "), HasSubstr("did you mean name?")));
  EXPECT_THAT(complaint(with("[zebra]\nstripes = 4\n")),
              AllOf(StartsWith("mine.toml:8: "), HasSubstr("CHIP_FILE.md")));
  // A key in the wrong table is told where it belongs.
  EXPECT_THAT(complaint(with("schedulers = 4\n")), HasSubstr("did you mean core.schedulers?"));
}

TEST(ChipFile, NamesTheLineOfAWrongValueAndWhatWouldBeRight) {
  EXPECT_THAT(complaint(with("[l1]\nsize = 128\n")),
              AllOf(StartsWith("mine.toml:9: l1.size is 128 "), HasSubstr("\"128 KiB\"")));
  EXPECT_THAT(complaint(with("[l1]\nsize = \"128 kib\"\n")), HasSubstr("units: B, kB, KiB"));
  EXPECT_THAT(complaint(with("[l1]\nways = \"4\"\n")), HasSubstr("a whole number, 1 to 64"));
  EXPECT_THAT(complaint(with("[l1]\nways = 4.0\n")), HasSubstr("a whole number"));
  EXPECT_THAT(complaint(with("[l1]\nways = 65\n")), HasSubstr("out of range"));
  EXPECT_THAT(complaint(with("[l1]\nways = -1\n")), HasSubstr("out of range"));
  EXPECT_THAT(complaint("name = \"a\\nb\"\n"), HasSubstr("printable"));
  EXPECT_THAT(complaint("core = 4\nname = \"x\"\n"), HasSubstr("must be a table"));
}

TEST(ChipFile, NamesAMissingRequiredKey) {
  EXPECT_THAT(complaint(""), AllOf(StartsWith("mine.toml:1: name is missing")));
  EXPECT_THAT(complaint("name = \"x\"\nclock = \"1 GHz\"\n[core]\n"),
              StartsWith("mine.toml:3: core.count is missing"));
}

TEST(ChipFile, ChecksWhatNoSingleKeyCanPromise) {
  EXPECT_THAT(complaint(with("[l1]\nsize = \"48 KiB\"\n")),
              AllOf(StartsWith("mine.toml:9: l1.size is 48 KiB"), HasSubstr("32 KiB or 64 KiB")));
  EXPECT_THAT(complaint(with("[l2]\nsector = \"256 B\"\n")), HasSubstr("does not divide"));
  EXPECT_THAT(complaint("core.warps = 4\n" + std::string(kSmallest)), HasSubstr("not TOML"));
  EXPECT_THAT(complaint("name = \"x\"\nclock = \"1 GHz\"\n[core]\ncount = 1\nwarps = 4\n[dram]\n"
                        "capacity = \"1 GiB\"\nbandwidth = \"1 GB/s\"\n"),
              HasSubstr("core.max_work_group is 1024, but 4 warps of 32 lanes hold 128"));
}

TEST(ChipFile, RefusesMachinesThatCannotBeBuilt) {
  const std::string core =
      "name = \"x\"\nclock = \"1 GHz\"\n[dram]\ncapacity = "
      "\"1 GiB\"\nbandwidth = \"10 GB/s\"\n[core]\ncount = 1\n";
  EXPECT_THAT(complaint(with("[l1]\nsize = \"0 KiB\"\n")),
              AllOf(StartsWith("mine.toml:9: l1.size is \"0 KiB\""), HasSubstr("out of range")));
  EXPECT_THAT(complaint(with("[icache]\nsize = \"0 KiB\"\n")), HasSubstr("icache.size"));
  EXPECT_THAT(
      complaint(with("[icache]\nsize = \"96 KiB\"\n")),
      AllOf(StartsWith("mine.toml:9: icache.size is 96 KiB"), HasSubstr("64 KiB or 128 KiB")));
  EXPECT_THAT(
      complaint(with("[l1]\nsize = \"96 KiB\"\nline = \"96 B\"\nsector = \"32 B\"\n")),
      AllOf(StartsWith("mine.toml:10: l1.line is 96"), HasSubstr("power of two (try 64 or 128)")));
  EXPECT_THAT(complaint(with("[l1]\nsector = \"24 B\"\n")), HasSubstr("l1.sector is 24"));
  EXPECT_THAT(complaint(with("[l1]\nsize = \"128 KB\"\n")), HasSubstr("units: B, kB, KiB"));
  EXPECT_THAT(complaint(with("[l1]\nline = \"64 B\"\n")),
              AllOf(StartsWith("mine.toml:9: l1.line is 64 B and l2.line is 128 B"),
                    HasSubstr("try l1.line = \"128 B\"")));
  EXPECT_THAT(complaint(with("[icache]\nline = \"256 B\"\n")), HasSubstr("more than l2.line"));
  EXPECT_THAT(complaint(with("[l1]\nmshrs = 0\n")), HasSubstr("l1.mshrs is 0, out of range"));
  EXPECT_THAT(complaint(with("[l1]\nwrite_policy = \"write-around\"\n")),
              HasSubstr("must be write-through or write-back"));
  EXPECT_THAT(
      complaint(core + "scheduling = \"fair\"\n"),
      AllOf(StartsWith("mine.toml:8: core.scheduling is \"fair\""), HasSubstr("two-level")));
  EXPECT_THAT(complaint(core + "schedulers = 8\nwarps = 4\nmax_work_group = 64\n"),
              HasSubstr("core.schedulers is 8, but there are 4 warps"));
  EXPECT_THAT(complaint(core + "schedulers = 1\nwarps = 256\n"),
              AllOf(HasSubstr("core.warps is 256"), HasSubstr("try core.schedulers = 4")));
  EXPECT_THAT(complaint(with("t_rfc = \"1 ms\"\n")),
              AllOf(StartsWith("mine.toml:8: dram.t_rfc is 1 ms"), HasSubstr("t_refi")));
  EXPECT_THAT(complaint("name = \"x\"\nclock = \"1 GHz\"\n[core]\ncount = 4096\n[dram]\ncapacity = "
                        "\"1 GiB\"\nbandwidth = \"10 GB/s\"\n[l1]\nsize = \"64 MiB\"\n"),
              AllOf(StartsWith("mine.toml:4: "), HasSubstr("lines of cache each")));
  EXPECT_THAT(complaint(with("[energy]\nfp32_op = \"1 pW\"\n")), HasSubstr("units: fJ, pJ, nJ"));
}

TEST(ChipFile, RefusesWhatIsNotTomlWithItsLine) {
  EXPECT_THAT(complaint("name = \"x\"\nclock = \n"), StartsWith("mine.toml:2: not TOML"));
  EXPECT_THAT(complaint("\xff\xfe"), StartsWith("mine.toml:1: not TOML"));
  EXPECT_THAT(complaint(std::string("name = \"x\"\n[\0l1]\n", 16)),
              AllOf(StartsWith("mine.toml:2: not TOML"), HasSubstr("0x00")));
  EXPECT_THAT(complaint("[\nl1]\n"), StartsWith("mine.toml:1: not TOML"));
  // A quoted key with a dot is not the dotted path.
  EXPECT_THAT(complaint("\"core.count\" = 4\n"), HasSubstr("is not a key"));
  EXPECT_THAT(complaint(std::string(100000, '[')), StartsWith("mine.toml:1: nested deeper"));
}

TEST(ChipFile, IsReadFromDiskAndFoundByName) {
  const TemporaryFolder folder("isobar-chip-test");
  EXPECT_THROW((void)read_chip(folder / "chip.toml"), UserError);
  EXPECT_EQ(find_chip(ISOBAR_SOURCE_DIR "/chips/isobar-nano.toml").name, "isobar-nano");
  EXPECT_EQ(find_chip("isobar-nano").name, "isobar-nano");
  try {
    (void)find_chip("isobar-9");
    FAIL() << "found a chip that does not exist";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean isobar-1?"));
  }
}

TEST(ChipFile, EveryChipThatComesWithIsobarIsRight) {
  ASSERT_GE(list_chips().size(), 2U);
  for (const auto& path : list_chips()) {
    const Chip chip = read_chip(path);
    EXPECT_EQ(chip.name, path.stem()) << path;
  }
  EXPECT_DOUBLE_EQ(find_chip("isobar-nano").peak_fp32().count(), 1.024e12);
}

TEST(Parameters, AreDeclaredOnceAndTheirDefaultsAreInRange) {
  std::set<std::string_view> seen;
  for (const Parameter& row : parameters()) {
    EXPECT_TRUE(seen.insert(row.path).second) << row.path;
    EXPECT_TRUE(row.help.ends_with('.')) << row.path;
    EXPECT_LT(row.low, row.high) << row.path;
    EXPECT_EQ(row.choices.empty(), row.dimension != Dimension::kChoice) << row.path;
    EXPECT_EQ(row.text != nullptr, row.dimension == Dimension::kText) << row.path;
    EXPECT_EQ(row.get != nullptr && row.set != nullptr, row.text == nullptr) << row.path;
    if (row.otherwise.empty() || row.dimension == Dimension::kText) continue;
    if (row.dimension == Dimension::kChoice) {
      EXPECT_NE(std::ranges::find(row.choices, row.otherwise), row.choices.end()) << row.path;
      EXPECT_EQ(row.high, row.choices.size() - 1) << row.path;
      continue;
    }
    const auto value = row.dimension == Dimension::kCount
                           ? std::optional(std::stod(std::string(row.otherwise)))
                           : parse_quantity(row.otherwise, row.dimension);
    ASSERT_TRUE(value.has_value()) << row.path;
    EXPECT_GE(*value, row.low) << row.path;
    EXPECT_LE(*value, row.high) << row.path;
  }
}

TEST(Parameters, AreCalledInTheModelAsInTheFile) {
  // What a pipe has is a struct of its own: core.fp32_lanes is core.fp32.lanes; and "int" is a
  // keyword of the language.
  for (const Parameter& row : parameters()) {
    std::string member(row.member), path(row.path);
    if (const std::size_t at = member.find(".integer."); at != std::string::npos)
      member.replace(at, 9, ".int.");
    std::ranges::replace(member, '.', '_');
    std::ranges::replace(path, '.', '_');
    EXPECT_EQ(member, path);
  }
}

TEST(Parameters, AChoiceIsHeldByTheEnumeratorOfItsName) {
  const auto core = [](const char* line) {
    return parse_chip(std::string("name = \"x\"\nclock = \"1 GHz\"\n[core]\ncount = 1\n") + line +
                          "\n[dram]\ncapacity = \"1 GiB\"\nbandwidth = \"10 GB/s\"\n",
                      "x.toml");
  };
  EXPECT_EQ(core("").core.scheduling, Scheduling::kGreedyThenOldest);
  EXPECT_EQ(core("scheduling = \"greedy-then-oldest\"").core.scheduling,
            Scheduling::kGreedyThenOldest);
  EXPECT_EQ(core("scheduling = \"loose-round-robin\"").core.scheduling,
            Scheduling::kLooseRoundRobin);
  EXPECT_EQ(core("scheduling = \"two-level\"").core.scheduling, Scheduling::kTwoLevel);
  EXPECT_EQ(core("private_layout = \"contiguous\"").core.private_layout,
            PrivateLayout::kContiguous);
  EXPECT_EQ(core("[l1]\nwrite_policy = \"write-back\"").l1.write_policy, WritePolicy::kWriteBack);
  EXPECT_EQ(core("[l1]\nwrite_policy = \"write-through\"").l1.write_policy,
            WritePolicy::kWriteThrough);
  EXPECT_EQ(core("[l1]\nfill = \"line\"").l1.fill, Fill::kLine);
  EXPECT_EQ(core("[l1]\nindex = \"plain\"").l1.index, SetIndex::kPlain);
  EXPECT_EQ(core("[l1]\nreplacement = \"fifo\"").l1.replacement, Replacement::kFifo);
}

TEST(Parameters, PrintAChipThatReadsBackTheSame) {
  const Chip chip = find_chip("isobar-nano");
  std::string top, sections, section;
  for (const Parameter& row : parameters()) {
    const bool bare = row.dimension == Dimension::kCount;
    const std::string value = bare ? format_value(row, chip) : '"' + format_value(row, chip) + '"';
    const std::size_t dot = row.path.find('.');
    if (dot != std::string_view::npos && row.path.substr(0, dot) != section) {
      section = row.path.substr(0, dot);
      sections += "[" + section + "]\n";
    }
    (dot == std::string_view::npos ? top : sections) +=
        std::string(row.path.substr(dot == std::string_view::npos ? 0 : dot + 1)) + " = " + value +
        "\n";
  }
  const Chip again = parse_chip(top + sections, "again.toml");
  for (const Parameter& row : parameters())
    EXPECT_EQ(format_value(row, again), format_value(row, chip)) << row.path;
  EXPECT_EQ(again.dram.capacity, chip.dram.capacity);
  EXPECT_EQ(again.dram.bandwidth, chip.dram.bandwidth);
}

TEST(Parameters, PageIsTheOneInDocs) {
  const std::filesystem::path page = ISOBAR_SOURCE_DIR "/docs/CHIP_FILE.md";
  if (std::getenv("ISOBAR_UPDATE_PAGES") != nullptr) write_text_atomically(page, chip_file_page());
  EXPECT_EQ(read_text(page), chip_file_page())
      << "run ISOBAR_UPDATE_PAGES=1 chip_test and commit docs/CHIP_FILE.md";
}

}  // namespace
}  // namespace isobar::chip
