// Every DRAM preset against its standard: one earliest time per rule. The channel is driven with a
// few requests, and the command in question must come exactly when the standard's own figure lets
// it, not a picosecond before and none after. Where another rule would come later, it is moved out
// of the way, so that each test sees one figure.
//
// The figures are typed in here once more, in clocks, from where the standards' tables are
// published:
//   Ramulator 2, github.com/CMU-SAFARI/ramulator2, commit c5b1c3a, python/ramulator/dram/: hbm2.py
//   (JESD235D), hbm3.py (JESD238), gddr6.py (JESD250, a Samsung data sheet), lpddr5.py
//   (JESD209-5B);
// and held against a second source, with the deviations named, at the end of this file:
//   DRAMsim3, github.com/umd-memsys/DRAMsim3, commit 2981759, configs/*.ini;
//   gem5, github.com/gem5/gem5, commit 1db206b, src/mem/DRAMInterface.py.
// No second source publishes HBM3's timings.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <vector>

#include "timing/memory/dram_channel.h"

namespace isobar::timing {
namespace {

/// One speed grade. Times are in clocks unless their name ends in _ps.
struct Standard {
  const char* preset;
  std::uint64_t clock_ps;
  std::uint64_t burst;  // nBL, and tCCD_S
  std::uint64_t ccd_l, cl, cwl, rcd_read, rcd_write, rp, ras, rc, rtp, wr;
  std::uint64_t wtr_s;          // end of a write's data to a read of another bank group
  std::uint64_t wtr_l;          // of the same one
  std::uint64_t read_to_write;  // from command to command
  std::uint64_t rrd_s_ps, rrd_l_ps, faw_ps, refi_ps, rfc_ps, rrefd_ps;
};

constexpr Standard kStandards[] = {
    // hbm2.py: HBM2_2400Mbps. tRRD 4 ns, tFAW 15 ns, tRFCSB 160 ns to 8 Gb, tRREFD 8 ns, tREFI 3.9
    // us.
    // Read to write: nCL + nBL + 2 - nCWL.
    {"HBM2e",        833,   2,     4,      17,        6,       17,   14, 17, 40, 57, 6, 19, 8, 10,
     17 + 2 + 2 - 6, 4'000, 4'000, 15'000, 3'900'000, 160'000, 8'000},
    // hbm3.py: HBM3_6400Mbps; tRREFD is the larger of 3 clocks and 8 ns.
    {"HBM3", 625, 2, 4,  20, 10,      31,      15,       26,         45,        72,
     9,      33,  7, 10, 20, 4 * 625, 5 * 625, 24 * 625, 6240 * 625, 320 * 625, 8'000},
    // gddr6.py: GDDR6_14000_1350mV_double. Read to write: nCL + 1.
    {"GDDR6", 570, 2, 4,  24,     6,       27,      16,       27,         53,        79,
     4,       27,  9, 11, 24 + 1, 8 * 570, 8 * 570, 29 * 570, 3333 * 570, 106 * 570, 15 * 570},
    // lpddr5.py: LPDDR5_6400, 16 Gb. Read to write: nCL + nBL_min + 2 - nCWL. Within a bank group a
    // write's array access takes nBL_max = 4 clocks before tWTR_L begins, its data only nBL_min
    // = 2.
    {"LPDDR5", 1250,  2,      4,         17,      9,    15,         15,
     15,       34,    49,     8,         28,      5,    10 + 4 - 2, 17 + 2 + 2 - 9,
     5'000,    5'000, 20'000, 3'906'000, 140'000, 7'500},
};

class DramStandard : public testing::TestWithParam<Standard> {
 protected:
  const Standard& s = GetParam();
  [[nodiscard]] std::uint64_t ck(std::uint64_t clocks) const { return clocks * s.clock_ps; }

  /// The preset at the bandwidth of the standard's speed grade.
  [[nodiscard]] chip::DramTimings timings() const {
    chip::Dram dram;
    dram.preset = s.preset;
    dram.channels = 1;
    dram.bandwidth = BytesPerSecond(static_cast<double>(chip::kDramBurst.count()) /
                                    (static_cast<double>(ck(s.burst)) * 1e-12));
    return chip::dram_timings(dram);
  }
  [[nodiscard]] DramShape shape(bool refresh = false) const {
    const chip::DramPreset& preset = *chip::find_dram_preset(s.preset);
    return {preset.bank_groups, preset.bank_groups * preset.banks_per_group, Picoseconds(0),
            refresh};
  }
};

/// Banks are numbered with their group lowest: these share one, or do not.
constexpr std::uint32_t kBank = 0, kOtherGroup = 1, kSameGroup = 4;
/// Long after everything before has left no trace but open rows.
constexpr std::uint64_t kLater = 1'000'000;

DramRequest read(std::uint64_t arrival, std::uint32_t bank, std::uint64_t row = 1) {
  return {.arrival = Picoseconds(arrival), .place = {bank, 0, row}};
}
DramRequest write(std::uint64_t arrival, std::uint32_t bank, std::uint64_t row = 1) {
  return {.arrival = Picoseconds(arrival), .place = {bank, 0, row}, .write = true};
}

/// What a channel sent, in order.
class Log {
 public:
  Log(DramChannel& channel, std::initializer_list<DramRequest> requests) {
    for (const DramRequest& request : requests) channel.push(request);
    while (channel.next() != Picoseconds(std::numeric_limits<std::uint64_t>::max())) {
      if (const auto data = channel.step()) data_.push_back(*data);
      if (channel.sent().kind != DramCommand::Kind::kNone) commands_.push_back(channel.sent());
    }
  }
  /// When the n-th command of a kind was sent, from 0.
  [[nodiscard]] std::uint64_t at(DramCommand::Kind kind, std::size_t n = 0) const {
    for (const DramCommand& command : commands_)
      if (command.kind == kind && n-- == 0) return command.time.count();
    ADD_FAILURE() << "no such command";
    return 0;
  }
  [[nodiscard]] const std::vector<DramData>& data() const { return data_; }

 private:
  std::vector<DramCommand> commands_;
  std::vector<DramData> data_;
};
using enum DramCommand::Kind;

TEST_P(DramStandard, AReadComesTrcdAfterItsActivate) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank)});
  EXPECT_EQ(log.at(kActivate), 0U);
  EXPECT_EQ(log.at(kRead), ck(s.rcd_read));
}

TEST_P(DramStandard, AWriteComesItsOwnTrcdAfterItsActivate) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {write(0, kBank)});
  EXPECT_EQ(log.at(kWrite), ck(s.rcd_write));
}

