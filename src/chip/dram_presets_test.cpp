// The DRAM presets against what the standards' own rates come to, and chip files that contradict
// them.
#include "chip/dram_presets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace isobar::chip {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string with(const std::string& dram, const std::string& rest = "") {
  return "name = \"mini\"\nclock = \"1 GHz\"\n[core]\ncount = 1\n[dram]\ncapacity = \"1 GiB\"\n" +
         dram + rest;
}
std::string complaint(const std::string& text) {
  try {
    (void)parse_chip(text, "mine.toml");
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(DramPresets, GiveAChannelThePeakOfItsStandard) {
  const auto peak = [](const char* name) {
    return find_dram_preset(name)->most_bandwidth().count();
  };
  EXPECT_DOUBLE_EQ(peak("HBM2e"), 8 * 3.6e9);   // 64 pins
  EXPECT_DOUBLE_EQ(peak("HBM3"), 4 * 6.4e9);    // 32 pins: 819 GB/s from a stack of 32
  EXPECT_DOUBLE_EQ(peak("GDDR6"), 2 * 20e9);    // 16 pins
  EXPECT_DOUBLE_EQ(peak("LPDDR5"), 2 * 6.4e9);  // 16 pins
  EXPECT_EQ(find_dram_preset("DDR3"), nullptr);
}

TEST(DramPresets, AreConsistent) {
  for (const DramPreset& preset : dram_presets()) {
    SCOPED_TRACE(preset.name);
    const DramTimings& t = preset.timings;
    // tRC is tRAS + tRP up to the rounding of either to clocks.
    EXPECT_NEAR(static_cast<double>(t.rc.count()), static_cast<double>((t.ras + t.rp).count()),
                1300);
    EXPECT_LE(t.rrd_s, t.rrd_l);
    EXPECT_LE(t.wtr_s, t.wtr_l);
    EXPECT_GE(t.faw, t.rrd_s * 3);
    EXPECT_LE(preset.bank_groups * preset.banks_per_group, 64U);
    EXPECT_LT(t.rfc.count() * preset.bank_groups, t.refi.count());
    EXPECT_FALSE(preset.source.empty());
  }
}

TEST(DramPresets, ABurstTakesWhatTheBandwidthSays) {
  const Chip chip = parse_chip(
      with("preset = \"HBM3\"\nchannels = 16\nbandwidth = \"409.6 GB/s\"\n"), "mine.toml");
  const DramTimings t = dram_timings(chip.dram);
  EXPECT_EQ(t.burst.count(), 1250U);  // 32 B at 25.6 GB/s: two clocks of 0.625 ns
  EXPECT_EQ(t.ccd_l.count(), 2500U);
  EXPECT_EQ(t.rcd_read.count(), 19375U);
}

TEST(DramPresets, ATimingOfTheFileReplacesThePresets) {
  const Chip chip = parse_chip(with("bandwidth = \"10 GB/s\"\nt_rcd = \"99 ns\"\n"), "mine.toml");
  EXPECT_EQ(dram_timings(chip.dram).rcd_read.count(), 99000U);
  EXPECT_EQ(dram_timings(chip.dram).rp.count(), 14000U);
}

TEST(DramPresets, ChannelsFollowFromTheBandwidth) {
  EXPECT_EQ(dram_channels(parse_chip(with("bandwidth = \"10 GB/s\"\n"), "m").dram), 1U);
  EXPECT_EQ(dram_channels(parse_chip(with("bandwidth = \"100 GB/s\"\n"), "m").dram), 4U);
  EXPECT_EQ(l2_slices(parse_chip(with("bandwidth = \"100 GB/s\"\n"), "m")), 4U);
}

TEST(DramPresets, ContradictionsAreNamedWithTheirLine) {
  EXPECT_THAT(complaint(with("bandwidth = \"10 GB/s\"\npreset = \"DDR3\"\n")),
              AllOf(StartsWith("mine.toml:8: dram.preset is \"DDR3\""), HasSubstr("HBM3")));
  EXPECT_THAT(complaint(with("bandwidth = \"3.35 TB/s\"\npreset = \"HBM3\"\nchannels = 80\n")),
              AllOf(StartsWith("mine.toml:7: dram.bandwidth is"), HasSubstr("80 channels of HBM3"),
                    HasSubstr("try dram.channels = 131")));
  EXPECT_THAT(complaint(with("bandwidth = \"1 GB/s\"\npreset = \"HBM3\"\nchannels = 80\n")),
              HasSubstr("try dram.bandwidth"));
  EXPECT_THAT(complaint(with("bandwidth = \"100 GB/s\"\nchannels = 4\n", "[l2]\nslices = 6\n")),
              AllOf(StartsWith("mine.toml:10: l2.slices is 6"), HasSubstr("try 4")));
  EXPECT_THAT(
      complaint(with("bandwidth = \"90 GB/s\"\nchannels = 3\n", "[l2]\nsize = \"1 MiB\"\n")),
      AllOf(StartsWith("mine.toml:10: l2.size"), HasSubstr("3 slices"), HasSubstr("try 768 KiB")));
  EXPECT_THAT(
      complaint(with("bandwidth = \"1 GB/s\"\n", "[l2]\nsector = \"16 B\"\nline = \"1024 B\"\n")),
      HasSubstr("32 sectors at most"));
}

}  // namespace
}  // namespace isobar::chip
