// The handlers, compiled for the vector instruction set this file's flags name (CMakeLists.txt).
#define ISOBAR_ENGINE avx2
#include "simt/engine/table.h"

namespace isobar::simt {

const Executor& executor_avx2(unsigned width) {
  return width == 64 ? avx2::kExecutor<64> : avx2::kExecutor<32>;
}

}  // namespace isobar::simt
