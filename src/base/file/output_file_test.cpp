// What is written is whole or not there, under whatever name: files, links, pipes, devices, folders
// in the way, full disks. A full disk is a limit on the size of files (RLIMIT_FSIZE), which needs
// no root; a user other than root is a child that has become nobody (65534).
#include "base/file/output_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/temporary_folder.h"

namespace isobar {
namespace {
namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

/// Runs `body` in a child that may change its limits or user, and gives back what it said.
std::string in_child(const std::function<std::string()>& body) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string said = body();
    (void)write_all(ends[1], said);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string said(1000, '\0');
  const ssize_t got = ::read(ends[0], said.data(), said.size());
  said.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return said;
}

void limit_files_to(rlim_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
}

struct OutputFiles : ::testing::Test {
  TemporaryFolder folder{"isobar-output-test"};
};

TEST_F(OutputFiles, NothingStandsUnderTheNameBeforeTheCommit) {
  {
    OutputFile file(folder / "out");
    file.write(std::string(1'000'000, 'x'));
    EXPECT_FALSE(fs::exists(folder / "out"));
    file.write(std::string_view("end"));
    file.commit();
  }
  EXPECT_EQ(read_text(folder / "out"), std::string(1'000'000, 'x') + "end");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST_F(OutputFiles, WithoutACommitTheOldContentStaysAndNoLitter) {
  write_text_atomically(folder / "out", "old");
  { OutputFile(folder / "out").write(std::string(1'000'000, 'x')); }
  EXPECT_EQ(read_text(folder / "out"), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST_F(OutputFiles, AKilledWriterLeavesNothingBehind) {
  const pid_t child = ::fork();
  if (child == 0) {
    OutputFile file(folder / "out");
    file.write(std::string(1'000'000, 'x'));
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  remove_left_over_outputs(folder.path());  // where the file system knows no O_TMPFILE
  EXPECT_EQ(files_in(folder.path()), 0U);
}

TEST_F(OutputFiles, AFullDiskIsNamedAndTheOldContentStays) {
  write_text_atomically(folder / "out", "old");
  EXPECT_THAT(
      in_child([&] {
        limit_files_to(4096);
        return error_of([&] { write_text_atomically(folder / "out", std::string(9999, 'x')); });
      }),
      HasSubstr("out: cannot be written: File too large"));
  EXPECT_EQ(read_text(folder / "out"), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST_F(OutputFiles, AFullDeviceIsNamed) {
  struct stat status{};
  if (::stat("/dev/full", &status) != 0 || !S_ISCHR(status.st_mode))
    GTEST_SKIP() << "/dev/full is no device here";
  EXPECT_THAT(error_of([] { write_text_atomically("/dev/full", "text"); }),
              HasSubstr("/dev/full: cannot be written: No space left on device"));
  EXPECT_EQ(::stat("/dev/full", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST_F(OutputFiles, ADeviceStaysADevice) {
  // A device of our own, so that nothing outside this folder is at stake.
  const fs::path device = folder / "null";
  if (::mknod(device.c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0)
    GTEST_SKIP() << "only root makes devices";
  write_text_atomically(device, "text");
  struct stat status{};
  ASSERT_EQ(::lstat(device.c_str(), &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST_F(OutputFiles, AFifoIsWrittenAndStays) {
  const fs::path fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const Descriptor reader(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK));
  check_writable(fifo);
  write_text_atomically(fifo, "text");
  std::string got(10, '\0');
  ASSERT_EQ(::read(reader.value(), got.data(), got.size()), 4);
  EXPECT_EQ(got.substr(0, 4), "text");
  EXPECT_TRUE(fs::is_fifo(fifo));
}

TEST_F(OutputFiles, ADescriptorsNameIsTheDescriptor) {
  const Descriptor file(::open((folder / "log").c_str(), O_RDWR | O_CREAT, 0600));
  ASSERT_EQ(write_all(file.value(), "before "), 0);
  write_text_atomically(fmt::format("/dev/fd/{}", file.value()), "piece ");
  ASSERT_EQ(write_all(file.value(), "after"), 0);
  EXPECT_EQ(read_text(folder / "log"), "before piece after");
}

TEST_F(OutputFiles, ALinkIsFollowedAlsoToWhatIsNotThereYet) {
  fs::create_directory(folder / "sub");
  fs::create_symlink("sub/target", folder / "one");
  fs::create_symlink("one", folder / "two");
  write_text_atomically(folder / "two", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "two"));
  EXPECT_EQ(read_text(folder / "sub" / "target"), "new");
  write_text_atomically(folder / "two", "newer");
  EXPECT_TRUE(fs::is_symlink(folder / "one"));
  EXPECT_EQ(read_text(folder / "sub" / "target"), "newer");
  fs::create_symlink("circle", folder / "circle");
  EXPECT_THAT(error_of([&] { write_text_atomically(folder / "circle", ""); }),
              HasSubstr("circle: cannot be written: Too many levels"));
}

TEST_F(OutputFiles, PermissionsStayAndNewFilesHaveTheUmasks) {
  const mode_t mask = ::umask(027);
  write_text_atomically(folder / "new", "text");
  ::umask(mask);
  EXPECT_EQ(mode_of(folder / "new"), 0640U);
  ASSERT_EQ(::chmod((folder / "new").c_str(), 0604), 0);
  write_text_atomically(folder / "new", "other");
  EXPECT_EQ(mode_of(folder / "new"), 0604U);
}

TEST_F(OutputFiles, AFileOfTwoNamesKeepsBoth) {
  write_text_atomically(folder / "one", std::string(100, 'o'));
  fs::create_hard_link(folder / "one", folder / "two");
  write_text_atomically(folder / "two", "short");
  EXPECT_EQ(read_text(folder / "one"), "short");
  write_text_atomically(folder / "two", std::string(200'000, 'l'));
  EXPECT_EQ(read_text(folder / "one"), std::string(200'000, 'l'));
  EXPECT_EQ(fs::hard_link_count(folder / "one"), 2U);
  EXPECT_THAT(
      in_child([&] {
        limit_files_to(250'000);
        return error_of([&] { write_text_atomically(folder / "one", std::string(300'000, 'x')); });
      }),
      HasSubstr("one: cannot be written"));
  EXPECT_EQ(read_text(folder / "two"), std::string(200'000, 'l'));
}

TEST_F(OutputFiles, TheOwnerStays) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  write_text_atomically(folder / "out", "old");
  ASSERT_EQ(::chown((folder / "out").c_str(), kNobody, kNobody), 0);
  write_text_atomically(folder / "out", "new");
  struct stat status{};
  ASSERT_EQ(::stat((folder / "out").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, kNobody);
  // And of a file of somebody else's that one may only write.
  ASSERT_EQ(::chown((folder / "out").c_str(), 0, 0), 0);
  ASSERT_EQ(::chmod((folder / "out").c_str(), 0666), 0);
  ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
  EXPECT_EQ(in_child([&] {
              EXPECT_EQ(::setuid(kNobody), 0);
              return error_of([&] { write_text_atomically(folder / "out", "nobody's"); });
            }),
            "no error");
  EXPECT_EQ(read_text(folder / "out"), "nobody's");
  ASSERT_EQ(::stat((folder / "out").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0U);
}

TEST_F(OutputFiles, WhatCannotBeWrittenIsRefusedBeforeTheWork) {
  for (const auto& check : {std::function<void(const fs::path&)>(check_writable),
                            std::function<void(const fs::path&)>([](const fs::path& path) {
                              write_text_atomically(path, "text");
                            })}) {
    const auto refusal = [&](const fs::path& path) { return error_of([&] { check(path); }); };
    EXPECT_THAT(
        refusal(folder / "no" / "out"),
        HasSubstr("out: cannot be written: there is no folder " + (folder / "no").string()));
    EXPECT_THAT(refusal(folder.path()), HasSubstr("it is a folder"));
    EXPECT_THAT(refusal(folder / "new/"), HasSubstr("it is a folder"));
    EXPECT_THAT(refusal(""), HasSubstr("needs a name"));
    EXPECT_THAT(refusal(folder / std::string(300, 'n')), HasSubstr("File name too long"));
  }
  check_writable(folder / "out");
  EXPECT_EQ(files_in(folder.path()), 0U);
}

TEST_F(OutputFiles, AFolderThatMayNotBeWrittenIsRefusedBeforeTheWork) {
  fs::create_directory(folder / "locked");
  write_text_atomically(folder / "locked" / "old", "old");
  ASSERT_EQ(::chmod((folder / "locked").c_str(), 0555), 0);
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  const std::string said = in_child([&] {
    if (::geteuid() == 0) EXPECT_EQ(::setuid(kNobody), 0);
    return error_of([&] { check_writable(folder / "locked" / "new"); }) +
           error_of([&] { check_writable(folder / "locked" / "old"); }) +
           error_of([&] { check_folder_writable(folder / "locked" / "a" / "b"); });
  });
  EXPECT_THAT(said, HasSubstr("new: cannot be written: Permission denied"));
  EXPECT_THAT(said, HasSubstr("old: cannot be written: Permission denied"));
  EXPECT_THAT(said, HasSubstr("b: cannot be written: Permission denied (in "));
  ASSERT_EQ(::chmod((folder / "locked").c_str(), 0755), 0);
}

TEST_F(OutputFiles, AFolderToBeMadeIsCheckedWhereItsParentsEnd) {
  check_folder_writable(folder / "a" / "b" / "c");
  check_folder_writable(folder / "a/");
  check_folder_writable(folder.path());
  EXPECT_EQ(files_in(folder.path()), 0U);
  write_text_atomically(folder / "file", "");
  EXPECT_THAT(error_of([&] { check_folder_writable(folder / "file" / "run"); }),
              HasSubstr("file is a file, not a folder"));
}

TEST_F(OutputFiles, APieceThatDoesNotFitIsTakenBack) {
  EXPECT_THAT(in_child([&] {
                limit_files_to(1000);
                AppendFile file(folder / "log");
                file.append(std::string(900, 'a') + "\n");
                return error_of([&] { file.append(std::string(200, 'b') + "\n"); });
              }),
              HasSubstr("log: cannot be written: File too large"));
  EXPECT_EQ(read_text(folder / "log"), std::string(900, 'a') + "\n");
}

TEST_F(OutputFiles, WhatHasNoEndIsNotReadWithoutEnd) {
  EXPECT_THAT(error_of([] { (void)read_text("/dev/zero", 1'000'000); }),
              HasSubstr("/dev/zero: cannot be read: it holds more than 1000000 bytes"));
  write_text_atomically(folder / "file", "12345");
  EXPECT_EQ(read_text(folder / "file", 5), "12345");
  EXPECT_THAT(error_of([&] { (void)read_text(folder / "file", 4); }), HasSubstr("more than 4"));
}

}  // namespace
}  // namespace isobar
