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
#include "cli/option/idle_options.h"
#include "cli/option/number_check.h"

namespace isobar::cli {
namespace {

/// An option that the suite, or the section of suite timing, would pass over.
void check(const CLI::App& command, const std::string& suite, const std::string& section) {
  const auto refuse = [&](const std::string& what, std::string_view minds, bool with_section) {
    std::vector<std::string_view> minded{"suite", "--json", "--csv"};
    if (with_section) minded.emplace_back("--section");
    for (std::size_t at = 0; at < minds.size();) {
      const std::size_t end = std::min(minds.find(' ', at), minds.size());
      minded.push_back(minds.substr(at, end - at));
      at = end + 1;
    }
    refuse_idle(command, what, minded);
  };
  for (const bench::Suite& each : bench::suites())  // others are refused with the names
    if (each.name == suite) refuse("the suite " + suite, each.minds, false);
  if (suite != "timing") return;
  for (const bench::TimingSection& each : bench::timing_sections())
    if (each.name == section) refuse("the section " + section, each.minds, true);
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
  bench->callback([given, bench, &chosen] {
    chosen = [given, bench] {
      check(*bench, given->suite, given->options.section);
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
