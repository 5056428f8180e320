// What is drawn on a terminal (a real one, of the kernel's making) and printed elsewhere.
#include "cli/table/status_line.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace isobar::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

/// A terminal of so many columns, and what was written to it.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    ::grantpt(master_);
    ::unlockpt(master_);
    const int slave = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    winsize size{};
    size.ws_col = columns;
    size.ws_row = 24;
    ::ioctl(slave, TIOCSWINSZ, &size);
    out = ::fdopen(slave, "w");
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    std::fclose(out);
    ::close(master_);
  }
  /// What there is to read by now, or within `milliseconds`.
  std::string read(int milliseconds = 0) const {
    std::string text;
    pollfd wait{.fd = master_, .events = POLLIN};
    while (::poll(&wait, 1, text.empty() ? milliseconds : 0) > 0) {
      std::array<char, 4096> buffer{};
      const ssize_t got = ::read(master_, buffer.data(), buffer.size());
      if (got <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
  }
  std::FILE* out;

 private:
  int master_;
};

std::string content(std::FILE* file) {
  std::fflush(file);
  std::rewind(file);
  std::string text;
  for (int c = 0; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
  return text;
}

TEST(StatusLine, IsDrawnOverOnATerminalAndNeverWraps) {
  const Terminal terminal(20);
  StatusLine line(terminal.out);
  ASSERT_TRUE(line.on_terminal());
  line.show("step 1", true);
  EXPECT_EQ(terminal.read(), "\rstep 1\x1b[K");
  line.show("a line of more than twenty columns", true);
  EXPECT_EQ(terminal.read(), "\ra line of more than\x1b[K");
  line.print("it stays");
  EXPECT_EQ(terminal.read(), "\r\x1b[Kit stays\r\n");
  line.clear();  // nothing is drawn
  EXPECT_EQ(terminal.read(), "");
  line.show("again", true);
  line.clear();
  EXPECT_THAT(terminal.read(), EndsWith("again\x1b[K\r\x1b[K"));
}

TEST(StatusLine, IsPrintedSeldomElsewhere) {
  std::FILE* file = std::tmpfile();
  StatusLine line(file);
  EXPECT_FALSE(line.on_terminal());
  for (int i = 0; i < 1000; ++i) line.show("soon after the start");
  line.show("the first step", true);
  line.print("stays");
  line.clear();
  EXPECT_EQ(content(file), "the first step\nstays\n");
  std::fclose(file);
}

TEST(Heartbeat, SpeaksWhereLongWorkIsSilent) {
  const Terminal terminal(80);
  StatusLine line(terminal.out);
  const Heartbeat heartbeat(line, [] { return std::string("backward, layer 3 of 12"); });
  EXPECT_THAT(terminal.read(60'000), HasSubstr("\rbackward, layer 3 of 12"));
}

TEST(Heartbeat, EndsAtOnceAndSaysNothingWhenThereIsNothing) {
  const Terminal terminal(80);
  StatusLine line(terminal.out);
  {
    const Heartbeat heartbeat(line, [] { return std::string(); });
  }
  EXPECT_EQ(terminal.read(), "");
}

TEST(Sizes, AndTimesAreWrittenInTheUnitThatSuitsThem) {
  EXPECT_EQ(short_size(0), "0 bytes");
  EXPECT_EQ(short_size(1'276'235), "1.28 MB");
  EXPECT_EQ(short_size(3'221'225'472), "3.22 GB");
  EXPECT_EQ(short_size(999'999'999), "1 GB");
  EXPECT_EQ(clock_time(65), "1:05");
  EXPECT_EQ(clock_time(3661), "1:01:01");
  EXPECT_EQ(short_time(0.0025), "2.5 ms");
}

}  // namespace
}  // namespace isobar::cli
