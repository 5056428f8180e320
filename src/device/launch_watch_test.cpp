// Who ends a launch, and which one. The clock is the host's, so tests wait for what must come and
// never for what must not have come by then.
#include "device/launch_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/file/file.h"
#include "base/file/temporary_folder.h"

namespace isobar::device {
namespace {

using namespace std::chrono_literals;

void wait_until_cancelled(const LaunchWatch& watch) {
  while (!watch.flag()->load()) std::this_thread::sleep_for(1ms);
}

TEST(LaunchWatch, EndsALaunchAtItsLimit) {
  LaunchWatch watch(0.01, {});
  watch.begin("spin");
  wait_until_cancelled(watch);
  EXPECT_EQ(watch.end(), LaunchEnd::kTimeLimit);
}

TEST(LaunchWatch, TheNextLaunchHasItsWholeTime) {
  LaunchWatch watch(0.01, {});
  watch.begin("spin");
  wait_until_cancelled(watch);
  (void)watch.end();
  watch.begin("next");
  EXPECT_FALSE(watch.flag()->load());
  EXPECT_EQ(watch.end(), LaunchEnd::kItself);
}

TEST(LaunchWatch, EndsTheLaunchThatRunsWhenTheFileAppearsAndWhenItIsReplaced) {
  const TemporaryFolder folder("isobar-watch-test");
  const auto file = folder / "end";
  LaunchWatch watch(0, file);
  for (int i = 0; i < 2; ++i) {
    watch.begin("spin");
    EXPECT_FALSE(watch.flag()->load()) << "what was asked before is over";
    write_text_atomically(file, "");
    wait_until_cancelled(watch);
    EXPECT_EQ(watch.end(), LaunchEnd::kAsked);
  }
}

TEST(LaunchWatch, AFileThatIsThereAlreadyAsksForNothing) {
  const TemporaryFolder folder("isobar-watch-test");
  write_text_atomically(folder / "end", "");
  std::atomic<bool> told{false};
  LaunchWatch watch(0, folder / "end");
  watch.set_listener([&](const std::string&, LaunchWatch::Clock::time_point) { told = true; });
  watch.begin("spin");
  while (!told) std::this_thread::sleep_for(1ms);  // so the watch has looked
  EXPECT_FALSE(watch.flag()->load());
  EXPECT_EQ(watch.end(), LaunchEnd::kItself);
}

TEST(LaunchWatch, TellsOnceOfALaunchThatTakesLong) {
  std::atomic<int> told{0};
  std::string kernel;
  LaunchWatch watch(1e6, {});
  watch.set_listener([&](const std::string& name, LaunchWatch::Clock::time_point) {
    kernel = name;
    ++told;
  });
  watch.begin("long");
  while (told == 0) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(3 * LaunchWatch::kTick);
  (void)watch.end();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(kernel, "long");
}

}  // namespace
}  // namespace isobar::device
