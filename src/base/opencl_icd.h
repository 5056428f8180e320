// Makes this process's OpenCL loader find Isobar's driver beside the drivers of the system, without
// root: the loader takes one folder of .icd files, so we keep one that holds both.
// Reference: libOpenCL(7) of ocl-icd, OCL_ICD_VENDORS.
#pragma once

#include <filesystem>

namespace isobar {

/// Call before the first OpenCL function and before starting threads. Leaves OCL_ICD_VENDORS as it
/// is where the user has set it, and does nothing while our library is not built. Returns the
/// folder in use, or nothing. Without a cache folder of the user's own it is a temporary one.
std::filesystem::path offer_isobar_to_opencl();

}  // namespace isobar
