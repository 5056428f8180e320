// A folder that somebody else could have filled is not used. Other users are children that have
// become nobody (65534) or user 12345, which needs root.
#include "base/file/private_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
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

struct PrivateFolders : ::testing::Test {
  /// What require_private_folder and, if it gets that far, reading a file in it say.
  static std::string refusal(const fs::path& path) {
    return error_of([&] { require_private_folder(path); });
  }
  static void mode(const fs::path& path, mode_t bits) { ASSERT_EQ(::chmod(path.c_str(), bits), 0); }
  TemporaryFolder folder{"isobar-private-test"};
};

/// Owners can be given away.
struct PrivateFoldersOfRoot : PrivateFolders {
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  }
  static void give(const fs::path& path, uid_t user) {
    ASSERT_EQ(::lchown(path.c_str(), user, user), 0);
  }
};

TEST_F(PrivateFolders, WhatIsMadeIsOursAlone) {
  make_private_folder(folder / "a" / "b");
  struct stat status{};
  ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_EQ(refusal(folder / "a" / "b"), "no error");
  EXPECT_THAT(refusal(folder / "c"), HasSubstr("No such file"));
}

TEST_F(PrivateFolders, AFolderThatOthersCanWriteIsRefused) {
  make_private_folder(folder / "open" / "inner");
  mode(folder / "open", 0770);
  EXPECT_THAT(refusal(folder / "open"), HasSubstr("open: not used: others can write it"));
  mode(folder / "open", 0707);
  EXPECT_THAT(refusal(folder / "open"), HasSubstr("others can write it"));
  EXPECT_THAT(refusal(folder / "open" / "inner"), HasSubstr("everybody can exchange what is in"));
  mode(folder / "open", 01777);  // as the temporary folder
  EXPECT_EQ(refusal(folder / "open" / "inner"), "no error");
}

TEST_F(PrivateFolders, OurOwnLinksAreFollowedToTheirEnd) {
  make_private_folder(folder / "real" / "inner");
  fs::create_symlink("real", folder / "link");
  EXPECT_EQ(refusal(folder / "link" / "inner"), "no error");
  mode(folder / "real" / "inner", 0777);
  fs::create_symlink(folder / "real" / "inner", folder / "to-open");
  EXPECT_THAT(refusal(folder / "to-open"), HasSubstr("others can write it"));
  fs::create_symlink("circle", folder / "circle");
  EXPECT_THAT(refusal(folder / "circle"), HasSubstr("Too many levels"));
  write_text_atomically(folder / "file", "");
  EXPECT_THAT(refusal(folder / "file"), HasSubstr("is not a folder"));
}

TEST_F(PrivateFolders, AFileThatOthersCanWriteOrThatIsALinkIsNotRead) {
  const fs::path file = folder / "file";
  write_text_atomically(file, "12345");
  const auto reading = [&](const fs::path& path) {
    return error_of([&] { (void)read_private_file(path, 5); });
  };
  EXPECT_EQ(reading(file), "no error");
  fs::create_symlink(file, folder / "link");
  EXPECT_THAT(reading(folder / "link"), HasSubstr("not used"));
  EXPECT_THAT(reading(folder.path()), HasSubstr("not a regular file"));
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(reading(folder / "fifo"), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { (void)read_private_file(file, 4); }), HasSubstr("more than 4"));
  mode(file, 0666);
  EXPECT_THAT(reading(file), HasSubstr("others can write it"));
}

TEST_F(PrivateFoldersOfRoot, AFolderAFileAndALinkOfAnotherUserAreRefused) {
  make_private_folder(folder / "theirs" / "inner");
  write_text_atomically(folder / "theirs" / "file", "");
  give(folder / "theirs", kNobody);
  EXPECT_THAT(refusal(folder / "theirs"), HasSubstr("theirs: not used: it belongs to user 65534"));
  EXPECT_THAT(refusal(folder / "theirs" / "inner"), HasSubstr("theirs belongs to user 65534"));
  give(folder / "theirs" / "file", kNobody);
  EXPECT_THAT(error_of([&] { (void)read_private_file(folder / "theirs" / "file", 9); }),
              HasSubstr("belongs to user 65534"));
  make_private_folder(folder / "ours");
  fs::create_symlink("ours", folder / "link");
  give(folder / "link", kNobody);
  EXPECT_THAT(refusal(folder / "link"), HasSubstr("is a link that user 65534 made"));
}

TEST_F(PrivateFoldersOfRoot, EachOfTwoUsersIsKeptFromTheOthersFolder) {
  mode(folder.path(), 01777);
  for (const auto& [maker, user] :
       {std::pair{kNobody, uid_t{12345}}, std::pair{uid_t{12345}, kNobody}}) {
    const fs::path cache = folder / fmt::format("cache-of-{}", maker);
    const auto as = [&](uid_t who, const std::string& expected) {
      const pid_t child = ::fork();
      if (child == 0) {
        if (::setuid(who) != 0) ::_exit(2);
        ::_exit(error_of([&] { make_private_folder(cache); }).find(expected) == std::string::npos);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      return status;
    };
    EXPECT_EQ(as(maker, "no error"), 0);
    EXPECT_EQ(as(user, fmt::format("belongs to user {}", maker)), 0);
  }
}

TEST_F(PrivateFolders, TheCacheIsWhereTheSpecificationSays) {
  // XDG Base Directory Specification 0.8: relative paths are ignored, the default is ~/.cache.
  const auto cache = [](const char* xdg, const char* home) {
    xdg != nullptr ? ::setenv("XDG_CACHE_HOME", xdg, 1) : ::unsetenv("XDG_CACHE_HOME");
    home != nullptr ? ::setenv("HOME", home, 1) : ::unsetenv("HOME");
    return cache_directory();
  };
  const std::string home = folder.path().string();
  EXPECT_EQ(cache("/x", home.c_str()), "/x/isobar");
  EXPECT_EQ(cache("relative", home.c_str()), folder / ".cache/isobar");
  EXPECT_EQ(cache("", home.c_str()), folder / ".cache/isobar");
  EXPECT_EQ(cache(nullptr, home.c_str()), folder / ".cache/isobar");
  EXPECT_EQ(cache(nullptr, (home + "/absent").c_str()), "");
  EXPECT_FALSE(fs::exists(folder / "absent"));
  // Without HOME it is the user database's home, and never a name that others can guess and take.
  EXPECT_THAT(cache(nullptr, nullptr).string(), ::testing::Not(HasSubstr("/tmp/")));
  EXPECT_EQ(cache(nullptr, "not/absolute"), cache(nullptr, nullptr));
}

}  // namespace
}  // namespace isobar
