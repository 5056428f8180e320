// Programs that the suites run under `isobar run`, one chip each: ordinary OpenCL clients, reached
// as `isobar bench --client NAME ARGUMENTS`, and what the simulated chip says of them afterwards.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::bench {

/// Runs a client in this process; its exit code. Throws UserError naming the clients there are.
int run_client(const std::vector<std::string>& name_and_arguments);

/// How a client is run.
struct ClientRun {
  std::string chip;      // a name or a file
  std::string fidelity;  // functional, sampled or timed
  unsigned threads = 0;  // of the host; 0: all
  std::vector<std::string> client;
};
struct ClientResult {
  double seconds = 0;      // of the whole process
  nlohmann::json profile;  // as `isobar run --json` writes it
  std::string output;      // what the client printed
};
/// Runs it in a process of its own. Throws UserError with what it said if it fails.
[[nodiscard]] ClientResult simulate_client(const ClientRun& run);

}  // namespace isobar::bench
