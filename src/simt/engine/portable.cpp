// The handlers, compiled for the vector instruction set this file's flags name (CMakeLists.txt).
#define ISOBAR_ENGINE portable
#include "simt/engine/table.h"

namespace isobar::simt {

const Executor& executor_portable(unsigned width) {
  return width == 64 ? portable::kExecutor<64> : portable::kExecutor<32>;
}

}  // namespace isobar::simt
