#include "model/file/json_keys.h"

#include "base/error.h"
#include "base/text/json_text.h"

namespace isobar::model {
namespace {

/// A value as an error shows it; a hostile one may be long.
std::string shown(const nlohmann::json& value) {
  std::string text = json_text(value, -1, JsonLetters::kAscii);
  constexpr std::size_t kLongest = 40;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

}  // namespace

const nlohmann::json* JsonKeys::find(Names names) const {
  for (const char* name : names)
    if (const auto value = object_.find(name); value != object_.end() && !value->is_null())
      return &*value;
  return nullptr;
}

std::uint32_t JsonKeys::whole(Names names, std::uint64_t low, std::uint64_t high) const {
  const nlohmann::json* value = find(names);
  if (value == nullptr)
    fail("{}: {} is missing (a whole number from {} to {})", file_, *names.begin(), low, high);
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() < low ||
      value->get<std::uint64_t>() > high)
    fail("{}: {} is {} (it must be a whole number from {} to {})", file_, *names.begin(),
         shown(*value), low, high);
  return value->get<std::uint32_t>();
}

std::uint32_t JsonKeys::whole_or(Names names, std::uint32_t otherwise, std::uint64_t low,
                                 std::uint64_t high) const {
  return find(names) == nullptr ? otherwise : whole(names, low, high);
}

bool JsonKeys::truth_or(Names names, bool otherwise) const {
  const nlohmann::json* value = find(names);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean())
    fail("{}: {} is {} (it must be true or false)", file_, *names.begin(), shown(*value));
  return value->get<bool>();
}

std::string JsonKeys::text_or(Names names, const std::string& otherwise) const {
  const nlohmann::json* value = find(names);
  if (value == nullptr) return otherwise;
  if (!value->is_string())
    fail("{}: {} is {} (it must be text)", file_, *names.begin(), shown(*value));
  return value->get<std::string>();
}

}  // namespace isobar::model
