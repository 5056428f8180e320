// The table of DRAM standards. Figures are those of Ramulator 2 (github.com/CMU-SAFARI/ramulator2,
// commit c5b1c3a, python/ramulator/dram/*.py), which names the JEDEC tables it took them from;
// clock counts are multiplied out at the clock of the speed grade named here. Where DRAMsim3
// (github.com/umd-memsys/DRAMsim3, configs/) disagrees, the row says so.
#include "chip/dram_presets.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "chip/quantity.h"

namespace isobar::chip {
namespace {

constexpr Picoseconds ns(double value) {
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): nothing is negative, and llround() not constexpr
  return Picoseconds(static_cast<std::uint64_t>(value * 1000 + 0.5));
}
/// So many clocks of `clock` nanoseconds.
constexpr Picoseconds ck(double count, double clock) { return ns(count * clock); }

constexpr double kHbm2 = 0.833, kHbm3 = 0.625, kGddr6 = 0.570, kLpddr5 = 1.25;

// JESD209-5B gives one set of array timings for all data rates of LPDDR5 and LPDDR5X, in ns; the
// figures are those of the 6400 grade, whose rounding up to clocks of 1.25 ns they keep.
constexpr DramTimings kLpddr5Timings{
    .cl = ck(17, kLpddr5),
    .cwl = ck(9, kLpddr5),
    .rcd_read = ck(15, kLpddr5),
    .rcd_write = ck(15, kLpddr5),
    .rp = ck(15, kLpddr5),
    .ras = ck(34, kLpddr5),
    .rc = ck(49, kLpddr5),
    .rtp = ck(8, kLpddr5),
    .wr = ck(28, kLpddr5),
    .wtr_s = ck(5, kLpddr5),
    // tWTR_L 10, counted from the end of the array's access, which takes BL/n_max 4 where the data
    // take BL/n_min 2.
    .wtr_l = ck(10 + 4 - 2, kLpddr5),
    .read_to_write = ck(2, kLpddr5),
    .rrd_s = ns(5),
    .rrd_l = ns(5),
    .faw = ns(20),
    .refi = ns(3906),
    .rfc = ns(140),
    .rrefd = ns(7.5),
};

constexpr DramPreset kPresets[] = {
    {.name = "generic",
     .pins = 0,
     .least_rate = 1e6 * 8,
     .most_rate = 32e9 * 8,
     .bank_groups = 4,
     .banks_per_group = 4,
     .page = 1_KiB,
     .ccd_l_bursts = 1,
     .timings = {.cl = ns(14),
                 .cwl = ns(7),
                 .rcd_read = ns(14),
                 .rcd_write = ns(14),
                 .rp = ns(14),
                 .ras = ns(33),
                 .rc = ns(47),
                 .rtp = ns(6),
                 .wr = ns(16),
                 .wtr_s = ns(6),
                 .wtr_l = ns(8),
                 .read_to_write = ns(2),
                 .rrd_s = ns(4),
                 .rrd_l = ns(4),
                 .faw = ns(16),
                 .refi = ns(3900),
                 .rfc = ns(160),
                 .rrefd = ns(8)},
     .source =
         "no part: round figures near those of the standards below, bank groups without cost"},
    {.name = "HBM2e",
     .pins = 64,
     .least_rate = 0.8e9,
     .most_rate = 3.6e9,
     .bank_groups = 4,
     .banks_per_group = 4,
     .page = 1_KiB,
     .ccd_l_bursts = 2,
     .timings = {.cl = ck(17, kHbm2),
                 .cwl = ck(6, kHbm2),
                 .rcd_read = ck(17, kHbm2),
                 .rcd_write = ck(14, kHbm2),
                 .rp = ck(17, kHbm2),
                 .ras = ck(40, kHbm2),
                 .rc = ck(57, kHbm2),
                 .rtp = ck(6, kHbm2),
                 .wr = ck(19, kHbm2),
                 .wtr_s = ck(8, kHbm2),
                 .wtr_l = ck(10, kHbm2),
                 .read_to_write = ck(2, kHbm2),
                 .rrd_s = ns(4),
                 .rrd_l = ns(4),
                 .faw = ns(15),
                 .refi = ns(3900),
                 .rfc = ns(160),
                 .rrefd = ns(8)},
     .source = "JESD235D as in Ramulator 2 hbm2.py, HBM2_2400Mbps (tCK 0.833 ns), single-bank "
               "refresh of up to 8 Gb; DRAMsim3 HBM2_8Gb_x128.ini has tRRD_L 6 ns, tFAW 30 ns"},
    {.name = "HBM3",
     .pins = 32,
     .least_rate = 1.6e9,
     .most_rate = 6.4e9,
     .bank_groups = 4,
     .banks_per_group = 4,
     .page = 1_KiB,
     .ccd_l_bursts = 2,
     .timings = {.cl = ck(20, kHbm3),
                 .cwl = ck(10, kHbm3),
                 .rcd_read = ck(31, kHbm3),
                 .rcd_write = ck(15, kHbm3),
                 .rp = ck(26, kHbm3),
                 .ras = ck(45, kHbm3),
                 .rc = ck(72, kHbm3),
                 .rtp = ck(9, kHbm3),
                 .wr = ck(33, kHbm3),
                 .wtr_s = ck(7, kHbm3),
                 .wtr_l = ck(10, kHbm3),
                 // nRTW 20 = nCL 20 + nBL 2 - nCWL 10 + 8
                 .read_to_write = ck(8, kHbm3),
                 .rrd_s = ck(4, kHbm3),
                 .rrd_l = ck(5, kHbm3),
                 .faw = ck(24, kHbm3),
                 .refi = ns(3900),
                 .rfc = ck(320, kHbm3),
                 .rrefd = ns(8)},
     .source = "JESD238 as in Ramulator 2 hbm3.py, HBM3_6400Mbps (tCK 0.625 ns)"},
    {.name = "GDDR6",
     .pins = 16,
     .least_rate = 5e9,
     .most_rate = 20e9,
     .bank_groups = 4,
     .banks_per_group = 4,
     .page = 2_KiB,
     .ccd_l_bursts = 2,
     .timings = {.cl = ck(24, kGddr6),
                 .cwl = ck(6, kGddr6),
                 .rcd_read = ck(27, kGddr6),
                 .rcd_write = ck(16, kGddr6),
                 .rp = ck(27, kGddr6),
                 .ras = ck(53, kGddr6),
                 .rc = ck(79, kGddr6),
                 .rtp = ck(4, kGddr6),
                 .wr = ck(27, kGddr6),
                 .wtr_s = ck(9, kGddr6),
                 .wtr_l = ck(11, kGddr6),
                 // Read to write nCL + 1 = nCL + nBL 2 - nCWL 6 + 5
                 .read_to_write = ck(5, kGddr6),
                 .rrd_s = ck(8, kGddr6),
                 .rrd_l = ck(8, kGddr6),
                 .faw = ck(29, kGddr6),
                 .refi = ck(3333, kGddr6),
                 .rfc = ck(106, kGddr6),
                 .rrefd = ck(15, kGddr6)},
     .source = "JESD250 and a Samsung 8 Gb data sheet as in Ramulator 2 gddr6.py, "
               "GDDR6_14000_1350mV_double (tCK 0.57 ns); DRAMsim3 GDDR6_8Gb_x16.ini has tRCD, tRP "
               "15.8 ns, tRAS 35.6 ns"},
    {.name = "LPDDR5",
     .pins = 16,
     .least_rate = 1.6e9,
     .most_rate = 6.4e9,
     .bank_groups = 4,
     .banks_per_group = 4,
     .page = 2_KiB,
     .ccd_l_bursts = 2,
     .timings = kLpddr5Timings,
     .source = "JESD209-5B as in Ramulator 2 lpddr5.py, LPDDR5_6400, 16 Gb (tCK 1.25 ns)"},
    {.name = "LPDDR5X",
     .pins = 16,
     .least_rate = 2.133e9,
     .most_rate = 8.534e9,
     .bank_groups = 4,
     .banks_per_group = 4,
     .page = 2_KiB,
     .ccd_l_bursts = 2,
     .timings = kLpddr5Timings,
     .source = "JESD209-5B, which extends LPDDR5 to 8533 Mb/s; array timings as for LPDDR5"},
};

Picoseconds or_preset(Seconds own, Picoseconds preset) {
  return own.count() == 0 ? preset : ns(own.count() * 1e9);
}

}  // namespace

