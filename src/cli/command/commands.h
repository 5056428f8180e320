// The commands behind `isobar`: each file command_<name>.cpp declares its options on the
// application it is given and, when chosen, stores what to run. A new command is one new file and
// one line here.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace isobar::cli {

/// Runs the chosen command; the result is the process's exit code.
using Action = std::function<int()>;

void add_train(CLI::App& app, Action& chosen);
void add_sample(CLI::App& app, Action& chosen);
void add_run(CLI::App& app, Action& chosen);
void add_exec(CLI::App& app, Action& chosen);
void add_explain(CLI::App& app, Action& chosen);
void add_bench(CLI::App& app, Action& chosen);
void add_plan(CLI::App& app, Action& chosen);
void add_chip(CLI::App& app, Action& chosen);
void add_info(CLI::App& app, Action& chosen);
void add_completion(CLI::App& app, Action& chosen);
void add_manual(CLI::App& app, Action& chosen);

// Exit codes: 0 success, 1 the work failed (a test program's own failure), 2 something the user can
// mend, 3 the guest program faulted, 130 interrupted.
inline constexpr int kExitUser = 2;
inline constexpr int kExitGuestFault = 3;
inline constexpr int kExitInterrupted = 130;

}  // namespace isobar::cli
