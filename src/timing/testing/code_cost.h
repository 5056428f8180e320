// What a piece of machine code costs on a chip, to the cycle, for tests.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "timing/testing/timed_guest.h"

namespace isobar::timing {

inline constexpr char kExit[] = "\n.word 0x0200000b\n";

inline std::string repeat(const std::string& line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line + "\n";
  return text;
}

/// Eight independent instructions: {} becomes 0 to 7.
inline std::string eight(const char* instruction) {
  std::string text;
  for (int i = 0; i < 8; ++i) text += fmt::format(fmt::runtime(instruction), i) + "\n";
  return text;
}

inline std::string assembly(const std::string& body) {
  return simt::guest_assembly("_start:\n" + body + kExit);
}

inline std::uint64_t charge(const LaunchTimes& times, Cause cause) {
  return times.charges[static_cast<std::size_t>(cause)];
}

/// Cycles of one warp alone on the chip, everything warm: the second of two launches.
inline std::uint64_t warm_cycles(const std::string& body, const chip::Chip& chip,
                                 std::uint64_t local_bytes = 0) {
  TimedGuest guest(assembly(body), chip);
  guest.buffer<std::uint64_t>(4096);
  guest.config().local_memory = Bytes(local_bytes);
  LaunchTimes times = guest.time(32, 32);
  EXPECT_FALSE(times.fault);
  times = guest.time(32, 32);
  EXPECT_EQ(times.unattributed(), 0);
  return times.cycles().count();
}

/// What `more` copies of a piece of code cost, one after another.
inline std::uint64_t cost_of(const std::string& before, const std::string& piece,
                             const chip::Chip& chip, std::uint64_t local_bytes = 0) {
  constexpr std::uint64_t kMore = 10;
  const std::uint64_t few = warm_cycles(before + repeat(piece, 10), chip, local_bytes);
  const std::uint64_t many = warm_cycles(before + repeat(piece, 10 + kMore), chip, local_bytes);
  EXPECT_EQ((many - few) % kMore, 0U);
  return (many - few) / kMore;
}

}  // namespace isobar::timing
