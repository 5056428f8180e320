// Runs alone and, as a second test, under the MPI launcher with four ranks.
#include "base/ranks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace isobar {
namespace {

// MPI may be started once per process, so all tests share one job.
const Ranks& ranks() {
  static const Ranks job;
  return job;
}

TEST(Ranks, AreOneWithoutALauncherAndAsManyAsItStartedWithOne) {
  EXPECT_EQ(ranks().count() > 1, launched_by_mpi());
  EXPECT_GE(ranks().rank(), 0);
  EXPECT_LT(ranks().rank(), ranks().count());
}

TEST(Ranks, GatherTextsOfDifferentLengthsInTheOrderOfRanks) {
  const auto text = [](int rank) {
    return std::string(static_cast<std::size_t>(rank) * 1000, 'x');
  };
  const std::vector<std::string> all = ranks().gather(text(ranks().rank()));
  if (!ranks().is_first()) {
    EXPECT_TRUE(all.empty());
    return;
  }
  ASSERT_EQ(all.size(), static_cast<std::size_t>(ranks().count()));
  for (int rank = 0; rank < ranks().count(); ++rank)
    EXPECT_EQ(all[static_cast<std::size_t>(rank)], text(rank));
}

TEST(Ranks, BroadcastTheFirstOnesText) {
  EXPECT_EQ(ranks().broadcast(ranks().is_first() ? "from the first" : "from another"),
            "from the first");
  EXPECT_EQ(ranks().broadcast(""), "");
}

TEST(Ranks, AllThrowWhatOneOfThemThrew) {
  const int last = ranks().count() - 1;
  try {
    ranks().together([&] {
      if (ranks().rank() == last) fail("rank {} cannot", last);
    });
    FAIL() << "nothing was thrown";
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()), "rank " + std::to_string(last) + " cannot");
  }
  EXPECT_NO_THROW(ranks().together([] {}));
}

}  // namespace
}  // namespace isobar
