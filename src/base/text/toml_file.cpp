#include "base/text/toml_file.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/text/nearest.h"

namespace isobar {
namespace {

std::string last_of(std::string_view path) { return std::string(path.substr(path.rfind('.') + 1)); }

/// The key that was meant: a misspelt one, or one that stands in another table. Of "core.wraps" a
/// third of the letters can be wrong in many ways: the nearest alone is named.
std::string suggestion(std::string_view key, std::span<const std::string> known) {
  if (key.find('.') == std::string_view::npos) {
    if (std::string near = did_you_mean(key, known); !near.empty()) return near;
  } else if (const auto near = nearest_names(key, known, 1); !near.empty()) {
    return fmt::format("did you mean {}?", near.front());
  }
  std::vector<std::string> lasts;
  for (const std::string& name : known) lasts.push_back(last_of(name));
  const std::vector<std::string> nearest = nearest_names(last_of(key), lasts, 1);
  if (nearest.empty()) return {};
  std::vector<std::string> elsewhere;
  for (const std::string& name : known)
    if (last_of(name) == nearest.front()) elsewhere.push_back(name);
  return elsewhere.size() > 3 ? "" : fmt::format("did you mean {}?", fmt::join(elsewhere, " or "));
}

std::string whole_range(std::uint64_t low, std::uint64_t high) {
  return fmt::format("a whole number from {} to {}", low, high);
}

std::optional<std::uint64_t> whole_in(const toml::node& node, std::uint64_t low,
                                      std::uint64_t high) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value || *value < 0) return {};
  const auto number = static_cast<std::uint64_t>(*value);
  return number >= low && number <= high ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string clean;
  for (const char c : text.substr(0, 40)) clean += c >= ' ' && c <= '~' ? c : '?';
  return '"' + clean + (text.size() > 40 ? "...\"" : "\"");
}

std::string written(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return in_quotes(*text);
  if (const auto whole = node.value_exact<std::int64_t>()) return fmt::format("{}", *whole);
  if (const auto real = node.value_exact<double>()) return fmt::format("{}", *real);
  if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
  if (node.is_table()) return "a table";
  return node.is_array() ? "an array" : "something else";
}

std::string toml_place(std::string_view file, const toml::node* node) {
  const toml::source_index line = node != nullptr ? node->source().begin.line : 1;
  return fmt::format("{}:{}", file, std::max<toml::source_index>(line, 1));
}

void refuse_key(const std::string& place, std::string_view key, std::string_view of,
                std::span<const std::string> known, std::string_view otherwise) {
  std::string help = suggestion(key, known);
  if (help.empty())
    help = otherwise.empty() ? fmt::format("it has {}", fmt::join(known, ", ")) : otherwise;
  fail("{}: {} is not a key of {} ({})", place, in_quotes(key), of, help);
}

TomlFile::TomlFile(std::string_view text, std::string file_name)
    : top(parse_toml(text, file_name)), name(std::move(file_name)) {}

std::string TomlFile::where(std::string_view path) const {
  if (const toml::node* node = find(path)) return where(node);
  const std::size_t dot = path.find('.');
  return where(dot == std::string_view::npos ? nullptr : find(path.substr(0, dot)));
}

const toml::node* TomlTable::find(const char* key) {
  known_.insert(key);
  return table_.get(key);
}

std::optional<std::uint64_t> TomlTable::whole_number(const char* key, std::uint64_t low,
                                                     std::uint64_t high) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const auto value = whole_in(*node, low, high);
  if (!value) wrong(key, whole_range(low, high));
  return value;
}

std::optional<double> TomlTable::real_number(const char* key, double low, double high) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value || !(*value >= low && *value <= high))
    wrong(key, fmt::format("a number from {} to {}", low, high));
  return value;
}

void TomlTable::truth(const char* key, bool& field) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<bool>();
  if (!value) wrong(key, "true or false");
  field = *value;
}

void TomlTable::text(const char* key, std::string& field) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::string>();
  if (!value) wrong(key, "text in quotes");
  field = *value;
}

