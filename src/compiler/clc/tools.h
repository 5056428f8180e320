// The programs that isobar-clc runs: by name from PATH, unless an environment variable says where.
#pragma once

#include <string>

namespace isobar::clc {

/// $variable if it is set and not empty, else `name`.
[[nodiscard]] std::string tool(const char* variable, const char* name);

}  // namespace isobar::clc
