// What the driver could not write. It runs inside any program and cannot end it for a lost trace;
// so it says it on standard error and notes it in a file, which the command that started the
// program reads at its end, to not end with exit code 0. The file is made in full beforehand: where
// the disk is full, there is no room for saying so.
#pragma once

#include <string>
#include <string_view>

namespace isobar::device {

/// In a command: makes the file and names it in the environment (ISOBAR_TROUBLE_FILE). Once is
/// enough; the file is gone at the end.
void expect_trouble();
/// In a command, at its end: what was noted, a line each; empty if nothing was or is expected.
[[nodiscard]] std::string noted_trouble();
/// In the driver: "isobar: <text>" on standard error, and a note.
void report_trouble(std::string_view text);

}  // namespace isobar::device
