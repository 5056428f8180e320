// A program: source or binary, and what building it gave.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "compiler/compiler.h"
#include "device/loaded_program.h"
#include "opencl/context.h"

struct _cl_program : isobar::opencl::Object {
  static constexpr auto kKind = isobar::opencl::Kind::kProgram;
  static constexpr cl_int kInvalid = CL_INVALID_PROGRAM;

  isobar::opencl::Ref<_cl_context> context;
  std::string source;
  bool is_from_source = false;

  // What follows changes when the program is built, and is guarded.
  mutable std::mutex mutex;
  cl_build_status status = CL_BUILD_NONE;
  std::string options;
  std::string log;
  cl_program_binary_type binary_type = CL_PROGRAM_BINARY_TYPE_NONE;
  std::vector<std::byte> binary;
  std::shared_ptr<const isobar::device::LoadedProgram> loaded;
  std::atomic<unsigned> kernels_attached{0};

  explicit _cl_program(_cl_context& of) : context(of) {}
  _cl_program(const _cl_program&) = delete;
  _cl_program& operator=(const _cl_program&) = delete;

  /// The executable; throws CL_INVALID_PROGRAM_EXECUTABLE if there is none.
  [[nodiscard]] std::shared_ptr<const isobar::device::LoadedProgram> executable() const;
};

namespace isobar::opencl {

using BuildNotify = void(CL_CALLBACK*)(cl_program, void*);

/// Takes over a compiler's result: status, log, binary, and the loaded executable if it is one.
void accept_build(_cl_program& program, compiler::Result result, cl_program_binary_type type);

}  // namespace isobar::opencl
