// Where a command's tables go as CSV (`--csv FILE`): a file beside what is printed, or "-",
// standard output, in place of what is printed.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file/output_file.h"

namespace isobar::cli {

inline CLI::Option* add_csv_option(CLI::App& command, std::string& path) {
  return command
      .add_option(
          "--csv", path,
          "Also write the tables as CSV to this file (-: to standard output, instead of the text)")
      ->type_name("FILE");
}

class CsvOutput {
 public:
  /// An empty path is none. Opens the file, so that one that cannot be written ends the command
  /// before its work. Throws UserError also where `json` wants standard output too.
  CsvOutput(const std::string& path, bool json) : is_stdout_(path == "-") {
    if (is_stdout_ && json)
      fail("--csv - and --json both want standard output (--csv FILE writes a file)");
    if (!path.empty() && !is_stdout_) file_.emplace(path);
  }
  [[nodiscard]] bool is_wanted() const { return is_stdout_ || file_; }
  /// Nothing else may be printed there.
  [[nodiscard]] bool takes_standard_output() const { return is_stdout_; }
  void write(std::string_view text) {
    if (is_stdout_) fmt::print("{}", text);
    if (file_) file_->write(text);
  }
  /// The last call.
  void commit() {
    if (file_) file_->commit();
  }

 private:
  bool is_stdout_;
  std::optional<OutputFile> file_;
};

}  // namespace isobar::cli
