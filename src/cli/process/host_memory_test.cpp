#include "cli/process/host_memory.h"

#include <gtest/gtest.h>

#include "base/file/file.h"
#include "base/file/temporary_folder.h"

namespace isobar::cli {
namespace {

TEST(AvailableMemory, IsWhatTheMachineOrTheControlGroupHasLeft) {
  const TemporaryFolder root("isobar-memory");
  EXPECT_FALSE(available_memory(root.path()).has_value());
  std::filesystem::create_directories(root / "proc");
  std::filesystem::create_directories(root / "sys/fs/cgroup");
  write_text_atomically(root / "proc/meminfo",
                        "MemTotal:       24000000 kB\nMemFree:        1000 kB\n"
                        "MemAvailable:   20000000 kB\nHugePages_Total:       0\n");
  EXPECT_EQ(available_memory(root.path()), 20'480'000'000.0);
  write_text_atomically(root / "sys/fs/cgroup/memory.max", "max\n");
  write_text_atomically(root / "sys/fs/cgroup/memory.current", "3000000000\n");
  EXPECT_EQ(available_memory(root.path()), 20'480'000'000.0);
  write_text_atomically(root / "sys/fs/cgroup/memory.max", "4000000000\n");
  EXPECT_EQ(available_memory(root.path()), 1e9);
  write_text_atomically(root / "sys/fs/cgroup/memory.max", "2000000000\n");
  EXPECT_EQ(available_memory(root.path()), 0);
}

}  // namespace
}  // namespace isobar::cli