TEST_P(DramStandard, AReadsDataEndClAndABurstAfterItsCommand) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank)});
  ASSERT_EQ(log.data().size(), 1U);
  EXPECT_EQ(log.data()[0].ready.count() - log.at(kRead), ck(s.cl + s.burst));
}

TEST_P(DramStandard, AnActivateComesTrpAfterThePrecharge) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank, 1), read(kLater, kBank, 2)});
  EXPECT_EQ(log.at(kPrecharge), kLater);
  EXPECT_EQ(log.at(kActivate, 1), kLater + ck(s.rp));
}

TEST_P(DramStandard, APrechargeComesTrasAfterTheActivate) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank, 1), read(0, kBank, 2)});
  ASSERT_LT(ck(s.rcd_read + s.rtp), ck(s.ras)) << "tRTP would come later";
  EXPECT_EQ(log.at(kPrecharge), ck(s.ras));
}

TEST_P(DramStandard, ActivatesOfABankAreTrcApart) {
  chip::DramTimings t = timings();
  t.ras = t.rp = t.rtp = Picoseconds(1);  // the way over a precharge, out of the way
  DramChannel channel(t, shape());
  const Log log(channel, {read(0, kBank, 1), read(0, kBank, 2)});
  // A tRC below tRAS + tRP, as GDDR6's by a clock of rounding, never shows.
  EXPECT_EQ(log.at(kActivate, 1), ck(std::max(s.rc, s.ras + s.rp)));
}

