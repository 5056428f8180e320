// The tree of cycles: every cause has its place, and nothing gets lost on the way there.
#include "ledger/cycle_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace isobar::ledger {
namespace {

TEST(CycleLedger, EveryCauseBelongsToAGroupAndHasANameOfItsOwn) {
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (std::size_t i = 0; i < kCycleCauses; ++i) {
    const CycleCauseName& cause = name(static_cast<CycleCause>(i));
    EXPECT_TRUE(std::ranges::find(cycle_groups(), cause.group) != cycle_groups().end())
        << cause.name;
    EXPECT_TRUE(names.emplace(cause.group, cause.name).second) << cause.name;
    EXPECT_FALSE(cause.meaning.empty()) << cause.name;
  }
}

TEST(CycleLedger, SumsToTheCharges) {
  CycleCharges charges{};
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kCycleCauses; ++i) sum += charges[i] = i * i + 1;
  const Ledger ledger = cycle_ledger(sum + 5, charges, {});
  EXPECT_EQ(ledger.charged(), sum);
  EXPECT_EQ(ledger.unattributed(), 5);
  EXPECT_EQ(ledger.root().children.size(), cycle_groups().size());
}

}  // namespace
}  // namespace isobar::ledger
