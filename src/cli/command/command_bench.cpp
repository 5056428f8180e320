// `isobar bench SUITE`: the figures that the project promises, from one command each.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/opencl_icd.h"
#include "bench/suites.h"
#include "bench/timing/suite_timing.h"
#include "cli/command/commands.h"
#include "cli/option/csv_output.h"
#include "cli/option/number_check.h"

namespace isobar::cli {
namespace {

/// An option that the suite would pass over.
void check(const std::string& suite, const bench::Options& options) {
  const bool known = std::ranges::any_of(
      bench::suites(), [&](const bench::Suite& each) { return each.name == suite; });
  if (!known) return;  // refused with the names, or a client of ours
  if (!options.only.empty() && suite != "simt" && suite != "timing")
    fail("--only belongs to the suites simt and timing, not {}", suite);
  if (!options.section.empty() && suite != "timing")
    fail("--section belongs to the suite timing, not {}", suite);
}

std::string section_names() {
  std::string names;
  for (const bench::TimingSection& section : bench::timing_sections())
    names += (names.empty() ? "" : "|") + std::string(section.name);
  return names;
}

}  // namespace

void add_bench(CLI::App& app, Action& chosen) {
  std::string names, help;
  for (const bench::Suite& suite : bench::suites()) {
    names += (names.empty() ? "" : ", ") + std::string(suite.name);
    help += fmt::format("{}{:<8} {}", help.empty() ? "" : "\n", std::string(suite.name) + ":",
                        suite.help);
  }
  CLI::App* bench = app.add_subcommand("bench", "Measure Isobar on this machine: suites " + names);
  bench->footer(help);
  struct Given {
    std::string suite, csv;
    bench::Options options;
  };
  auto given = std::make_shared<Given>();
  bench->add_option("suite", given->suite, "Suite to run: one of those below")->required();
  bench->add_flag("--json", given->options.json, "Print JSON instead of text, one object per line");
  add_csv_option(*bench, given->csv);
  bench->add_flag("--quick", given->options.quick,
                  "Use small sizes: takes seconds, gives rougher figures");
  bench
      ->add_option("--device", given->options.device,
                   "OpenCL device to measure: a part of its name")
      ->type_name("NAME")
      ->capture_default_str();
  bench
      ->add_option("--peer", given->options.peer,
                   "OpenCL device to compare with: a part of its name")
      ->type_name("NAME")
      ->capture_default_str();
  bench
      ->add_option("--pairs", given->options.pairs,
                   "Number of measurements of each device, taken in turn")
      ->capture_default_str()
      ->check(whole_number(1, 1000));
  bench->add_option("--only", given->options.only,
                    "Only the kernels whose names contain this text (suites simt and timing)");
  bench->add_option("--section", given->options.section, "Only this section (suite timing)")
      ->type_name(section_names());
  bench->callback([given, &chosen] {
    chosen = [given] {
      check(given->suite, given->options);
      offer_isobar_to_opencl();
      CsvOutput csv(given->csv, given->options.json);
      bench::Options options = given->options;
      if (csv.is_wanted()) options.csv = [&](std::string_view text) { csv.write(text); };
      options.csv_alone = csv.takes_standard_output();
      const int code = bench::run_suite(given->suite, options);
      csv.commit();
      return code;
    };
  });
}

}  // namespace isobar::cli
