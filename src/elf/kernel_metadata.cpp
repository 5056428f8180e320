#include "elf/kernel_metadata.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text/json_text.h"

namespace isobar::elf {

NLOHMANN_JSON_SERIALIZE_ENUM(AddressQualifier, {{AddressQualifier::kPrivate, "private"},
                                                {AddressQualifier::kGlobal, "global"},
                                                {AddressQualifier::kConstant, "constant"},
                                                {AddressQualifier::kLocal, "local"}})
NLOHMANN_JSON_SERIALIZE_ENUM(AccessQualifier, {{AccessQualifier::kNone, "none"},
                                               {AccessQualifier::kReadOnly, "read_only"},
                                               {AccessQualifier::kWriteOnly, "write_only"},
                                               {AccessQualifier::kReadWrite, "read_write"}})
NLOHMANN_JSON_SERIALIZE_ENUM(ArgumentKind, {{ArgumentKind::kValue, "value"},
                                            {ArgumentKind::kPointer, "pointer"},
                                            {ArgumentKind::kLocalPointer, "local_pointer"},
                                            {ArgumentKind::kImage, "image"},
                                            {ArgumentKind::kSampler, "sampler"}})
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(KernelArgument, name, type_name, kind, address, access, is_const,
                                   is_restrict, is_volatile, offset, size, alignment)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(KernelInfo, name, arguments, argument_bytes, local_bytes,
                                   private_bytes, required_local_size, local_size_hint, attributes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProgramMetadata, kernels, program_scope_global_bytes)

std::string ProgramMetadata::to_json() const {
  // Names come from the user's source and may hold any bytes; they must not break the metadata.
  return json_text(nlohmann::json(*this), -1, JsonLetters::kAscii);
}

ProgramMetadata ProgramMetadata::from_json(std::string_view text) {
  try {
    return nlohmann::json::parse(text).get<ProgramMetadata>();
  } catch (const nlohmann::json::exception& error) {
    fail("the kernel metadata of the program is malformed (build it again): {}", error.what());
  }
}

}  // namespace isobar::elf
