// The timed machine, section by section. Each section runs clients of bench/clients.h under
// `isobar run`, since a process simulates one chip.
#include <array>

#include "base/error.h"
#include "bench/suites.h"
#include "bench/timing_sections.h"

namespace isobar::bench {
namespace {

struct Section {
  std::string_view name;
  int (*run)(const Options& options, Printer& printer);
};
constexpr std::array<Section, 1> kSections{{
    {"sampled", run_timing_sampled},
}};

}  // namespace

int run_timing(const Options& options, Printer& printer) {
  int exit_code = 0;
  bool any = false;
  std::string names;
  for (const Section& section : kSections) {
    names += (names.empty() ? "" : ", ") + std::string(section.name);
    if (!options.section.empty() && options.section != section.name) continue;
    any = true;
    exit_code = std::max(exit_code, section.run(options, printer));
  }
  if (!any) fail("suite timing has no section \"{}\" (there are {})", options.section, names);
  return exit_code;
}

}  // namespace isobar::bench
