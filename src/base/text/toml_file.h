// The one strict reader of TOML files: chips, data sheets, models, clusters, calibrations, kernel
// classes, constants of fabrication and runs. A message names the file, the line, the key as the
// file spells it, what is written there and what would be right. A key that nobody asked for is an
// error, since a misspelt one would otherwise describe something else in silence; the message says
// which key was meant.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text/toml.h"

namespace isobar {

/// A user's text as a message may repeat it: printable and not too long.
[[nodiscard]] std::string in_quotes(std::string_view text);
/// A value as the file wrote it, for messages.
[[nodiscard]] std::string written(const toml::node& node);
/// "mine.toml:14"; without a node, or for one of no line, the first line.
[[nodiscard]] std::string toml_place(std::string_view file, const toml::node* node);

/// A key that is none of those known: throws UserError
///   mine.toml:14: "core.wraps" is not a key of a chip file (did you mean core.warps?)
/// Where nothing is near, `otherwise` says where the keys are listed; empty: lists them.
[[noreturn]] void refuse_key(const std::string& place, std::string_view key, std::string_view of,
                             std::span<const std::string> known, std::string_view otherwise = {});

/// A file whose keys are rows of a table, "core.warps" each: what its reader and its rules need.
struct TomlFile {
  TomlFile(std::string_view text, std::string file_name);

  toml::table top;
  std::string name;

  [[nodiscard]] const toml::node* find(std::string_view path) const {
    return top.at_path(path).node();
  }
  [[nodiscard]] std::string where(const toml::node* node) const { return toml_place(name, node); }
  /// The place of a key, or of its table where the key itself is not written.
  [[nodiscard]] std::string where(std::string_view path) const;
};

/// One table of a file whose reader asks for each key once, with its range. What is not there stays
/// as it was; finish() refuses what nobody asked for.
class TomlTable {
 public:
  /// `of` is how a message calls the table: "a model file", "[shape]". `prefix` stands before its
  /// keys: "shape.".
  TomlTable(const toml::table& table, std::string file, std::string of, std::string prefix = {})
      : table_(table), file_(std::move(file)), of_(std::move(of)), prefix_(std::move(prefix)) {}

  template <std::unsigned_integral T>
  void whole(const char* key, T& field, std::uint64_t low, std::uint64_t high) {
    if (const auto value = whole_number(key, low, high)) field = static_cast<T>(*value);
  }
  template <std::floating_point T>
  void real(const char* key, T& field, double low, double high) {
    if (const auto value = real_number(key, low, high)) field = static_cast<T>(*value);
  }
  void truth(const char* key, bool& field);
  void text(const char* key, std::string& field);
  /// A text that has to be there and cannot be empty. Call only() first: a misspelt key is not a
  /// missing one.
  [[nodiscard]] std::string needed_text(const char* key);
  /// A number that has to be there, likewise.
  [[nodiscard]] std::uint64_t needed_whole(const char* key, std::uint64_t low, std::uint64_t high);
  void texts(const char* key, std::vector<std::string>& field);
  void wholes(const char* key, std::vector<std::uint32_t>& field, std::uint64_t low,
              std::uint64_t high);
  /// One of `names`, by its place.
  void choice(const char* key, std::size_t& place, std::span<const char* const> names);
  /// A key that says nothing to this reader: a source, a note.
  void allow(const char* key) { known_.insert(key); }
  [[nodiscard]] bool has(const char* key) { return find(key) != nullptr; }
  /// The key's value, asked for as any other; null if it is not there.
  [[nodiscard]] const toml::node* find(const char* key);
  /// The table [key] inside this one; empty if it is not there.
  [[nodiscard]] TomlTable section(const char* key);
  /// The tables [[key]], in order.
  [[nodiscard]] std::vector<TomlTable> sections(const char* key);

  /// The table has these keys and no others; complains at once. `otherwise` as of refuse_key.
  void only(std::initializer_list<const char*> keys, std::string_view otherwise = {});
  /// Complains of the first key nobody asked for; `otherwise` as of refuse_key.
  void finish(std::string_view otherwise = {}) const;

  /// "[shape]", "a model file".
  [[nodiscard]] const std::string& called() const { return of_; }
  /// The place of a key, or of the table where the key is not written.
  [[nodiscard]] std::string where(const char* key = "") const;
  /// "shape.layers is 0 (it must be `right`)".
  [[noreturn]] void wrong(const char* key, std::string_view right) const;
  /// "shape.layers `what`", at the place of the key.
  [[noreturn]] void refuse(const char* key, std::string_view what) const;

 private:
  [[nodiscard]] std::optional<std::uint64_t> whole_number(const char* key, std::uint64_t low,
                                                          std::uint64_t high);
  [[nodiscard]] std::optional<double> real_number(const char* key, double low, double high);

  const toml::table& table_;
  std::string file_, of_, prefix_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace isobar