TEST_P(DramStandard, ActivatesOfTwoBankGroupsAreTrrdSApart) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank), read(0, kOtherGroup)});
  EXPECT_EQ(log.at(kActivate, 1), s.rrd_s_ps);
}

TEST_P(DramStandard, ActivatesWithinABankGroupAreTrrdLApart) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank), read(0, kSameGroup)});
  EXPECT_EQ(log.at(kActivate, 1), s.rrd_l_ps);
}

TEST_P(DramStandard, TheFifthActivateWaitsForTheWindowOfFour) {
  chip::DramTimings t = timings();
  t.rrd_s = t.rrd_l = Picoseconds(1);  // four of them may take longer than the window
  DramChannel channel(t, shape());
  const Log log(channel, {read(0, 0), read(0, 1), read(0, 2), read(0, 3), read(0, 5)});
  EXPECT_EQ(log.at(kActivate, 3), 3U);
  EXPECT_EQ(log.at(kActivate, 4), s.faw_ps);
}

TEST_P(DramStandard, ColumnCommandsOfTwoBankGroupsAreTccdSApart) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank), read(0, kOtherGroup), read(kLater, kBank),
                          read(kLater, kOtherGroup)});
  EXPECT_EQ(log.at(kRead, 2), kLater);
  EXPECT_EQ(log.at(kRead, 3), kLater + ck(s.burst));
}

TEST_P(DramStandard, ColumnCommandsWithinABankGroupAreTccdLApart) {
  DramChannel channel(timings(), shape());
  const Log reads(channel, {read(0, kBank), read(0, kSameGroup), read(kLater, kBank),
                            read(kLater, kSameGroup)});
  EXPECT_EQ(reads.at(kRead, 3), kLater + ck(s.ccd_l));
  DramChannel other(timings(), shape());
  const Log writes(other, {write(0, kBank), write(0, kSameGroup), write(kLater, kBank),
                           write(kLater, kSameGroup)});
  EXPECT_EQ(writes.at(kWrite, 3), kLater + ck(s.ccd_l));
}

TEST_P(DramStandard, APrechargeComesTrtpAfterARead) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank, 1), read(kLater, kBank, 1), read(kLater + 1, kBank, 2)});
  EXPECT_EQ(log.at(kPrecharge), kLater + ck(s.rtp));
}

TEST_P(DramStandard, APrechargeComesTwrAfterTheEndOfAWritesData) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank, 1), write(kLater, kBank, 1), read(kLater + 1, kBank, 2)});
  EXPECT_EQ(log.at(kPrecharge), kLater + ck(s.cwl + s.burst + s.wr));
}

TEST_P(DramStandard, AReadOfAnotherBankGroupComesTwtrSAfterAWritesData) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank), read(0, kOtherGroup), write(kLater, kBank),
                          read(kLater + 1, kOtherGroup)});
  EXPECT_EQ(log.at(kRead, 2), kLater + ck(s.cwl + s.burst + s.wtr_s));
}

TEST_P(DramStandard, AReadOfTheSameBankGroupComesTwtrLAfterAWritesData) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank), read(0, kSameGroup), write(kLater, kBank),
                          read(kLater + 1, kSameGroup)});
  EXPECT_EQ(log.at(kRead, 2), kLater + ck(s.cwl + s.burst + s.wtr_l));
}

TEST_P(DramStandard, AWriteAfterAReadLeavesTheBusItsTimeToTurn) {
  DramChannel channel(timings(), shape());
  const Log log(channel, {read(0, kBank), read(kLater, kBank), write(kLater + 1, kBank)});
  EXPECT_EQ(log.at(kWrite), kLater + ck(s.read_to_write));
}