BytesPerSecond DramPreset::least_bandwidth() const {
  return BytesPerSecond(least_rate * (pins == 0 ? 1 : pins) / 8);
}
BytesPerSecond DramPreset::most_bandwidth() const {
  return BytesPerSecond(most_rate * (pins == 0 ? 1 : pins) / 8);
}

std::span<const DramPreset> dram_presets() { return kPresets; }

const DramPreset* find_dram_preset(std::string_view name) {
  const auto* found = std::ranges::find(kPresets, name, &DramPreset::name);
  return found == std::end(kPresets) ? nullptr : found;
}

std::string dram_preset_names() {
  std::string names;
  for (const DramPreset& preset : kPresets)
    names += (names.empty() ? "" : ", ") + std::string(preset.name);
  return names;
}

std::string dram_preset_page() {
  std::string page =
      "\n## DRAM presets\n\n"
      "A preset has the timings of a memory standard. `dram.bandwidth` is the bandwidth of the "
      "chip;\n"
      "divided by `dram.channels`, it is the bandwidth of a channel, which must be in the range "
      "of\n"
      "the preset. A burst of 32 B takes 32 B / (bandwidth of a channel). tCCD_L is a number of "
      "bursts;\n"
      "all other timings are times, and do not change with the bandwidth. `dram.t_rcd`, "
      "`dram.t_rp`\n"
      "and the other `dram.t_` keys replace single timings.\n\n"
      "| preset | channel | bandwidth of a channel | banks | page | tCL / tRCD / tRP / tRAS ns | "
      "tCCD_L | tFAW ns | tREFI / tRFC of a bank ns | source |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n";
  const auto nano = [](Picoseconds t) { return static_cast<double>(t.count()) / 1000; };
  for (const DramPreset& p : kPresets) {
    const DramTimings& t = p.timings;
    page += fmt::format(
        "| {} | {} | {} to {} | {} x {} | {} | {:.1f} / {:.1f} / {:.1f} / {:.1f} | {} | {:.1f} | "
        "{:.0f} / {:.0f} | {} |\n",
        p.name, p.pins == 0 ? std::string("any") : fmt::format("{} bit", p.pins),
        format_quantity(p.least_bandwidth().count(), Dimension::kBandwidth),
        format_quantity(p.most_bandwidth().count(), Dimension::kBandwidth), p.bank_groups,
        p.banks_per_group, format_quantity(static_cast<double>(p.page.count()), Dimension::kBytes),
        nano(t.cl), nano(t.rcd_read), nano(t.rp), nano(t.ras), p.ccd_l_bursts, nano(t.faw),
        nano(t.refi), nano(t.rfc), p.source);
  }
  return page;
}

