// The text of an OpenCL C program by file and line as its line table calls them: #line directives
// count as they do for the compiler.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace isobar::elf {

class SourceText {
 public:
  /// `file`: what the first line's file is called.
  void add(std::string_view text, std::string file);

  /// Without blanks at either end; empty where there is none.
  [[nodiscard]] std::string line(const std::string& file, std::uint32_t number) const;

 private:
  std::map<std::string, std::map<std::uint32_t, std::string>> lines_;
};

}  // namespace isobar::elf
