// The schedules of a pipeline: what a layout chooses, a search tries and a simulation runs.
//
// 1F1B and its interleaved form (Narayanan et al., 2021); ZB-H1 (Qi et al., Zero Bubble Pipeline
// Parallelism, 2023); DualPipe (DeepSeek-AI, DeepSeek-V3, 2024).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace isobar::plan {

enum class Schedule : std::uint8_t { kOneForwardOneBackward, kInterleaved, kZeroBubble, kDualPipe };

/// All of them, the plainest first.
inline constexpr std::array kSchedules{Schedule::kOneForwardOneBackward, Schedule::kInterleaved,
                                       Schedule::kZeroBubble, Schedule::kDualPipe};

/// As --schedule has it.
[[nodiscard]] constexpr std::string_view name_of(Schedule schedule) {
  constexpr std::array<std::string_view, kSchedules.size()> kNames{"1f1b", "interleaved", "zb-h1",
                                                                   "dualpipe"};
  return kNames.at(static_cast<std::size_t>(schedule));
}

}  // namespace isobar::plan
