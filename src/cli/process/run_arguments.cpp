#include "cli/process/run_arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

namespace isobar::cli {
namespace {

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

const CLI::Option* option_of(const CLI::App& command, const std::string& word) {
  return is_option(word) ? command.get_option_no_throw(word.substr(0, word.find('='))) : nullptr;
}

bool takes_next_word(const CLI::Option& option, const std::string& word) {
  return option.get_items_expected_min() > 0 && word.find('=') == std::string::npos;
}

void refuse_ambiguous(const CLI::App& command, std::span<const std::string> program) {
  for (const std::string& word : program.subspan(1)) {
    if (option_of(command, word) == nullptr) continue;
    throw CLI::ParseError(
        fmt::format("{0} stands behind the program {1}, and isobar run has an option of that name "
                    "too: say \"isobar run -- {2}\" if it is the program's, \"isobar run {0} ... "
                    "-- {1}\" if it is isobar's",
                    word, program.front(), fmt::join(program, " ")),
        CLI::ExitCodes::ExtrasError);
  }
}

}  // namespace

std::vector<std::string> separate_program(const CLI::App& app, std::vector<std::string> words) {
  const auto first = std::ranges::find_if_not(words, is_option);
  if (first == words.end() || *first != "run") return words;
  const CLI::App& command = *app.get_subcommand("run");
  for (auto word = std::next(first); word != words.end() && *word != "--"; ++word) {
    if (!is_option(*word)) {
      refuse_ambiguous(command, {word, words.end()});
      words.insert(word, "--");
      return words;
    }
    const CLI::Option* option = option_of(command, *word);
    if (option == nullptr) return words;  // for the parser to refuse
    if (takes_next_word(*option, *word) && std::next(word) != words.end()) ++word;
  }
  return words;
}

}  // namespace isobar::cli
