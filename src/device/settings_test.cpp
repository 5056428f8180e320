#include "device/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"

namespace isobar::device {
namespace {

class SettingsTest : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* name :
         {kChipVariable, kThreadsVariable, kTimeLimitVariable, kInstructionLimitVariable,
          kTraceFileVariable, kTraceLimitVariable, kProfileDirectoryVariable})
      unsetenv(name);
  }
};

TEST_F(SettingsTest, AbsentMeansTheDefaultChipAllThreadsAndNoLimit) {
  TearDown();
  const Settings settings = settings_from_environment();
  EXPECT_EQ(settings.chip, "isobar-nano");
  EXPECT_GE(settings.threads, 1U);
  EXPECT_EQ(settings.time_limit_seconds, 0);
  EXPECT_EQ(settings.instruction_limit, 0U);
}

TEST_F(SettingsTest, ValuesAreRead) {
  setenv(kThreadsVariable, "3", 1);
  setenv(kTimeLimitVariable, "0.5", 1);
  setenv(kInstructionLimitVariable, "1000000", 1);
  const Settings settings = settings_from_environment();
  EXPECT_EQ(settings.threads, 3U);
  EXPECT_EQ(settings.time_limit_seconds, 0.5);
  EXPECT_EQ(settings.instruction_limit, 1'000'000U);
  setenv(kTraceFileVariable, "t.json", 1);
  setenv(kTraceLimitVariable, "8192", 1);
  EXPECT_EQ(settings_from_environment().trace_file, "t.json");
  EXPECT_EQ(settings_from_environment().trace_limit, 8_KiB);
  setenv(kTraceLimitVariable, "10", 1);
  EXPECT_THROW((void)settings_from_environment(), UserError);
}

TEST_F(SettingsTest, WrongValuesAreNamed) {
  for (const char* wrong : {"0", "-1", "many", "3x", "99999999999999999999"}) {
    setenv(kThreadsVariable, wrong, 1);
    try {
      (void)settings_from_environment();
      ADD_FAILURE() << wrong << " was taken";
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find(kThreadsVariable), std::string::npos);
    }
  }
  unsetenv(kThreadsVariable);
  setenv(kTimeLimitVariable, "nan", 1);
  EXPECT_THROW((void)settings_from_environment(), UserError);
}

}  // namespace
}  // namespace isobar::device
