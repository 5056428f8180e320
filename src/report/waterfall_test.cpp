// The waterfall as approved text (approved/*.txt; ISOBAR_UPDATE_PAGES=1 report_test rewrites them,
// and the change is reviewed like code), and the promise that printed numbers add up.
#include "report/waterfall.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <regex>
#include <sstream>

#include "base/file/file.h"

namespace isobar::report {
namespace {

using ledger::Ledger;
using testing::HasSubstr;
using testing::Not;

void approve(const std::string& name, const std::string& text) {
  const std::filesystem::path path =
      std::filesystem::path(ISOBAR_SOURCE_DIR) / "src/report/approved" / name;
  if (std::getenv("ISOBAR_UPDATE_PAGES") != nullptr) write_text_atomically(path, text);
  EXPECT_EQ(text, read_text(path)) << "look at the difference; if it is right, run "
                                      "ISOBAR_UPDATE_PAGES=1 report_test and commit "
                                   << path.filename();
}

ledger::Convention convention() {
  return {"simulated: every instruction counted, timed by the first-order bottleneck model",
          "6N + 12 L H Q T per token, causal attention not halved, recomputation not counted (MFU)",
          "fp32 dense, 1.024 TFLOP/s (isobar-nano)", "ps x chip"};
}

Ledger training() {
  Ledger ledger(12'345'678'901'234, convention());
  ledger.charge({"idle device"}, 345'678'901'234, "between commands");
  ledger.charge({"launch"}, 1'000'000'000'000, "launches x the chip's launch latency");
  ledger.charge({"memory", "dram"}, 3'333'333'333'333, "sectors / bandwidth");
  ledger.charge({"memory", "local memory"}, 666'666'666'667, "bytes / bandwidth");
  ledger.charge({"issue", "integer and address"}, 2'000'000'000'000, "issue slots");
  ledger.charge({"issue", "loads and stores"}, 999'999'999'999, "issue slots");
  ledger.charge({"issue", "idle lanes"}, 1, "issue slots");
  ledger.charge({"other arithmetic"}, 1'000'000'000'000, "not counted by the convention");
  ledger.charge({ledger::kUseful}, 3'000'000'000'000, "model FLOPs by the convention / peak");
  return ledger;
}

TEST(Waterfall, OfATrainingRunLooksAsApproved) {
  ASSERT_TRUE(training().is_exact());
  approve("training.txt", waterfall(training(), {.width = 100}));
}
TEST(Waterfall, HasAnAsciiForm) {
  const std::string text = waterfall(training(), {.width = 80, .ascii = true, .explain = false});
  approve("training-ascii.txt", text);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
}
TEST(Waterfall, NamesArithmeticThatIsCountedButWasSkipped) {
  const std::string text = waterfall(training(), {.explain = false}, 600'000'000'000);
  EXPECT_THAT(text, HasSubstr("MFU 29.2 % = 24.3 % executed + 4.9 % that the FLOP convention"));
}
TEST(Waterfall, OfManyUnitsAtOncePrintsTheTimeOfOne) {
  // 4 ms on 100 units at once, in nanoseconds.
  Ledger ledger(400'000'000, {"measured", "as launched", "bf16", "ns x SM"});
  ledger.charge({"idle"}, 100'000'000);
  ledger.charge({ledger::kUseful}, 300'000'000);
  const std::string text = waterfall(ledger, {.explain = false, .at_once = 100}, 20'000'000);
  EXPECT_THAT(text, HasSubstr("100.0 % 4.000 ms"));
  EXPECT_THAT(text, HasSubstr("25.0 % 1.000 ms"));
  EXPECT_THAT(waterfall(ledger, {.credit = "by magic"}, 20'000'000), HasSubstr("+ 5.0 % by magic"));
}
TEST(Waterfall, PrintsTimesOfAnyUnitAlike) {
  // A day of a thousand chips, in each unit that can hold it.
  std::uint64_t capacity = 86'400'000;
  for (const char* unit : {"s x chip", "ms x chip", "us x chip", "ns x chip"}) {
    Ledger ledger(capacity, {"predicted", "6 N", "bf16", unit});
    ledger.charge({"idle"}, capacity / 4);
    ledger.charge({ledger::kUseful}, capacity - capacity / 4);
    const std::string text = waterfall(ledger, {.explain = false});
    EXPECT_THAT(text, HasSubstr(fmt::format("capacity  86400000 s ({} {})", capacity, unit)));
    EXPECT_THAT(text, HasSubstr("21600000 s"));
    capacity *= 1000;
  }
}
TEST(Waterfall, OfAnOverchargedLedgerSaysThatItIsNotExact) {
  Ledger ledger(1'000'000, convention());
  ledger.charge({"launch"}, 700'000);
  ledger.charge({ledger::kUseful}, 700'000);
  const std::string text = waterfall(ledger, {.ascii = true});
  EXPECT_THAT(text, HasSubstr("NOT EXACT: 400000 ps x chip more charged"));
  EXPECT_THAT(text, Not(HasSubstr("MFU 50")));
  approve("overcharged.txt", text);
}
TEST(Waterfall, ShowsWhatNobodyCharged) {
  Ledger ledger(1'000'000, convention());
  ledger.charge({ledger::kUseful}, 750'000);
  EXPECT_TRUE(std::regex_search(waterfall(ledger, {}), std::regex("unattributed +25.0 %")));
}
TEST(Waterfall, OfNothingSaysSo) {
  EXPECT_THAT(waterfall(Ledger(0, convention()), {}), HasSubstr("nothing ran"));
}
TEST(Waterfall, KeepsOtherUnitsAsTheyAre) {
  Ledger ledger(640, {"measured", "none", "none", "cycles x units"});
  ledger.charge({"stall"}, 640);
  EXPECT_THAT(waterfall(ledger, {}), HasSubstr("640 cycles x units"));
}
TEST(Waterfall, FitsTheWidthItIsGiven) {
  for (unsigned width : {60U, 72U, 100U, 133U}) {
    std::istringstream lines(waterfall(training(), {.width = width, .ascii = true}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), width) << line;
  }
}

TEST(Waterfall, PrintedNumbersAlwaysAddUpToTheWhole) {
  std::mt19937_64 random(6);
  const std::regex row(R"(^  (peak|- |= |    )(.*?) +([0-9.]+) % +([0-9.]+) (s|ms|us|ns))");
  for (int i = 0; i < 300; ++i) {
    std::vector<std::uint64_t> charges(7);
    std::uint64_t sum = 0;
    for (std::uint64_t& c : charges) sum += c = random() >> (4 + random() % 55);
    Ledger ledger(sum, convention());
    for (std::size_t k = 0; k + 2 < charges.size(); ++k)
      ledger.charge({"all", "part " + std::to_string(k)}, charges[k]);
    ledger.charge({"other"}, charges[5]);
    ledger.charge({ledger::kUseful}, charges[6]);
    // Tenths and, in whatever unit, thousandths are whole numbers: compare them as such.
    long tenths = 0;
    long long time = 0, whole = -1;
    std::istringstream lines(waterfall(ledger, {.explain = false}));
    for (std::string line; std::getline(lines, line);) {
      std::smatch match;
      if (!std::regex_search(line, match, row) || line.find("- all") != std::string::npos) continue;
      const auto steps = std::llround(std::stod(match[4]) * 1e4);
      if (match[1] == "peak") {
        whole = steps;
      } else {
        tenths += std::lround(std::stod(match[3]) * 10);
        time += steps;
      }
    }
    ASSERT_EQ(tenths, 1000);
    ASSERT_EQ(time, whole);
  }
}

}  // namespace
}  // namespace isobar::report
