// `isobar chip NAME_OR_FILE...`: what chips are, cost and may do, side by side; `isobar chip
// --sweep` looks for better ones.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/output_file.h"
#include "base/ranks.h"
#include "base/terminal.h"
#include "chip/datasheet.h"
#include "cli/command/commands.h"
#include "cli/option/csv_output.h"
#include "cli/option/idle_options.h"
#include "cli/option/number_check.h"
#include "cli/planner_judge.h"
#include "fab/assessment.h"
#include "fab/sweep.h"
#include "report/chip_table.h"
#include "report/sweep_table.h"

namespace isobar::cli {
namespace {

struct Given {
  std::vector<std::string> chips;
  double volume = 1e6, capacity = 100;
  bool json = false, explain = false, sweep = false;
  std::string rule_date, html, run, constants, csv;
  fab::SweepLimits limits;
  std::string below, judge = "planner";
  std::size_t designs = 10000;
};

fab::Constants constants_of(const Given& given) {
  return given.constants.empty() ? fab::default_constants() : fab::read_constants(given.constants);
}

int compare(const Given& given) {
  if (given.chips.empty())
    fail("isobar chip: no chip is named (isobar info lists them; --sweep needs none)");
  if (!given.html.empty()) check_writable(given.html);
  CsvOutput csv(given.csv, given.json);
  const fab::Constants constants = constants_of(given);
  fab::Options options{.volume = given.volume, .capacity = given.capacity / 100};
  if (!given.rule_date.empty()) options.rule_date = fab::parse_date(given.rule_date);
  if (!given.run.empty()) options.run = fab::read_training_run(given.run);
  std::vector<fab::Assessment> chips;
  chips.reserve(given.chips.size());
  for (const std::string& name : given.chips)
    chips.push_back(fab::assess(chip::find_datasheet(name), constants, options));
  if (!given.html.empty()) {
    write_text_atomically(given.html, report::chip_page(chips));
    if (verbosity() == Verbosity::kNormal) note("wrote {}", given.html);
  }
  if (csv.is_wanted()) csv.write(report::chip_csv(chips));
  csv.commit();
  if (csv.takes_standard_output()) return 0;
  fmt::print("{}", given.json ? report::chip_json(chips)
                              : report::chip_table(chips, given.explain, table_columns()));
  return 0;
}

int sweep(Given given, const CLI::App& command) {
  const Ranks ranks;
  ranks.together([&] {
    if (!given.chips.empty())
      fail("isobar chip --sweep takes no chips (it makes its own; see docs/FAB.md)");
    refuse_idle(
        command, "--sweep",
        {"--sweep", "--designs", "--max-area", "--max-power", "--max-cost", "--below", "--judge",
         "--node", "--volume", "--rule-date", "--constants", "--json", "--csv", "--html"});
    if (!given.html.empty() && ranks.is_first()) check_writable(given.html);
    given.limits.rule_date =
        given.rule_date.empty() ? fab::newest_rule() : fab::parse_date(given.rule_date);
    given.limits.export_line = fab::parse_export_line(given.below);
    given.limits.volume = given.volume;
    const fab::Constants constants = constants_of(given);
    const auto judge = given.judge == "planner" ? planner_judge() : fab::roofline_judge();
    const fab::SweepResult result =
        fab::run_sweep(given.designs, given.limits, constants, *judge, ranks);
    if (!ranks.is_first()) return;
    CsvOutput csv(given.csv, given.json);
    if (csv.is_wanted()) csv.write(report::sweep_csv(result));
    csv.commit();
    if (!given.html.empty()) write_text_atomically(given.html, report::sweep_page(result));
    if (csv.takes_standard_output()) return;
    fmt::print("{}", given.json ? report::sweep_json(result)
                                : report::sweep_text(result, table_columns()));
  });
  return 0;
}

void add_sweep_options(CLI::App& chip, Given& given) {
  const char* group = "Sweep";
  CLI::Option* sweep =
      chip.add_flag("--sweep", given.sweep,
                    "Search for designs: the Pareto front of useful FLOP/s and package cost")
          ->group(group);
  chip.add_option("--designs", given.designs, "Number of designs to judge")
      ->needs(sweep)
      ->group(group)
      ->check(whole_number(1, 1000000))
      ->capture_default_str();
  chip.add_option("--max-area", given.limits.area,
                  "Largest die area, in mm2 (default: the reticle)")
      ->needs(sweep)
      ->group(group)
      ->check(positive_number());
  chip.add_option("--max-power", given.limits.power,
                  "Highest power of a chip, in W (default: no limit)")
      ->needs(sweep)
      ->group(group)
      ->check(positive_number());
  chip.add_option("--max-cost", given.limits.cost,
                  "Highest cost of a package, in dollars (default: no limit)")
      ->needs(sweep)
      ->group(group)
      ->check(positive_number());
  chip.add_option("--below", given.below,
                  "Export threshold to stay below, by the rules of --rule-date (default: none)")
      ->type_name("3A090.a|3A090.b")
      ->needs(sweep)
      ->group(group);
  chip.add_option(
          "--judge", given.judge,
          "Model that times the designs: planner (the planner's kernel costs) or roofline (which "
          "takes local memory into account)")
      ->needs(sweep)
      ->group(group)
      ->check(CLI::IsMember({"planner", "roofline"}))
      ->capture_default_str();
  chip.add_option("--node", given.limits.node, "Only this process node, such as N5 (default: all)")
      ->type_name("NODE")
      ->needs(sweep)
      ->group(group);
}

}  // namespace

void add_chip(CLI::App& app, Action& chosen) {
  CLI::App* chip = app.add_subcommand(
      "chip", "Compare chips as products: area, yield, cost, time to market, export class");
  auto given = std::make_shared<Given>();
  chip->add_option("chips", given->chips, "Chips: names (isobar info lists them) or files");
  chip->add_option("--volume", given->volume,
                   "Number of packages that share the cost of masks and design")
      ->check(number(1, 1e12))
      ->default_str("1000000");
  chip->add_option("--capacity", given->capacity,
                   "Available share of the foundry's wafer rate, in percent")
      ->check(number(0.1, 1000))
      ->capture_default_str();
  chip->add_option("--rule-date", given->rule_date,
                   "Export rules of this day, such as 2023-11-17 (default: the newest rules)")
      ->type_name("DATE");
  chip->add_option("--run", given->run,
                   "Folder of a training run, or JSON file of isobar plan; adds its MFU and its "
                   "cost per token")
      ->type_name("RUN");
  chip->add_option("--constants", given->constants,
                   "File of constants to use instead of Isobar's (docs/FAB.md)")
      ->type_name("FILE");
  chip->add_flag("--json", given->json, "Print JSON instead of text");
  chip->add_flag("--explain", given->explain, "Also print the source of each figure");
  add_csv_option(*chip, given->csv);
  chip->add_option("--html", given->html, "Also write an HTML page to this file")
      ->type_name("FILE");
  add_sweep_options(*chip, *given);
  chip->callback([given, chip, &chosen] {
    chosen = [given, chip] { return given->sweep ? sweep(*given, *chip) : compare(*given); };
  });
}

}  // namespace isobar::cli