std::string TomlTable::needed_text(const char* key) {
  std::string value;
  text(key, value);
  if (value.empty()) fail("{}: {} needs {} = \"...\"", where(key), of_, key);
  return value;
}

std::uint64_t TomlTable::needed_whole(const char* key, std::uint64_t low, std::uint64_t high) {
  const auto value = whole_number(key, low, high);
  if (!value) fail("{}: {} needs {}, {}", where(), of_, key, whole_range(low, high));
  return *value;
}

void TomlTable::texts(const char* key, std::vector<std::string>& field) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  if (list == nullptr) wrong(key, "a list of texts in quotes");
  for (const toml::node& entry : *list) {
    const auto value = entry.value_exact<std::string>();
    if (!value) wrong(key, "a list of texts in quotes");
    field.push_back(*value);
  }
}

void TomlTable::wholes(const char* key, std::vector<std::uint32_t>& field, std::uint64_t low,
                       std::uint64_t high) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  const std::string right =
      fmt::format("a list of whole numbers from {} to {}, such as [4, 4, 4]", low, high);
  if (list == nullptr || list->empty()) wrong(key, right);
  for (const toml::node& entry : *list) {
    const auto value = whole_in(entry, low, high);
    if (!value) wrong(key, right);
    field.push_back(static_cast<std::uint32_t>(*value));
  }
}

void TomlTable::choice(const char* key, std::size_t& place, std::span<const char* const> names) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::string>();
  const auto name = std::ranges::find(names, value.value_or(""));
  if (name == names.end()) {
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i)
      list += fmt::format("{}\"{}\"",
                          i == 0                  ? ""
                          : i + 1 == names.size() ? " or "
                                                  : ", ",
                          names[i]);
    wrong(key, list);
  }
  place = static_cast<std::size_t>(name - names.begin());
}

TomlTable TomlTable::section(const char* key) {
  static const toml::table kEmpty;
  const toml::node* node = find(key);
  if (node != nullptr && !node->is_table())
    wrong(key, fmt::format("a table: write [{}] and its keys below", key));
  return {node != nullptr ? *node->as_table() : kEmpty, file_, fmt::format("[{}]", key),
          fmt::format("{}.", key)};
}

std::vector<TomlTable> TomlTable::sections(const char* key) {
  const toml::node* node = find(key);
  std::vector<TomlTable> tables;
  if (node == nullptr) return tables;
  const toml::array* list = node->as_array();
  const auto all_tables = [&] {
    return std::ranges::all_of(*list, [](const toml::node& entry) { return entry.is_table(); });
  };
  if (list == nullptr || !all_tables())
    wrong(key, fmt::format("tables: write [[{}]] and its keys below", key));
  for (const toml::node& entry : *list)
    tables.emplace_back(*entry.as_table(), file_, fmt::format("[[{}]]", key),
                        fmt::format("{}.", key));
  return tables;
}

void TomlTable::only(std::initializer_list<const char*> keys, std::string_view otherwise) {
  known_.insert(keys.begin(), keys.end());
  finish(otherwise);
}

void TomlTable::finish(std::string_view otherwise) const {
  for (const auto& [key, node] : table_) {
    if (known_.contains(key.str())) continue;
    const std::vector<std::string> names(known_.begin(), known_.end());
    refuse_key(
        fmt::format("{}:{}", file_, std::max<toml::source_index>(key.source().begin.line, 1)),
        key.str(), of_, names, otherwise);
  }
}

std::string TomlTable::where(const char* key) const {
  const toml::node* node = table_.get(key);
  return toml_place(file_, node != nullptr ? node : &table_);
}

void TomlTable::wrong(const char* key, std::string_view right) const {
  const toml::node* node = table_.get(key);
  fail("{}: {}{} is {} (it must be {})", where(key), prefix_, key,
       node == nullptr ? "missing" : written(*node), right);
}

void TomlTable::refuse(const char* key, std::string_view what) const {
  fail("{}: {}{} {}", where(key), prefix_, key, what);
}

}  // namespace isobar
