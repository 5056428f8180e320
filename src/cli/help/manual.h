// The manual page isobar(1), made from the same declarations as --help: troff in the man(7) macros.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace isobar::cli {

[[nodiscard]] std::string manual_page(const CLI::App& app);

/// Text with what troff would take for its own escaped: backslashes, hyphens (which are options'
/// minus signs), and points and quotes at the beginning of a line.
[[nodiscard]] std::string troff_text(const std::string& text);

}  // namespace isobar::cli
