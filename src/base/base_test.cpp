// Units keep apart, files are whole or not there, children are run and heard.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <type_traits>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "base/file/temporary_folder.h"
#include "base/subprocess.h"
#include "base/units.h"

namespace isobar {
namespace {
namespace fs = std::filesystem;

template <class A, class B>
concept Addable = requires(A a, B b) { a + b; };

TEST(Units, DifferentUnitsDoNotAdd) {
  static_assert(Addable<Bytes, Bytes>);
  static_assert(!Addable<Bytes, Cycles>);
  static_assert(!Addable<DeviceAddress, DeviceAddress>);
  static_assert(!std::is_convertible_v<std::uint64_t, Bytes>);
  EXPECT_EQ(2_MiB / 1_KiB, 2048U);
  EXPECT_EQ((DeviceAddress(16) + 4_B).value(), 20U);
}

class Folder : public ::testing::Test {
 protected:
  TemporaryFolder folder_{"isobar-base-test"};
  const fs::path& path_ = folder_.path();
};

TEST_F(Folder, WhatIsWrittenIsReadBack) {
  const std::string content(200'000, 'x');
  write_text_atomically(path_ / "file", content);
  EXPECT_EQ(read_text(path_ / "file"), content);
  write_text_atomically(path_ / "file", "");
  EXPECT_TRUE(read_file(path_ / "file").empty());
}

TEST_F(Folder, AMissingFileIsNamedWithTheSystemsReason) {
  try {
    (void)read_text(path_ / "absent");
    FAIL() << "reading an absent file succeeded";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("absent: cannot be read: No such file"));
  }
}

TEST_F(Folder, AFailedWriteLeavesTheOldContentAndNoLitter) {
  write_text_atomically(path_ / "file", "old");
  // A folder in the way of the rename fails the last step, after everything was written.
  fs::create_directories(path_ / "taken" / "inner");
  EXPECT_THROW(write_text_atomically(path_ / "taken", "new"), UserError);
  EXPECT_EQ(read_text(path_ / "file"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(path_), fs::directory_iterator()), 2);
}

TEST(Subprocess, OutputErrorsAndExitCodeComeBack) {
  const auto result = run_subprocess({"sh", "-c", "echo out; echo err >&2; exit 7"});
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
  EXPECT_EQ(result.exit_code, 7);
}

TEST(Subprocess, MoreThanAPipeHoldsOnBothSidesDoesNotBlock) {
  const auto result =
      run_subprocess({"sh", "-c", "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2"});
  EXPECT_EQ(result.output.size(), 300'000U);
  EXPECT_EQ(result.errors.size(), 300'000U);
}

TEST_F(Folder, AProgramThatIsNotThereIsNamed) {
  EXPECT_THROW((void)run_subprocess({(path_ / "program").string()}), UserError);
}

TEST(Subprocess, AChildEndedByASignalGives128PlusTheSignal) {
  EXPECT_EQ(run_subprocess({"sh", "-c", "kill -9 $$"}).exit_code, 137);
}

TEST(Paths, TheBuildTreeIsAnInstallation) {
  EXPECT_TRUE(fs::is_directory(share_directory() / "chips"));
}

}  // namespace
}  // namespace isobar
