// How work that takes long is asked to stop: by Ctrl-C, SIGTERM, the end of its terminal, or of the
// pipe that it prints into. Each becomes a flag that the work looks at when it can be left.
#pragma once

namespace isobar::cli {

/// From here on the first SIGINT or SIGTERM sets the flag, and the second ends the process.
void catch_interrupts();
/// The same for SIGHUP, unless it is ignored (nohup), and SIGPIPE, however often they come: for
/// work that has something to save. A standard stream that nobody reads any more then goes to
/// /dev/null, so that saving does not fail for want of a place to print.
void catch_lost_readers();
[[nodiscard]] bool interrupted();

}  // namespace isobar::cli
