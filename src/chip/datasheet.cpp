// Where data sheets are found.
#include "chip/datasheet.h"

#include <algorithm>
#include <system_error>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/named_file.h"
#include "base/file/paths.h"
#include "base/text/toml.h"

namespace isobar::chip {

const Figure<FlopsPerSecond>& Datasheet::peak_16bit() const {
  return peaks.bf16 ? peaks.bf16 : peaks.fp16;
}

std::vector<std::filesystem::path> list_datasheets() {
  std::vector<std::filesystem::path> chips;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(share_directory() / "chips", error))
    if (entry.path().extension() == ".toml") chips.push_back(entry.path());
  std::ranges::sort(chips);
  return chips;
}

bool describes_machine(const std::filesystem::path& path) {
  try {
    return parse_toml(read_text(path, kMostToml), path.string()).contains("core");
  } catch (const UserError&) {
    return false;
  }
}

Datasheet find_datasheet(const std::string& name_or_path) {
  if (names_a_path(name_or_path)) return read_datasheet(name_or_path);
  return read_datasheet(find_named_file(
      name_or_path, {"chip", "a path to a .toml file works too", list_datasheets()}));
}

}  // namespace isobar::chip
