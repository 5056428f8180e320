// The OpenCL calls that we implement, declared with the types of the ICD's dispatch table. They
// stand in a namespace, so that the library exports and interposes nothing: the loader and other
// drivers in the process have functions of the same names.
#pragma once

#include <type_traits>

#include "opencl/cl_headers.h"

namespace isobar::opencl {

extern cl_icd_dispatch dispatch_table;

namespace api {

// The older calls are marked as deprecated for programs; a driver must still have them.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
// NOLINTNEXTLINE(bugprone-macro-parentheses): declares a name
#define IMPLEMENTED(name) std::remove_pointer_t<cl_api_##name> name;
#define REFUSED(name, code)
#include "opencl/entry_points.def"
#undef IMPLEMENTED
#undef REFUSED
#pragma clang diagnostic pop

}  // namespace api
}  // namespace isobar::opencl
