// The JSON that Isobar writes for others to read: each document says which Isobar wrote it.
#pragma once

#include <string>
#include <utility>

#include "base/text/json_text.h"
#include "base/version.h"

namespace isobar {

/// The object with the version under "isobar", in front; of a list, each object.
template <class Json>
[[nodiscard]] Json stamped(Json value) {
  if (value.is_array()) {
    for (Json& each : value) each = stamped(std::move(each));
    return value;
  }
  if (!value.is_object()) return value;
  Json document = Json::object();
  document["isobar"] = version_text();
  for (auto& [key, part] : value.items()) document[key] = std::move(part);
  return document;
}

/// As json_text, of a whole document.
template <class Json>
[[nodiscard]] std::string json_document(Json value, int indent = -1,
                                        JsonLetters letters = JsonLetters::kUtf8) {
  return json_text(stamped(std::move(value)), indent, letters);
}

}  // namespace isobar
