// Building, compiling and linking programs. The compiler is a child process (compiler/compiler.h);
// the calls wait for it and then notify, which the standard allows.
#include <functional>
#include <map>
#include <string_view>

#include "opencl/program/program.h"

namespace isobar::opencl {
namespace {

void check_devices(cl_uint num_devices, const cl_device_id* devices) {
  require((num_devices == 0) == (devices == nullptr), CL_INVALID_VALUE);
  for (cl_uint i = 0; i < num_devices; ++i) (void)valid(devices[i]);
}

compiler::Options options_from(const char* text) {
  compiler::Options options;
  if (text != nullptr) options.build_options = text;
  return options;
}

/// Marks the program as being built, or refuses because it is, or because kernels use it.
void begin_build(_cl_program& program, const char* options) {
  const std::lock_guard lock(program.mutex);
  require(program.kernels_attached.load() == 0 && program.status != CL_BUILD_IN_PROGRESS,
          CL_INVALID_OPERATION);
  program.status = CL_BUILD_IN_PROGRESS;
  program.options = options != nullptr ? options : "";
  program.log.clear();
}

void abandon_build(_cl_program& program, const std::string& why) {
  const std::lock_guard lock(program.mutex);
  program.status = CL_BUILD_ERROR;
  program.log = why;
}

/// Runs a compiler and stores what it gives; a compiler that cannot even run is a failed build.
void build_with(_cl_program& program, cl_program_binary_type type, cl_int bad_options,
                cl_int failed, const std::function<compiler::Result()>& run) {
  compiler::Result result;
  try {
    result = run();
  } catch (const std::exception& error) {
    abandon_build(program, error.what());
    throw ApiError{failed};
  }
  const bool ok = result.ok;
  const bool options_refused = result.bad_options;
  accept_build(program, std::move(result), type);
  require(!options_refused, bad_options);
  const std::lock_guard lock(program.mutex);
  require(ok && program.status == CL_BUILD_SUCCESS, failed);
}

/// A program from a binary is built by loading it.
void load_binary(_cl_program& program) {
  compiler::Result result;
  {
    const std::lock_guard lock(program.mutex);
    result.binary = program.binary;
    result.ok = program.binary_type == CL_PROGRAM_BINARY_TYPE_EXECUTABLE;
  }
  if (!result.ok) {
    abandon_build(program, "a compiled object is not an executable: link it with clLinkProgram\n");
    throw ApiError{CL_INVALID_OPERATION};
  }
  accept_build(program, std::move(result), CL_PROGRAM_BINARY_TYPE_EXECUTABLE);
}

std::map<std::string, std::string> collect_headers(const _cl_context& context, cl_uint count,
                                                   const cl_program* programs, const char** names) {
  require((count == 0) == (programs == nullptr) && (count == 0) == (names == nullptr),
          CL_INVALID_VALUE);
  std::map<std::string, std::string> headers;
  for (cl_uint i = 0; i < count; ++i) {
    const _cl_program& header = valid(programs[i]);
    require(header.context.get() == &context, CL_INVALID_CONTEXT);
    require(header.is_from_source, CL_INVALID_OPERATION);
    require(names[i] != nullptr, CL_INVALID_VALUE);
    headers[names[i]] = header.source;
  }
  return headers;
}

std::vector<std::vector<std::byte>> collect_objects(const _cl_context& context, cl_uint count,
                                                    const cl_program* programs) {
  std::vector<std::vector<std::byte>> objects;
  for (cl_uint i = 0; i < count; ++i) {
    const _cl_program& program = valid(programs[i]);
    require(program.context.get() == &context, CL_INVALID_CONTEXT);
    const std::lock_guard lock(program.mutex);
    require(program.binary_type == CL_PROGRAM_BINARY_TYPE_COMPILED_OBJECT ||
                program.binary_type == CL_PROGRAM_BINARY_TYPE_LIBRARY,
            CL_INVALID_OPERATION);
    objects.push_back(program.binary);
  }
  return objects;
}

void check_notify(BuildNotify notify, const void* user_data) {
  require(notify != nullptr || user_data == nullptr, CL_INVALID_VALUE);
}

}  // namespace

void accept_build(_cl_program& program, compiler::Result result, cl_program_binary_type type) {
  std::shared_ptr<const device::LoadedProgram> loaded;
  if (result.ok && type == CL_PROGRAM_BINARY_TYPE_EXECUTABLE) {
    try {
      loaded = std::make_shared<const device::LoadedProgram>(result.binary);
    } catch (const std::exception& error) {
      result.ok = false;
      result.log += error.what();
    }
  }
  const std::lock_guard lock(program.mutex);
  program.status = result.ok ? CL_BUILD_SUCCESS : CL_BUILD_ERROR;
  program.log = std::move(result.log);
  program.binary_type = result.ok ? type : CL_PROGRAM_BINARY_TYPE_NONE;
  program.binary = result.ok ? std::move(result.binary) : std::vector<std::byte>();
  program.loaded = std::move(loaded);
}

namespace api {

cl_int CL_API_CALL clBuildProgram(cl_program handle, cl_uint num_devices,
                                  const cl_device_id* devices, const char* options,
                                  BuildNotify notify, void* user_data) {
  bool started = false;
  const cl_int code = guarded([&] {
    _cl_program& program = valid(handle);
    check_devices(num_devices, devices);
    check_notify(notify, user_data);
    begin_build(program, options);
    started = true;
    if (!program.is_from_source) return load_binary(program);
    build_with(program, CL_PROGRAM_BINARY_TYPE_EXECUTABLE, CL_INVALID_BUILD_OPTIONS,
               CL_BUILD_PROGRAM_FAILURE, [&] {
                 compiler::Source source;
                 source.text = program.source;
                 return compiler::build(source, options_from(options));
               });
  });
  if (started && notify != nullptr) notify(handle, user_data);
  return code;
}

cl_int CL_API_CALL clCompileProgram(cl_program handle, cl_uint num_devices,
                                    const cl_device_id* devices, const char* options,
                                    cl_uint num_headers, const cl_program* header_programs,
                                    const char** header_names, BuildNotify notify,
                                    void* user_data) {
  bool started = false;
  const cl_int code = guarded([&] {
    _cl_program& program = valid(handle);
    check_devices(num_devices, devices);
    check_notify(notify, user_data);
    compiler::Source source;
    source.headers = collect_headers(*program.context, num_headers, header_programs, header_names);
    require(program.is_from_source, CL_INVALID_OPERATION);
    begin_build(program, options);
    started = true;
    build_with(program, CL_PROGRAM_BINARY_TYPE_COMPILED_OBJECT, CL_INVALID_COMPILER_OPTIONS,
               CL_COMPILE_PROGRAM_FAILURE, [&] {
                 source.text = program.source;
                 return compiler::compile_only(source, options_from(options));
               });
  });
  if (started && notify != nullptr) notify(handle, user_data);
  return code;
}

cl_program CL_API_CALL clLinkProgram(cl_context context_handle, cl_uint num_devices,
                                     const cl_device_id* devices, const char* options,
                                     cl_uint num_programs, const cl_program* programs,
                                     BuildNotify notify, void* user_data, cl_int* errcode_ret) {
  cl_program made = nullptr;
  const cl_int code = guarded([&] {
    _cl_context& context = valid(context_handle);
    check_devices(num_devices, devices);
    check_notify(notify, user_data);
    require(num_programs > 0 && programs != nullptr, CL_INVALID_VALUE);
    const auto objects = collect_objects(context, num_programs, programs);
    const bool library = options != nullptr &&
                         std::string_view(options).find("-create-library") != std::string::npos;
    made = make<_cl_program>(context);
    begin_build(*made, options);
    build_with(*made, library ? CL_PROGRAM_BINARY_TYPE_LIBRARY : CL_PROGRAM_BINARY_TYPE_EXECUTABLE,
               CL_INVALID_LINKER_OPTIONS, CL_LINK_PROGRAM_FAILURE,
               [&] { return compiler::link(objects, options_from(options)); });
  });
  // A failed link still gives a program, whose log says why.
  if (errcode_ret != nullptr) *errcode_ret = code;
  if (made != nullptr && notify != nullptr) notify(made, user_data);
  return made;
}

}  // namespace api
}  // namespace isobar::opencl
