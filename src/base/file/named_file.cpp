#include "base/file/named_file.h"

#include <fmt/ranges.h>

#include "base/error.h"
#include "base/text/nearest.h"

namespace isobar {
namespace {

constexpr std::size_t kFew = 12;  // names that an error message can list

}  // namespace

bool names_a_path(std::string_view name_or_path) {
  return name_or_path.find('/') != std::string_view::npos || name_or_path.ends_with(".toml") ||
         name_or_path.ends_with(".json");
}

std::filesystem::path find_named_file(std::string_view name, const NamedFiles& catalogue) {
  std::vector<std::string> names;
  for (const std::filesystem::path& path : catalogue.files) {
    if (path.stem() == name) return path;
    names.push_back(path.stem().string());
  }
  const std::string plain = plain_name(name);
  for (const std::filesystem::path& path : catalogue.files)
    if (!plain.empty() && plain_name(path.stem().string()) == plain) return path;
  std::string help = did_you_mean(name, names);
  if (names.empty())
    help = "there are none: the installation is incomplete";
  else if (names.size() <= kFew)
    help = fmt::format("there are {}", fmt::join(names, ", "));
  else
    help += fmt::format("{}isobar info lists all {}", help.empty() ? "" : " ", names.size());
  fail("no {} is called \"{}\" ({}; {})", catalogue.thing, name, help, catalogue.else_works);
}

}  // namespace isobar
