// Programs as objects: creation from source and binary, and queries. Building is in build.cpp.
#include "opencl/program/program.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/fnv1a.h"
#include "opencl/info.h"

std::shared_ptr<const isobar::device::LoadedProgram> _cl_program::executable() const {
  const std::lock_guard lock(mutex);
  isobar::opencl::require(loaded != nullptr, CL_INVALID_PROGRAM_EXECUTABLE);
  return loaded;
}

namespace isobar::opencl {
namespace {

// A program's binary as it is given away: the bytes, a mark, and the checksum of the bytes.
// Programs keep it in files, and one flipped bit in its instructions would compute something else
// in silence.
constexpr std::string_view kSealMark = "isobarck";
constexpr std::size_t kSealBytes = kSealMark.size() + sizeof(std::uint64_t);

std::size_t sealed_size(const std::vector<std::byte>& binary) {
  return binary.empty() ? 0 : binary.size() + kSealBytes;
}

void write_sealed(const std::vector<std::byte>& binary, std::byte* target) {
  if (binary.empty()) return;
  const std::uint64_t checksum = fnv1a(binary);
  target = std::ranges::copy(binary, target).out;
  target = std::ranges::copy(std::as_bytes(std::span(kSealMark)), target).out;
  std::memcpy(target, &checksum, sizeof checksum);
}

/// The bytes behind a seal that is whole; throws UserError.
std::vector<std::byte> unsealed(std::span<const std::byte> file) {
  constexpr std::string_view kRemedy = "build it from its source again";
  if (file.size() <= kSealBytes) fail("the program's binary is cut short; {}", kRemedy);
  const auto bytes = file.first(file.size() - kSealBytes);
  const auto seal = file.last(kSealBytes);
  if (!std::ranges::equal(seal.first(kSealMark.size()), std::as_bytes(std::span(kSealMark))))
    fail(
        "the program's binary has no checksum at its end: it is cut short, or of another version; "
        "{}",
        kRemedy);
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, seal.data() + kSealMark.size(), sizeof checksum);
  if (fnv1a(bytes) != checksum)
    fail("the program's binary is damaged (its checksum differs); {}", kRemedy);
  return {bytes.begin(), bytes.end()};
}

std::string kernel_names(const _cl_program& program) {
  std::string names;
  for (const elf::KernelInfo& kernel : program.executable()->metadata().kernels)
    names += (names.empty() ? "" : ";") + kernel.name;
  return names;
}

const InfoRow<_cl_program> kProgramInfo[] = {
    {CL_PROGRAM_REFERENCE_COUNT,
     [](const _cl_program& p) { return Answer(p.program_references.load()); }},
    {CL_PROGRAM_CONTEXT, [](const _cl_program& p) { return Answer(p.context.get()); }},
    {CL_PROGRAM_NUM_DEVICES, [](const _cl_program&) { return Answer(cl_uint{1}); }},
    {CL_PROGRAM_DEVICES, [](const _cl_program&) { return Answer(&the_device()); }},
    {CL_PROGRAM_SOURCE, [](const _cl_program& p) { return Answer::text(p.source); }},
    {CL_PROGRAM_IL, [](const _cl_program&) { return Answer(); }},
    {CL_PROGRAM_BINARY_SIZES,
     [](const _cl_program& p) {
       const std::lock_guard lock(p.mutex);
       return Answer(sealed_size(p.binary));
     }},
    {CL_PROGRAM_NUM_KERNELS,
     [](const _cl_program& p) { return Answer(p.executable()->metadata().kernels.size()); }},
    {CL_PROGRAM_KERNEL_NAMES, [](const _cl_program& p) { return Answer::text(kernel_names(p)); }},
    {CL_PROGRAM_SCOPE_GLOBAL_CTORS_PRESENT,
     [](const _cl_program&) { return Answer(cl_bool{CL_FALSE}); }},
    {CL_PROGRAM_SCOPE_GLOBAL_DTORS_PRESENT,
     [](const _cl_program&) { return Answer(cl_bool{CL_FALSE}); }},
};

const InfoRow<_cl_program> kBuildInfo[] = {
    {CL_PROGRAM_BUILD_STATUS,
     [](const _cl_program& p) {
       const std::lock_guard lock(p.mutex);
       return Answer(p.status);
     }},
    {CL_PROGRAM_BUILD_OPTIONS,
     [](const _cl_program& p) {
       const std::lock_guard lock(p.mutex);
       return Answer::text(p.options);
     }},
    {CL_PROGRAM_BUILD_LOG,
     [](const _cl_program& p) {
       const std::lock_guard lock(p.mutex);
       return Answer::text(p.log);
     }},
    {CL_PROGRAM_BINARY_TYPE,
     [](const _cl_program& p) {
       const std::lock_guard lock(p.mutex);
       return Answer(p.binary_type);
     }},
    {CL_PROGRAM_BUILD_GLOBAL_VARIABLE_TOTAL_SIZE,
     [](const _cl_program& p) {
       const std::lock_guard lock(p.mutex);
       return Answer(
           std::size_t{p.loaded != nullptr ? p.loaded->metadata().program_scope_global_bytes : 0});
     }},
};

/// The one query whose value is a list of pointers to fill.
void answer_binaries(const _cl_program& program, std::size_t size, void* value,
                     std::size_t* size_ret) {
  if (size_ret != nullptr) *size_ret = sizeof(unsigned char*);
  if (value == nullptr) return;
  require(size >= sizeof(unsigned char*), CL_INVALID_VALUE);
  auto* target = *static_cast<std::byte**>(value);
  const std::lock_guard lock(program.mutex);
  if (target != nullptr) write_sealed(program.binary, target);
}

constexpr std::array kElfMagic{std::byte{0x7F}, std::byte{'E'}, std::byte{'L'}, std::byte{'F'}};

bool is_elf(const std::vector<std::byte>& binary) {
  return binary.size() >= kElfMagic.size() &&
         std::equal(kElfMagic.begin(), kElfMagic.end(), binary.begin());
}

}  // namespace

