// The timings of DRAM standards, and what a chip file's [dram] comes to with them. A channel here
// is what schedules alone: a pseudo channel of HBM, a 16-bit channel of GDDR6 and LPDDR5. Timings
// of the array are times, as in the standards; a burst takes what the bandwidth says, so that a
// chip file may run its DRAM slower or faster within the standard's range. Each figure's source
// stands in the table in dram_presets.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/units.h"
#include "chip/chip.h"

namespace isobar::chip {

/// Bytes that one read or write command moves; the same in all these standards.
inline constexpr Bytes kDramBurst{32};

/// From the start of one command (or of the data) to the earliest start of another.
struct DramTimings {
  Picoseconds cl, cwl;              // command to first data
  Picoseconds rcd_read, rcd_write;  // activate to column command
  Picoseconds rp, ras, rc;          // precharge to activate, activate to precharge, to activate
  Picoseconds rtp, wr;              // read command / end of write data to precharge
  Picoseconds wtr_s, wtr_l;         // end of write data to read command, other / same bank group
  Picoseconds read_to_write;        // idle data bus between a read's and a write's data
  Picoseconds rrd_s, rrd_l, faw;    // activates of different banks; any four of them
  Picoseconds refi, rfc;            // each bank once per refi; a bank's refresh takes rfc
  Picoseconds rrefd;                // refresh of one bank to activate of another
  Picoseconds burst;                // data of one command: also tCCD_S
  Picoseconds ccd_l;                // column commands within one bank group
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of the tables
struct DramPreset {
  std::string_view name;
  std::uint32_t pins;            // data pins of a channel; 0: any bandwidth
  double least_rate, most_rate;  // bits per second and pin
  std::uint32_t bank_groups, banks_per_group;
  Bytes page;                  // of a bank, in one channel
  std::uint32_t ccd_l_bursts;  // tCCD_L in units of the burst
  DramTimings timings;         // burst and ccd_l are left zero
  std::string_view source;

  [[nodiscard]] BytesPerSecond least_bandwidth() const;  // of a channel
  [[nodiscard]] BytesPerSecond most_bandwidth() const;
};

[[nodiscard]] std::span<const DramPreset> dram_presets();
/// Null if there is none of this name.
[[nodiscard]] const DramPreset* find_dram_preset(std::string_view name);
/// "generic, GDDR6, ..." for messages.
[[nodiscard]] std::string dram_preset_names();
/// The section of docs/CHIP_FILE.md.
[[nodiscard]] std::string dram_preset_page();

/// The file's number of channels or, if it is 0, the least power of two that gives a channel no
/// more than its preset's most. A preset that does not exist counts as generic.
[[nodiscard]] std::uint32_t dram_channels(const Dram& dram);
/// The file's number of slices or, if it is 0, the number of DRAM channels.
[[nodiscard]] std::uint32_t l2_slices(const Chip& chip);
/// The preset's timings with the file's in their place, at the file's bandwidth.
[[nodiscard]] DramTimings dram_timings(const Dram& dram);

}  // namespace isobar::chip
