// The ledger of a measured step, and which kernels stand behind each of its causes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "explain/explanation.h"

namespace isobar::explain {

/// Charges everything. Peak, classes and kernels must be there; fills ledger and credited.
void fill_ledger(Explanation& explanation);

struct CauseKernel {
  std::string name;
  std::string klass;
  std::uint64_t charge = 0;  // ns x SM to this cause
  std::uint64_t launches = 0, busy = 0;
};
struct CauseKernels {
  std::vector<std::string> path;  // of the ledger
  std::string explanation;
  std::uint64_t charge = 0;
  std::vector<CauseKernel> kernels;  // the largest charge first
};

/// The causes whose name, or a parent's, is `name`, without regard to case. Products' inefficiency
/// and useful share are not split by kernel: each kernel shows all it took. Throws UserError that
/// lists the causes.
[[nodiscard]] std::vector<CauseKernels> kernels_behind(const Explanation& explanation,
                                                       std::string_view name);

}  // namespace isobar::explain