namespace api {

cl_program CL_API_CALL clCreateProgramWithSource(cl_context handle, cl_uint count,
                                                 const char** strings, const std::size_t* lengths,
                                                 cl_int* errcode_ret) {
  return creating(errcode_ret, [&] {
    _cl_context& context = valid(handle);
    require(count > 0 && strings != nullptr, CL_INVALID_VALUE);
    std::string source;
    for (cl_uint i = 0; i < count; ++i) {
      require(strings[i] != nullptr, CL_INVALID_VALUE);
      if (lengths != nullptr && lengths[i] != 0)
        source.append(strings[i], lengths[i]);
      else
        source.append(strings[i]);
    }
    auto* program = make<_cl_program>(context);
    program->source = std::move(source);
    program->is_from_source = true;
    return program;
  });
}

cl_program CL_API_CALL clCreateProgramWithBinary(cl_context handle, cl_uint num_devices,
                                                 const cl_device_id* devices,
                                                 const std::size_t* lengths,
                                                 const unsigned char** binaries,
                                                 cl_int* binary_status, cl_int* errcode_ret) {
  return creating(errcode_ret, [&] {
    _cl_context& context = valid(handle);
    require(num_devices == 1 && devices != nullptr, CL_INVALID_VALUE);
    (void)valid(devices[0]);
    require(lengths != nullptr && binaries != nullptr, CL_INVALID_VALUE);
    const auto answer = [&](cl_int code) {
      if (binary_status != nullptr) binary_status[0] = code;
      require(code == CL_SUCCESS, code);
    };
    answer(lengths[0] > 0 && binaries[0] != nullptr ? CL_SUCCESS : CL_INVALID_VALUE);
    const auto* begin = reinterpret_cast<const std::byte*>(binaries[0]);
    std::vector<std::byte> binary;
    bool executable = false;
    try {
      binary = unsealed({begin, lengths[0]});
      executable = is_elf(binary);
      if (executable) (void)device::LoadedProgram(binary, "binary");
    } catch (const std::exception& error) {
      context.report(std::string("isobar: ") + error.what() + "\n");
      answer(CL_INVALID_BINARY);
    }
    if (!executable) {
      // An object of clCompileProgram: LLVM bitcode behind our header, which linking will check.
      const std::string_view text(reinterpret_cast<const char*>(binary.data()), binary.size());
      answer(text.starts_with("isobar") || text.starts_with("ISOBAR") ? CL_SUCCESS
                                                                      : CL_INVALID_BINARY);
    }
    auto* program = make<_cl_program>(context);
    program->binary = std::move(binary);
    program->binary_type =
        executable ? CL_PROGRAM_BINARY_TYPE_EXECUTABLE : CL_PROGRAM_BINARY_TYPE_COMPILED_OBJECT;
    return program;
  });
}

cl_int CL_API_CALL clRetainProgram(cl_program handle) { return retain(handle); }
cl_int CL_API_CALL clReleaseProgram(cl_program handle) { return release(handle); }

cl_int CL_API_CALL clGetProgramInfo(cl_program handle, cl_program_info name, std::size_t size,
                                    void* value, std::size_t* size_ret) {
  return guarded([&] {
    const _cl_program& program = valid(handle);
    if (name == CL_PROGRAM_BINARIES)
      answer_binaries(program, size, value, size_ret);
    else
      answer_from(kProgramInfo, program, name, size, value, size_ret);
  });
}

cl_int CL_API_CALL clGetProgramBuildInfo(cl_program handle, cl_device_id device,
                                         cl_program_build_info name, std::size_t size, void* value,
                                         std::size_t* size_ret) {
  return guarded([&] {
    const _cl_program& program = valid(handle);
    (void)valid(device);
    answer_from(kBuildInfo, program, name, size, value, size_ret);
  });
}

}  // namespace api
}  // namespace isobar::opencl
