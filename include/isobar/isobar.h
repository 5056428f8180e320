// All of Isobar's C++ interface. Programs of OpenCL's own want isobar/cl_isobar.h instead.
#pragma once

#include "isobar/chip.h"     // IWYU pragma: export
#include "isobar/error.h"    // IWYU pragma: export
#include "isobar/explain.h"  // IWYU pragma: export
#include "isobar/ledger.h"   // IWYU pragma: export
#include "isobar/plan.h"     // IWYU pragma: export
#include "isobar/version.h"  // IWYU pragma: export
