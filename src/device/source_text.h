// The text of an OpenCL C program by file and line as its line table calls them: #line directives
// count as they do for the compiler, and what was included is read from its file. Text that cannot
// be had is empty: it is only shown.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::device {

class SourceText {
 public:
  SourceText() = default;
  /// `name`: what the first line's file is called.
  explicit SourceText(std::string_view text, std::string_view name = "kernel.cl");

  /// Without blanks at either end; empty where there is none.
  [[nodiscard]] std::string line(const std::string& file, std::uint32_t number);

 private:
  void add(std::string_view text, std::string file);

  std::map<std::string, std::map<std::uint32_t, std::string>> lines_;
};

}  // namespace isobar::device
