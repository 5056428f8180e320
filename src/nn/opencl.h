// The OpenCL C++ bindings as nn/ and train/ use them: version 3.0, errors as exceptions
// (cl::Error).
#pragma once

#define CL_HPP_ENABLE_EXCEPTIONS
#define CL_HPP_TARGET_OPENCL_VERSION 300
#define CL_HPP_MINIMUM_OPENCL_VERSION 200
#include <CL/opencl.hpp>
