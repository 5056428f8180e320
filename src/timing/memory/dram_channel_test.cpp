// One DRAM channel against its data sheet: what single requests take, what overtakes what, what a
// stream reaches. All times are sums of the preset's, so everything is exact unless said.
#include "timing/memory/dram_channel.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace isobar::timing {
namespace {

constexpr Picoseconds kController(10'000);

chip::Dram dram_of(const std::string& preset, std::uint32_t channels, double bandwidth) {
  chip::Dram dram;
  dram.preset = preset;
  dram.channels = channels;
  dram.bandwidth = BytesPerSecond(bandwidth);
  return dram;
}
const chip::Dram kHbm2e = dram_of("HBM2e", 8, 8 * 25.6e9);

DramShape shape_of(const chip::Dram& dram, bool refresh = false) {
  const chip::DramPreset& preset = *chip::find_dram_preset(dram.preset);
  return {preset.bank_groups, preset.bank_groups * preset.banks_per_group, kController, refresh};
}

DramRequest request(std::uint64_t arrival, std::uint32_t bank, std::uint64_t row,
                    std::uint32_t column = 0, bool write = false) {
  return {.arrival = Picoseconds(arrival), .place = {bank, column, row}, .write = write};
}

/// Everything that is pushed, done; the reads' data in the order in which they are ready.
std::vector<DramData> finish(DramChannel& channel) {
  std::vector<DramData> all;
  while (channel.next() != Picoseconds(std::numeric_limits<std::uint64_t>::max()))
    if (const auto data = channel.step()) all.push_back(*data);
  return all;
}

std::uint64_t took(const DramData& data) { return (data.ready - data.arrival).count(); }

TEST(DramChannel, ARowHitAMissAndAConflictDifferByActivateAndPrecharge) {
  const chip::DramTimings t = chip::dram_timings(kHbm2e);
  DramChannel channel(t, shape_of(kHbm2e));
  const std::uint64_t hit = (t.cl + t.burst + kController).count();
  constexpr std::uint64_t kLater = 1'000'000;  // everything before is long over
  channel.push(request(0, 3, 7));
  channel.push(request(kLater, 3, 7, 1));   // the row is open
  channel.push(request(2 * kLater, 3, 8));  // another one is
  const auto data = finish(channel);
  ASSERT_EQ(data.size(), 3U);
  EXPECT_EQ(took(data[1]), hit);
  EXPECT_EQ(took(data[0]) - took(data[1]), t.rcd_read.count());
  EXPECT_EQ(took(data[2]) - took(data[0]), t.rp.count());
  EXPECT_EQ(channel.events().row_hits, 1U);
  EXPECT_EQ(channel.events().row_misses, 1U);
  EXPECT_EQ(channel.events().row_conflicts, 1U);
}

TEST(DramChannel, AReadBehindAWriteWaitsForTheBusToTurnRound) {
  const chip::DramTimings t = chip::dram_timings(kHbm2e);
  DramChannel channel(t, shape_of(kHbm2e));
  channel.push(request(0, 3, 7));  // opens the row
  constexpr std::uint64_t kLater = 1'000'000;
  channel.push(request(kLater, 3, 7, 1, true));
  channel.push(request(kLater + 1, 3, 7, 2));  // the write's command has just gone out
  const auto data = finish(channel);
  ASSERT_EQ(data.size(), 2U);
  EXPECT_EQ(data[1].ready.count(),
            kLater + (t.cwl + t.burst + t.wtr_l + t.cl + t.burst + kController).count());
}

TEST(DramChannel, FourActivatesFillTheirWindow) {
  const chip::DramTimings t = chip::dram_timings(kHbm2e);
  DramChannel channel(t, shape_of(kHbm2e));
  for (std::uint32_t bank = 0; bank < 5; ++bank) channel.push(request(0, bank, 1));
  const auto data = finish(channel);
  ASSERT_EQ(data.size(), 5U);
  // The fifth may not be activated before the first one's window has passed.
  EXPECT_EQ(data[4].ready.count(),
            (std::max(t.faw, t.rrd_s * 4) + t.rcd_read + t.cl + t.burst + kController).count());
}

TEST(DramChannel, ARowHitOvertakesAnOlderConflictButNotForEver) {
  const chip::DramTimings t = chip::dram_timings(kHbm2e);
  DramChannel channel(t, shape_of(kHbm2e));
  channel.push(request(0, 3, 7));
  constexpr std::uint64_t kLater = 1'000'000;
  channel.push(request(kLater, 3, 8));
  for (std::uint32_t i = 0; i < 40; ++i) channel.push(request(kLater, 3, 7, i % 8));
  const auto data = finish(channel);
  ASSERT_EQ(data.size(), 42U);
  // Sixteen go first, then row 8, then row 7 is opened once more for the others.
  EXPECT_EQ(channel.events().row_hits, 39U);
  EXPECT_EQ(channel.events().row_conflicts, 2U);
}

/// Share of the data bus that a stream of reads uses: bursts of four rows after rows, all banks.
double stream_utilisation(const chip::Dram& dram, bool refresh) {
  const chip::DramTimings t = chip::dram_timings(dram);
  const DramShape shape = shape_of(dram, refresh);
  DramChannel channel(t, shape);
  constexpr std::uint32_t kRequests = 20'000, kColumns = 8;
  std::uint64_t last = 0;
  std::uint32_t pushed = 0;
  // Kept as full as a cache in front of it would: the queue's length ahead of what was answered.
  std::uint32_t answered = 0;
  while (answered < kRequests) {
    while (pushed < kRequests && pushed < answered + DramChannel::kQueue) {
      const std::uint32_t group = pushed % shape.bank_groups;
      const std::uint32_t above = pushed / shape.bank_groups;
      const std::uint32_t bank = above / kColumns % (shape.banks / shape.bank_groups);
      const std::uint64_t row = above / kColumns / (shape.banks / shape.bank_groups);
      DramRequest read = request(last, bank * shape.bank_groups + group, row, above % kColumns);
      read.bursts = 4;
      channel.push(read);
      ++pushed;
    }
    if (const auto data = channel.step()) {
      ++answered;
      last = std::max(last, (data->ready - t.cl - t.burst - kController).count());
    }
  }
  return static_cast<double>(std::uint64_t{kRequests} * 4 * t.burst.count()) /
         static_cast<double>(last);
}

TEST(DramChannel, AStreamReachesTheDescribedBandwidth) {
  for (const chip::Dram& dram :
       {kHbm2e, dram_of("HBM3", 16, 16 * 25.6e9), dram_of("GDDR6", 12, 12 * 28e9),
        dram_of("LPDDR5", 8, 8 * 12.8e9)}) {
    EXPECT_GT(stream_utilisation(dram, false), 0.98) << dram.preset;
    EXPECT_LE(stream_utilisation(dram, false), 1.0) << dram.preset;
    EXPECT_GT(stream_utilisation(dram, true), 0.98) << dram.preset << ", with refresh";
  }
}

}  // namespace
}  // namespace isobar::timing
