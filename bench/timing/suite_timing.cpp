#include "bench/timing/suite_timing.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "bench/timing/suite_timing_sections.h"

namespace isobar::bench {
namespace {

constexpr std::array<TimingSection, 6> kSections{{
    {"rtl", "instructions per cycle against published RTL simulations of Vortex", run_timing_rtl,
     "--only"},
    {"silicon", "times of four operations against published ones of an A100", run_timing_silicon,
     "--only"},
    {"latency", "a pointer chase through growing pieces of memory", run_timing_latency, "--quick"},
    {"speed", "host speed of the timed machine, on one and two threads, with idle cores",
     run_timing_speed, "--quick --pairs --only"},
    {"sampled", "sampled against timed fidelity over training steps", run_timing_sampled,
     "--quick"},
    {"sampled-memory", "sampled against timed fidelity over programs that use memory in many ways",
     run_timing_memory, "--quick"},
}};
constexpr std::array<TimingClient, 6> kClients{{
    {"timing-rtl-client", run_timing_rtl_client},
    {"timing-silicon-client", run_timing_silicon_client},
    {"timing-latency-client", run_timing_latency_client},
    {"timing-speed-client", run_timing_speed_client},
    {"timing-sampled-client", run_timing_sampled_client},
    {"timing-memory-client", run_timing_memory_client},
}};

}  // namespace

std::span<const TimingSection> timing_sections() { return kSections; }
std::span<const TimingClient> timing_clients() { return kClients; }

int run_timing(const Options& options, Printer& printer) {
  int exit_code = 0;
  bool found = options.section.empty();
  std::string names;
  for (const TimingSection& section : kSections) {
    names += (names.empty() ? "" : ", ") + std::string(section.name);
    if (!options.section.empty() && section.name != options.section) continue;
    found = true;
    exit_code = std::max(exit_code, section.run(options, printer));
  }
  if (!found) fail("suite timing has no section \"{}\" (there are {})", options.section, names);
  return exit_code;
}

}  // namespace isobar::bench
