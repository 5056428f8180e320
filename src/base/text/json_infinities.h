// JSON as programs write it. Python's json module writes NaN, Infinity and -Infinity, which JSON
// does not know; real config.json files hold them ("time_step_limit": [0.0, Infinity]). They become
// texts here, so that such a file can be read, and a key that must be a number is refused by its
// name.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace isobar {

[[nodiscard]] inline std::string quoted_infinities(std::string_view json) {
  constexpr std::array<std::string_view, 3> kNames{"-Infinity", "Infinity", "NaN"};
  std::string text;
  text.reserve(json.size());
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      text += c;
      if (c == '\\' && i + 1 < json.size()) text += json[++i];
      if (c == '"') in_string = false;
      continue;
    }
    in_string = c == '"';
    std::string_view name;
    for (const std::string_view known : kNames)
      if (name.empty() && json.substr(i).starts_with(known)) name = known;
    if (name.empty()) {
      text += c;
    } else {
      text += '"';
      text += name;
      text += '"';
      i += name.size() - 1;
    }
  }
  return text;
}

}  // namespace isobar
