// Whether a work-group has room on a core, and for how long its warps count as being there.
#include "timing/core/residency.h"

#include <gtest/gtest.h>

namespace isobar::timing {
namespace {

constexpr Residency::Limits kLimits{.groups = 3, .warps = 8, .local_memory = 64_KiB};
constexpr Bytes kNone{0};

TEST(Residency, AGroupHasRoomUpToEachOfTheThreeLimits) {
  const Residency empty(kLimits);
  EXPECT_TRUE(empty.has_room(8, 64_KiB, Cycles(0)));
  EXPECT_FALSE(empty.has_room(9, kNone, Cycles(0)));
  EXPECT_FALSE(empty.has_room(1, 65_KiB, Cycles(0)));
  Residency three(kLimits);
  for (int group = 0; group < 3; ++group) three.arrive(1, kNone, Cycles(0));
  EXPECT_FALSE(three.has_room(1, kNone, Cycles(0)));
}

TEST(Residency, AGroupThatWasPromisedAPlaceTakesItBeforeItComes) {
  Residency core(kLimits);
  core.promise(6, 40_KiB);
  EXPECT_TRUE(core.has_room(2, 24_KiB, Cycles(0)));
  EXPECT_FALSE(core.has_room(3, kNone, Cycles(0)));
  EXPECT_FALSE(core.has_room(1, 25_KiB, Cycles(0)));
  core.settle_promises();
  core.arrive(6, 40_KiB, Cycles(5));
  EXPECT_TRUE(core.has_room(2, 24_KiB, Cycles(5)));  // it is not counted twice
  EXPECT_FALSE(core.has_room(3, kNone, Cycles(5)));
}

TEST(Residency, WhatEndsFreesItsPlaceInItsCycleAndNotOneBefore) {
  Residency core(kLimits);
  core.arrive(8, 64_KiB, Cycles(0));
  for (int warp = 0; warp < 8; ++warp) core.end_warp(Cycles(100));
  core.end_group(64_KiB, Cycles(100));
  EXPECT_FALSE(core.has_room(1, kNone, Cycles(99)));
  EXPECT_TRUE(core.has_room(8, 64_KiB, Cycles(100)));
}

TEST(Residency, LocalMemoryIsFreeWhenTheLastWarpOfItsGroupEnds) {
  Residency core(kLimits);
  core.arrive(2, 64_KiB, Cycles(0));
  core.end_warp(Cycles(50));
  EXPECT_TRUE(core.has_room(7, kNone, Cycles(50)));
  EXPECT_FALSE(core.has_room(1, 1_KiB, Cycles(50)));
  core.end_warp(Cycles(60));
  core.end_group(64_KiB, Cycles(60));
  EXPECT_TRUE(core.has_room(8, 64_KiB, Cycles(60)));
}

TEST(Residency, WhatEndedBeforeTheLastWindowIsFreeForGood) {
  Residency core(kLimits);
  core.arrive(8, kNone, Cycles(0));
  for (int warp = 0; warp < 8; ++warp) core.end_warp(Cycles(100));
  core.end_group(kNone, Cycles(100));
  core.settle_promises();  // a new window: all that is asked from now on is after it
  EXPECT_TRUE(core.has_room(8, kNone, Cycles(0)));
}

TEST(Residency, WarpsCountForEachCycleBetweenTheirArrivalAndTheirEnd) {
  Residency core(kLimits);
  core.begin(Cycles(1000));
  core.arrive(2, kNone, Cycles(1010));
  core.arrive(1, kNone, Cycles(1020));
  core.end_warp(Cycles(1050));
  core.end_warp(Cycles(1050));
  core.end_warp(Cycles(1100));
  EXPECT_EQ(core.warp_cycles(), 2U * 40 + 80);
}

}  // namespace
}  // namespace isobar::timing
