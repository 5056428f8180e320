// `isobar explain TRACE...`: where the peak of a real training step went, from a profiler's trace.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "base/error.h"
#include "base/terminal.h"
#include "base/text/columns.h"
#include "cli/command/commands.h"
#include "cli/option/csv_output.h"
#include "cli/option/mfu_option.h"
#include "cli/option/number_check.h"
#include "explain/causes.h"
#include "explain/explain_text.h"
#include "explain/explanation.h"
#include "report/explanation_text.h"

namespace isobar::cli {
namespace {

struct Given {
  explain::Request request;
  std::string cause, csv;
  bool json = false;
};

/// Options that count only with another one.
void check(const CLI::App& command) {
  const auto given = [&](const char* option) { return command.count(option) > 0; };
  if (!given("--model") && (given("--tokens") || given("--sequence")))
    fail("--tokens and --sequence count only with --model");
  if (!given("--tokens") && given("--chips"))
    fail("--chips counts only with --model and --tokens (of a step, over all chips)");
}

int run(const Given& given, const CLI::App& command) {
  check(command);
  CsvOutput csv(given.csv, given.json);
  const explain::Explanation explanation = explain::explain(given.request);
  std::vector<explain::CauseKernels> causes;
  if (!given.cause.empty()) causes = explain::kernels_behind(explanation, given.cause);
  if (csv.is_wanted()) csv.write(explain::to_csv(explanation, causes));
  csv.commit();
  if (csv.takes_standard_output()) return 0;
  if (given.json) {
    fmt::print("{}\n", explain::to_json(explanation, causes));
    return 0;
  }
  const report::WaterfallOptions options = report::terminal_options();
  const std::size_t columns = table_columns();
  const std::string text = causes.empty()
                               ? report::explanation_text(explanation, options, columns)
                               : explain::summary_text(explanation, options.width) +
                                     explain::kernels_text(explanation, causes, options.width);
  fmt::print("{}", fitted(text, columns));
  return 0;
}

}  // namespace

void add_explain(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand(
      "explain", "Explain where the peak of a real training step went, from a profiler's trace");
  auto given = std::make_shared<Given>();
  explain::Request& request = given->request;
  command
      ->add_option(
          "trace", request.traces,
          "Traces of the PyTorch profiler (JSON or gzip): a file for each rank, or folders of "
          "them; -: standard input")
      ->required();
  command
      ->add_option("--model", request.model,
                   "Count the FLOPs of this model (a name, a model file or a config.json), not "
                   "those of the trace")
      ->type_name("MODEL");
  command
      ->add_option("--chip", request.chip,
                   "Chip: a name or a file (default: the chip that the trace names)")
      ->type_name("CHIP");
  command
      ->add_option("--chips", request.chips,
                   "Number of chips that share the tokens of a step (only with --model, --tokens)")
      ->check(whole_number(1, 100000000));
  command
      ->add_option("--tokens", request.tokens,
                   "Tokens of a step, over all chips (only with --model)")
      ->check(whole_number(1, 1000000000000));
  command->add_option("--sequence", request.sequence, "Tokens per sequence (only with --model)")
      ->check(whole_number(1, 100000000));
  command
      ->add_option("--kernel-classes", request.kernel_classes,
                   "Your own table of kernel names, used before the built-in one")
      ->type_name("FILE");
  command->add_option("--step", request.step, "Explain ProfilerStep#N only (default: all steps)")
      ->check(whole_number(0, std::int64_t{1} << 62U));
  command
      ->add_option(
          "--explain-cause", given->cause,
          "List the kernels behind a cause of the waterfall (such as \"idle\") or a part of it "
          "(such as \"idle/waiting\")")
      ->type_name("CAUSE")
      ->check([](const std::string& text) {
        return std::string(text.empty() ? "is empty, but must name a cause" : "");
      });
  command->add_flag("--json", given->json, "Print JSON instead of text");
  add_csv_option(*command, given->csv);
  add_mfu_option(*command, request.attention);
  command->callback(
      [given, command, &chosen] { chosen = [given, command] { return run(*given, *command); }; });
}

}  // namespace isobar::cli
