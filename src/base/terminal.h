// The terminal that somebody may be sitting at: how wide it is, and how much is said beside the
// results. Results go to standard output; notes, warnings and progress to standard error. The
// OpenCL driver, which has its own copy of this file, is told through the environment.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace isobar {

/// Columns of the terminal that standard output is (COLUMNS, else as it says itself); 100 where it
/// is none, or tells no width.
[[nodiscard]] unsigned terminal_columns();
/// How wide a table may be that goes to `stream`, which is no terminal if nothing may be cut.
inline constexpr unsigned kAnyWidth = ~0U;
[[nodiscard]] unsigned table_columns(std::FILE* stream = stdout);

enum class Verbosity { kQuiet, kNormal, kVerbose };
/// For the whole process and those that it starts; set once, before the work starts (--quiet,
/// --verbose).
void set_verbosity(Verbosity verbosity);
[[nodiscard]] Verbosity verbosity();

/// May lines that are overwritten in place be shown: standard error is a terminal, and not --quiet?
[[nodiscard]] bool shows_progress();

/// "isobar: ...": not with --quiet.
template <class... Args>
void note(fmt::format_string<Args...> format, Args&&... args) {
  if (verbosity() == Verbosity::kQuiet) return;
  fmt::print(stderr, "isobar: {}\n", fmt::format(format, std::forward<Args>(args)...));
}

/// What only --verbose says: which files are read and written, what is looked up where.
template <class... Args>
void detail(fmt::format_string<Args...> format, Args&&... args) {
  if (verbosity() != Verbosity::kVerbose) return;
  fmt::print(stderr, "isobar: {}\n", fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace isobar
