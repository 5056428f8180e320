// One table of a model file. A reader asks for each key once, with its range; what nobody asked for
// is an error, since a misspelt key would otherwise describe a different model in silence.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text/toml.h"

namespace isobar::model {

/// Reads the keys of one table and remembers which were asked for.
class TomlSection {
 public:
  TomlSection(const toml::table& table, std::string name, std::string file)
      : table_(table), name_(std::move(name)), file_(std::move(file)) {}

  template <std::unsigned_integral T>
  void whole(const char* key, T& field, std::uint64_t low, std::uint64_t high) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < low ||
        static_cast<std::uint64_t>(*value) > high)
      wrong(*node, key, fmt::format("a whole number from {} to {}", low, high));
    field = static_cast<T>(*value);
  }
  void real(const char* key, float& field, double low, double high) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->is_number() ? node->value<double>() : std::nullopt;
    if (!value || !(*value >= low && *value <= high))
      wrong(*node, key, fmt::format("a number from {} to {}", low, high));
    field = static_cast<float>(*value);
  }
  void truth(const char* key, bool& field) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<bool>();
    if (!value) wrong(*node, key, "true or false");
    field = *value;
  }
  void text(const char* key, std::string& field) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::string>();
    if (!value) wrong(*node, key, "text in quotes");
    field = *value;
  }
  void texts(const char* key, std::vector<std::string>& field) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr) wrong(*node, key, "a list of texts in quotes");
    for (const toml::node& entry : *list) {
      const auto value = entry.value_exact<std::string>();
      if (!value) wrong(entry, key, "a list of texts in quotes");
      field.push_back(*value);
    }
  }
  /// One of `names`, by its place.
  void choice(const char* key, std::size_t& place, std::span<const char* const> names) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::string>();
    const auto name = std::ranges::find(names, value.value_or(""));
    if (name == names.end()) wrong(*node, key, quoted(names));
    place = static_cast<std::size_t>(name - names.begin());
  }
  [[nodiscard]] bool has(const char* key) { return find(key) != nullptr; }
  /// A table inside this one; empty if it is not there.
  TomlSection section(const char* key) {
    static const toml::table kEmpty;
    const toml::node* node = find(key);
    if (node != nullptr && !node->is_table()) wrong(*node, key, "a table");
    return {node != nullptr ? *node->as_table() : kEmpty, key, file_};
  }
  /// Complains of the first key nobody asked for.
  void finish() const {
    for (const auto& [key, node] : table_) {
      if (known_.contains(std::string(key.str()))) continue;
      std::string names;
      for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
      fail("{}:{}: {} is not a key of {} (it has {})", file_, key.source().begin.line,
           std::string(key.str()), name_.empty() ? "a model file" : "[" + name_ + "]", names);
    }
  }
  [[nodiscard]] std::string where() const {
    return fmt::format("{}:{}", file_,
                       std::max(1U, static_cast<unsigned>(table_.source().begin.line)));
  }

 private:
  const toml::node* find(const char* key) {
    known_.insert(key);
    return table_.get(key);
  }
  static std::string quoted(std::span<const char* const> names) {
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i)
      list += fmt::format("{}\"{}\"",
                          i == 0                  ? ""
                          : i + 1 == names.size() ? " or "
                                                  : ", ",
                          names[i]);
    return list;
  }
  [[noreturn]] void wrong(const toml::node& node, const char* key, const std::string& right) const {
    fail("{}:{}: {}{}{} is not right (it must be {})", file_, node.source().begin.line, name_,
         name_.empty() ? "" : ".", key, right);
  }

  const toml::table& table_;
  std::string name_, file_;
  std::set<std::string> known_;
};

}  // namespace isobar::model
