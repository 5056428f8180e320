#include "elf/line_table.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace isobar::elf {
namespace {

template <class Number>
void put(std::vector<std::byte>& out, Number value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

/// Takes numbers and strings off the front of a section, never past its end.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> left) : left_(left) {}
  [[nodiscard]] std::span<const std::byte> take(std::uint64_t size) {
    if (size > left_.size()) fail("the line table of the program is cut short (build it again)");
    const auto result = left_.first(size);
    left_ = left_.subspan(size);
    return result;
  }
  template <class Number>
  [[nodiscard]] Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> left_;
};

}  // namespace

std::vector<std::byte> LineTable::serialise() const {
  std::vector<std::byte> out;
  put(out, static_cast<std::uint32_t>(files.size()));
  for (const std::string& file : files) {
    put(out, static_cast<std::uint32_t>(file.size()));
    const auto bytes = std::as_bytes(std::span(file));
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  put(out, static_cast<std::uint32_t>(rows.size()));
  for (const Row& row : rows) {
    put(out, row.pc);
    put(out, row.file);
    put(out, row.line);
  }
  return out;
}

LineTable LineTable::parse(std::span<const std::byte> section) {
  Reader reader(section);
  LineTable table;
  for (auto count = reader.number<std::uint32_t>(); count > 0; --count) {
    const auto text = reader.take(reader.number<std::uint32_t>());
    table.files.emplace_back(reinterpret_cast<const char*>(text.data()), text.size());
  }
  for (auto count = reader.number<std::uint32_t>(); count > 0; --count) {
    Row row;
    row.pc = reader.number<std::uint64_t>();
    row.file = reader.number<std::uint32_t>();
    row.line = reader.number<std::uint32_t>();
    if (row.line != 0 && row.file >= table.files.size())
      fail("the line table names a file it does not have");
    table.rows.push_back(row);
  }
  if (!std::ranges::is_sorted(table.rows, {}, &Row::pc)) fail("the line table is not in order");
  return table;
}

std::vector<std::byte> LineTable::serialise_texts() const {
  std::vector<std::byte> out;
  put(out, static_cast<std::uint32_t>(texts.size()));
  for (const auto& [place, text] : texts) {
    put(out, place.first);
    put(out, place.second);
    put(out, static_cast<std::uint32_t>(text.size()));
    const auto bytes = std::as_bytes(std::span(text));
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

void LineTable::parse_texts(std::span<const std::byte> section) {
  Reader reader(section);
  for (auto count = reader.number<std::uint32_t>(); count > 0; --count) {
    const auto file = reader.number<std::uint32_t>();
    const auto line = reader.number<std::uint32_t>();
    const auto text = reader.take(reader.number<std::uint32_t>());
    texts[{file, line}].assign(reinterpret_cast<const char*>(text.data()), text.size());
  }
}

std::optional<SourceLocation> LineTable::find(std::uint64_t pc) const {
  const auto next = std::ranges::upper_bound(rows, pc, {}, &Row::pc);
  if (next == rows.begin()) return {};
  const Row& row = *std::prev(next);
  if (row.line == 0) return {};
  const auto text = texts.find({row.file, row.line});
  return SourceLocation{files.at(row.file), row.line,
                        text == texts.end() ? std::string() : text->second};
}

}  // namespace isobar::elf