std::uint32_t dram_channels(const Dram& dram) {
  if (dram.channels != 0) return dram.channels;
  const DramPreset* preset = find_dram_preset(dram.preset);
  if (preset == nullptr) preset = &kPresets[0];
  const double fewest = std::ceil(dram.bandwidth.count() / preset->most_bandwidth().count());
  return std::bit_ceil(static_cast<std::uint32_t>(std::clamp(fewest, 1.0, 4096.0)));
}

std::uint32_t l2_slices(const Chip& chip) {
  return chip.l2.slices != 0 ? chip.l2.slices : dram_channels(chip.dram);
}

DramTimings dram_timings(const Dram& dram) {
  const DramPreset* preset = find_dram_preset(dram.preset);
  if (preset == nullptr) preset = &kPresets[0];
  DramTimings t = preset->timings;
  const double bandwidth = dram.bandwidth.count() / dram_channels(dram);
  const double burst = static_cast<double>(kDramBurst.count()) / bandwidth;
  t.burst = ns(burst * 1e9);
  t.ccd_l = t.burst * preset->ccd_l_bursts;
  t.cl = or_preset(dram.t_cl, t.cl);
  t.cwl = or_preset(dram.t_cwl, t.cwl);
  t.rcd_read = or_preset(dram.t_rcd, t.rcd_read);
  t.rcd_write = or_preset(dram.t_rcd, t.rcd_write);
  t.rp = or_preset(dram.t_rp, t.rp);
  t.ras = or_preset(dram.t_ras, t.ras);
  t.rc = std::max(t.ras + t.rp, dram.t_ras.count() + dram.t_rp.count() > 0 ? t.ras + t.rp : t.rc);
  t.wr = or_preset(dram.t_wr, t.wr);
  t.wtr_s = or_preset(dram.t_wtr, t.wtr_s);
  t.wtr_l = or_preset(dram.t_wtr, t.wtr_l);
  t.rtp = or_preset(dram.t_rtp, t.rtp);
  t.rrd_s = or_preset(dram.t_rrd, t.rrd_s);
  t.rrd_l = or_preset(dram.t_rrd, t.rrd_l);
  t.faw = or_preset(dram.t_faw, t.faw);
  t.refi = or_preset(dram.t_refi, t.refi);
  t.rfc = or_preset(dram.t_rfc, t.rfc);
  return t;
}

}  // namespace isobar::chip
