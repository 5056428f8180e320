// Any bytes are either a cluster or a UserError.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "plan/network/cluster_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto cluster = isobar::plan::parse_cluster(
        std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.toml");
    if (cluster.groups.empty() || cluster.network.levels.empty()) __builtin_trap();
    if (cluster.network.domain() == 0) __builtin_trap();
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
