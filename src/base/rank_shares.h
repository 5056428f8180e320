// Sharing a list of independent pieces of work among the ranks of an MPI job (base/ranks.h).
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace isobar {

/// Runs `work(i)` for each i below `count`, ranks taking turns. The first rank returns all results
/// in order, the others nothing. To be called once per process.
[[nodiscard]] std::vector<std::string> share_among_ranks(
    std::size_t count, const std::function<std::string(std::size_t)>& work);

}  // namespace isobar
