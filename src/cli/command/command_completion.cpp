// `isobar completion SHELL` and `isobar manual`: the command line described for shells and for man,
// on standard output; an installation has both in place.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "chip/datasheet.h"
#include "cli/command/commands.h"
#include "cli/help/completion.h"
#include "cli/help/manual.h"
#include "model/file/model_file.h"
#include "plan/network/cluster_file.h"

namespace isobar::cli {
namespace {

struct Given {
  std::string shell, names;
};

std::vector<std::filesystem::path> files_of(const std::string& catalogue) {
  if (catalogue == "chips") return chip::list_datasheets();
  return catalogue == "models" ? model::list_models() : plan::list_clusters();
}

int complete(const CLI::App& app, const Given& given) {
  if (given.shell.empty() == given.names.empty())
    fail("isobar completion: name a shell (bash, zsh or fish), or --names");
  if (!given.names.empty())
    for (const auto& path : files_of(given.names)) fmt::print("{}\n", path.stem().string());
  if (given.shell == "bash") fmt::print("{}", bash_completion(app));
  if (given.shell == "zsh") fmt::print("{}", zsh_completion(app));
  if (given.shell == "fish") fmt::print("{}", fish_completion(app));
  return 0;
}

}  // namespace

void add_completion(CLI::App& app, Action& chosen) {
  auto given = std::make_shared<Given>();
  CLI::App* command = app.add_subcommand(
      "completion", "Print the script that completes isobar's commands and options in a shell");
  command->add_option("shell", given->shell, "Shell: bash, zsh or fish")
      ->check(CLI::IsMember(std::vector<std::string>{"bash", "zsh", "fish"}));
  command->add_option("--names", given->names, "Print the names in a catalogue instead")
      ->check(CLI::IsMember(std::vector<std::string>{"chips", "models", "clusters"}));
  command->footer(
      "bash: source <(isobar completion bash)     in ~/.bashrc\n"
      "zsh:  source <(isobar completion zsh)      in ~/.zshrc, after compinit\n"
      "fish: isobar completion fish | source      in ~/.config/fish/config.fish");
  command->callback(
      [given, &app, &chosen] { chosen = [given, &app] { return complete(app, *given); }; });
}

void add_manual(CLI::App& app, Action& chosen) {
  CLI::App* command =
      app.add_subcommand("manual", "Print the manual page (isobar manual | man -l - shows it)");
  command->callback([&app, &chosen] {
    chosen = [&app] {
      fmt::print("{}", manual_page(app));
      return 0;
    };
  });
}

}  // namespace isobar::cli
