// Standard output is an output like the files: what could not be written to it is an error.
#pragma once

#include <exception>

namespace isobar {

/// First in main. A program started without standard streams (`>&-`) would get their numbers for
/// the files that it opens, and print into those; they are taken here by what refuses to be
/// written. Also makes a limit on the size of files (ulimit -f) an error of write() instead of a
/// signal that ends the program.
void prepare_standard_streams();

/// Last in main: what was printed is written. Returns `exit_code`, or where that was 0 and standard
/// output could not be written 2, having said so on standard error; quietly 141 (128 + SIGPIPE, as
/// a shell says it) where its reader has gone.
[[nodiscard]] int finish_standard_output(int exit_code);

/// Whether `error` (fmt::print's) comes from a standard stream that cannot be written. If so,
/// finish_standard_output says what there is to say.
[[nodiscard]] bool is_standard_stream_error(const std::exception& error);

}  // namespace isobar
