// JSON as Isobar writes it, in every file and on every stream.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace isobar {

enum class JsonLetters : bool { kUtf8, kAscii };

/// Never throws for what a string holds: paths and names come from users and may be any bytes. What
/// is not UTF-8 comes out as U+FFFD, as a reader of UTF-8 would show it. Without `indent` on one
/// line.
template <class Json>
[[nodiscard]] std::string json_text(const Json& value, int indent = -1,
                                    JsonLetters letters = JsonLetters::kUtf8) {
  return value.dump(indent, ' ', letters == JsonLetters::kAscii, Json::error_handler_t::replace);
}

}  // namespace isobar
