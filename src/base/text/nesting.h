// Text that anybody wrote is looked over before a parser that calls itself for each level takes it:
// nesting that no file of these kinds has would end in an exhausted stack, there or where the
// result is destroyed, copied or printed. One pass, nothing is stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace isobar {

inline constexpr std::size_t kMostNesting = 64;
/// Our largest TOML file holds a tenth of it. toml++ takes some hundred bytes for each of the
/// file's.
inline constexpr std::uint64_t kMostToml = std::uint64_t{4} << 20U;
/// Of JSON that is held whole (configurations, profiles, GPT-2's vocabulary of 1 MB).
inline constexpr std::uint64_t kMostJson = std::uint64_t{64} << 20U;

/// Throws UserError "<name>:<line>: ..." where brackets, or the parts of a dotted key, nest deeper
/// than kMostNesting, and "<name>: ..." where the text is larger than kMostToml.
void check_toml_nesting(std::string_view text, const std::string& name);
/// The same for JSON and kMostJson.
void check_json_nesting(std::string_view text, const std::string& name);

}  // namespace isobar
