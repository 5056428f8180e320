// The options of clBuildProgram, clCompileProgram and clLinkProgram, checked and in clang's terms.
// Reference: OpenCL API specification 3.0, sections 5.8.6 and 5.8.7.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::compiler {

enum class Purpose : std::uint8_t { kBuild, kCompile, kLink };

/// Splits at blanks; quotes (" and ') and backslashes protect, as in a shell.
[[nodiscard]] std::vector<std::string> split_options(std::string_view text);

/// The options for clang's front end. Throws UserError naming the option that is unknown, lacks its
/// value or does not belong to this purpose.
[[nodiscard]] std::vector<std::string> front_end_options(std::string_view text, Purpose purpose);

/// Whether a link makes a library (-create-library) instead of a program.
[[nodiscard]] bool creates_library(std::string_view text);

}  // namespace isobar::compiler