TEST_P(DramStandard, EachBankIsRefreshedOncePerTrefi) {
  DramChannel channel(timings(), shape(true));
  const Log log(channel, {read(10 * s.refi_ps + 100, kBank)});
  EXPECT_EQ(channel.events().refreshes, std::uint64_t{10} * shape().banks);
}

TEST_P(DramStandard, ARefreshedBankIsActivatedTrfcLater) {
  const std::uint64_t due = s.refi_ps / shape().banks;  // of the first one, bank 0's
  DramChannel channel(timings(), shape(true));
  const Log log(channel, {read(due + 1, kBank)});
  EXPECT_EQ(log.at(kActivate), due + s.rfc_ps);
}

TEST_P(DramStandard, AnotherBankIsActivatedTrrefdAfterARefresh) {
  const std::uint64_t due = s.refi_ps / shape().banks;
  DramChannel channel(timings(), shape(true));
  const Log log(channel, {read(due + 1, kOtherGroup)});
  EXPECT_EQ(log.at(kActivate), due + s.rrefd_ps);
}

INSTANTIATE_TEST_SUITE_P(Presets, DramStandard, testing::ValuesIn(kStandards),
                         [](const auto& each) { return std::string(each.param.preset); });

// JESD209-5B gives LPDDR5X the array timings of LPDDR5; only the burst is shorter.
TEST(DramStandards, Lpddr5xHasTheArrayOfLpddr5) {
  const chip::DramTimings& five = chip::find_dram_preset("LPDDR5")->timings;
  const chip::DramTimings& x = chip::find_dram_preset("LPDDR5X")->timings;
  for (const auto field :
       {&chip::DramTimings::cl, &chip::DramTimings::cwl, &chip::DramTimings::rcd_read,
        &chip::DramTimings::rcd_write, &chip::DramTimings::rp, &chip::DramTimings::ras,
        &chip::DramTimings::rc, &chip::DramTimings::rtp, &chip::DramTimings::wr,
        &chip::DramTimings::wtr_s, &chip::DramTimings::wtr_l, &chip::DramTimings::read_to_write,
        &chip::DramTimings::rrd_s, &chip::DramTimings::rrd_l, &chip::DramTimings::faw,
        &chip::DramTimings::refi, &chip::DramTimings::rfc, &chip::DramTimings::rrefd})
    EXPECT_EQ(five.*field, x.*field);
}

TEST(DramStandards, EveryPresetOfAStandardIsHeldAgainstIt) {
  for (const chip::DramPreset& preset : chip::dram_presets()) {
    if (preset.name == "generic" || preset.name == "LPDDR5X") continue;  // no part; as LPDDR5
    EXPECT_TRUE(std::ranges::any_of(kStandards, [&](const Standard& standard) {
      return preset.name == standard.preset;
    })) << preset.name;
  }
}

// ---- The second source ------------------------------------------------------------------------

/// A figure of another publication, for a part or speed grade of its own.
struct SecondFigure {
  const char* preset;
  const char* name;
  Picoseconds chip::DramTimings::* field;
  double ns;
  const char* deviates;  // null: within a clock and a half of the slower of the two, 1.5 ns
};
using T = chip::DramTimings;

