#pragma once

#include <string>

namespace isobar::cli {

/// "isobar 0.1.0".
[[nodiscard]] inline std::string version() { return "isobar " ISOBAR_VERSION; }

}  // namespace isobar::cli
