#include "cli/option/idle_options.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/error.h"

namespace isobar::cli {
namespace {

constexpr std::array<std::string_view, 3> kEverywhere{"--quiet", "--verbose", "--help"};

}  // namespace

void refuse_idle(const CLI::App& command, std::string_view mode,
                 const std::vector<std::string_view>& minded) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0) continue;
    const auto is_named = [&](std::string_view name) {
      return option->check_name(std::string(name));
    };
    const bool counts =
        std::ranges::any_of(minded, is_named) || std::ranges::any_of(kEverywhere, is_named);
    if (!counts) fail("{} has no effect with {} (leave it out)", option->get_name(), mode);
  }
}

}  // namespace isobar::cli