constexpr SecondFigure kSecond[] = {
    // DRAMsim3 HBM2_8Gb_x128.ini, clocks of 1 ns.
    {"HBM2e", "tCL", &T::cl, 14, nullptr},
    {"HBM2e", "tCWL", &T::cwl, 4, nullptr},
    {"HBM2e", "tRCD, read", &T::rcd_read, 14, nullptr},
    {"HBM2e", "tRCD, write", &T::rcd_write, 14, "one figure for both; Ramulator and gem5 have two"},
    {"HBM2e", "tRP", &T::rp, 14, nullptr},
    {"HBM2e", "tRAS", &T::ras, 34, nullptr},
    {"HBM2e", "tWR", &T::wr, 16, nullptr},
    {"HBM2e", "tWTR_S", &T::wtr_s, 6, nullptr},
    {"HBM2e", "tWTR_L", &T::wtr_l, 8, nullptr},
    {"HBM2e", "tRTP", &T::rtp, 6, nullptr},
    {"HBM2e", "tRRD_S", &T::rrd_s, 4, nullptr},
    {"HBM2e", "tRRD_L", &T::rrd_l, 6, "vendors' choice; gem5's HBM_2000 has 6 ns too"},
    {"HBM2e", "tFAW", &T::faw, 30, "vendors' choice; gem5's HBM_2000 has 16 ns"},
    {"HBM2e", "tREFI", &T::refi, 3900, nullptr},
    // DRAMsim3 GDDR6_8Gb_x16.ini, clocks of 0.66 ns, of 12 Gb/s.
    {"GDDR6", "tCL", &T::cl, 24 * 0.66, "24 clocks in both, of different length"},
    {"GDDR6", "tCWL", &T::cwl, 16 * 0.66, "a mode register's choice"},
    {"GDDR6", "tRCD, read", &T::rcd_read, 24 * 0.66, nullptr},
    {"GDDR6", "tRCD, write", &T::rcd_write, 20 * 0.66, "a part of another voltage"},
    {"GDDR6", "tRP", &T::rp, 24 * 0.66, nullptr},
    {"GDDR6", "tRAS", &T::ras, 54 * 0.66, "a part of another voltage"},
    {"GDDR6", "tRTP", &T::rtp, 3 * 0.66, nullptr},
    {"GDDR6", "tWR", &T::wr, 16 * 0.66, "16 clocks are too few for the 15 ns of the data sheet"},
    {"GDDR6", "tWTR_S", &T::wtr_s, 7 * 0.66, nullptr},
    {"GDDR6", "tRRD_S", &T::rrd_s, 9 * 0.66, nullptr},
    {"GDDR6", "tFAW", &T::faw, 32 * 0.66, "a part of another voltage"},
    {"GDDR6", "tREFI", &T::refi, 11862 * 0.66, "the standard's 1.9 us four times over"},
    // gem5 LPDDR5_6400_1x16_BG_BL16, 8 Gb, clocks of 1.25 ns.
    {"LPDDR5", "tCL", &T::cl, 21.25, nullptr},
    {"LPDDR5", "tRCD", &T::rcd_read, 18, nullptr},
    {"LPDDR5", "tRP", &T::rp, 18, nullptr},
    {"LPDDR5", "tRAS", &T::ras, 42, nullptr},
    {"LPDDR5", "tWR", &T::wr, 34, nullptr},
    {"LPDDR5", "tRTP", &T::rtp, 5, "counted from two clocks later: 7.5 ns"},
    {"LPDDR5", "tWTR_S", &T::wtr_s, 6.25, nullptr},
    // There too tWTR_L begins after tBURST_MAX, 5 ns, where the data take 2.5 (wrToRdDlySameBG).
    {"LPDDR5", "tWTR_L", &T::wtr_l, 12 + 5 - 2.5, nullptr},
    {"LPDDR5", "tRRD_S", &T::rrd_s, 5, nullptr},
    {"LPDDR5", "tRRD_L", &T::rrd_l, 5, nullptr},
    {"LPDDR5", "tFAW", &T::faw, 20, nullptr},
    {"LPDDR5", "tREFI", &T::refi, 3900, "3.906 us rounded"},
};

TEST(DramStandards, ASecondSourceAgreesOrItsDeviationIsNamed) {
  for (const SecondFigure& figure : kSecond) {
    const T& timings = chip::find_dram_preset(figure.preset)->timings;
    const double ours = static_cast<double>((timings.*figure.field).count()) / 1000;
    const bool agrees = std::abs(ours - figure.ns) <= 1.5;
    EXPECT_EQ(agrees, figure.deviates == nullptr)
        << figure.preset << ' ' << figure.name << ": " << ours << " ns here, " << figure.ns;
  }
}

}  // namespace
}  // namespace isobar::timing
