// JSON as it should be read from files that anybody wrote: nlohmann-json keeps the last of two
// equal keys in silence, and recurses as deep as the text does. Here both are errors, named.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text/nesting.h"

namespace isobar {

/// Throws UserError "<where>: ..." for text that is not JSON, for a key that stands twice in one
/// object, and for too much or too deep a text (nesting.h).
[[nodiscard]] inline nlohmann::json parse_json_strictly(std::string_view text,
                                                        const std::string& where) {
  using nlohmann::json;
  check_json_nesting(text, where);
  std::vector<std::set<std::string>> open;  // keys of the objects around the place that is read
  std::string twice;
  const json::parser_callback_t watch = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key &&
        !open.back().insert(value.get_ref<const std::string&>()).second && twice.empty())
      twice = value.get_ref<const std::string&>();
    return true;
  };
  try {
    json result = json::parse(text.begin(), text.end(), watch);
    if (!twice.empty()) fail("{}: the key \"{}\" stands there twice (remove one)", where, twice);
    return result;
  } catch (const json::exception& error) {
    const std::string_view what = error.what();
    const std::size_t reason = what.find("parse error");
    fail("{}: not JSON: {}", where, what.substr(reason == what.npos ? 0 : reason));
  }
}

}  // namespace isobar
