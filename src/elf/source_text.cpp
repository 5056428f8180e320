#include "elf/source_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace isobar::elf {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\f\v");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\f\v") + 1 - begin);
}

struct LineDirective {
  std::uint32_t line = 0;
  std::string file;  // empty: as before
};

/// C11 6.10.4: #line digits ["file"].
std::optional<LineDirective> directive_in(std::string_view line) {
  if (!line.starts_with('#')) return {};
  line = trimmed(line.substr(1));
  if (!line.starts_with("line")) return {};
  line = trimmed(line.substr(4));
  LineDirective found;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), found.line);
  if (error != std::errc()) return {};
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  line = trimmed(line);
  if (line.size() > 2 && line.front() == '"' && line.back() == '"')
    found.file = line.substr(1, line.size() - 2);
  return found;
}

}  // namespace

void SourceText::add(std::string_view text, std::string file) {
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const auto directive = directive_in(line)) {
      if (!directive->file.empty()) file = directive->file;
      number = directive->line - 1;
    } else if (!line.empty()) {
      lines_[file][number] = line;
    }
  }
}

std::string SourceText::line(const std::string& file, std::uint32_t number) const {
  const auto known = lines_.find(file);
  if (known == lines_.end()) return {};
  const auto found = known->second.find(number);
  return found == known->second.end() ? std::string() : found->second;
}

}  // namespace isobar::elf
