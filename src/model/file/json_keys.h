// Keys of a JSON object, read with their ranges; a key may have several names, of which the first
// that is there and not null counts. Unknown keys are not errors: a config.json has dozens that
// change neither a FLOP nor a byte.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace isobar::model {

class JsonKeys {
 public:
  using Names = std::initializer_list<const char*>;
  JsonKeys(const nlohmann::json& object, std::string file)
      : object_(object), file_(std::move(file)) {}

  /// Throws UserError if it is not there or not a whole number from low to high.
  [[nodiscard]] std::uint32_t whole(Names names, std::uint64_t low, std::uint64_t high) const;
  /// `otherwise` where it is not there.
  [[nodiscard]] std::uint32_t whole_or(Names names, std::uint32_t otherwise, std::uint64_t low,
                                       std::uint64_t high) const;
  [[nodiscard]] bool truth_or(Names names, bool otherwise) const;
  [[nodiscard]] std::string text_or(Names names, const std::string& otherwise) const;
  /// Null where it is not there.
  [[nodiscard]] const nlohmann::json* find(Names names) const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  const nlohmann::json& object_;
  std::string file_;
};

}  // namespace isobar::model
