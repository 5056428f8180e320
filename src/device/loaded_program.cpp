#include "device/loaded_program.h"

#include <atomic>
#include <stdexcept>

#include "base/error.h"
#include "isa/guest_abi.h"

namespace isobar::device {
namespace {

/// The metadata comes with a binary that anybody may have written: what the driver computes with
/// later is checked once, here.
void check(const elf::KernelInfo& kernel, const elf::Image& image) {
  if (!image.symbol_address(isa::kEntryPrefix + kernel.name))
    fail("kernel {} has no entry in the program (build it again)", kernel.name);
  if (kernel.argument_bytes > isa::kArgumentLimit - isa::kArgumentBase)
    fail("kernel {} takes {} bytes of arguments, more than the {} there are room for", kernel.name,
         kernel.argument_bytes, isa::kArgumentLimit - isa::kArgumentBase);
  for (const elf::KernelArgument& argument : kernel.arguments) {
    const bool is_pointer = argument.kind == elf::ArgumentKind::kPointer ||
                            argument.kind == elf::ArgumentKind::kLocalPointer;
    if (std::uint64_t{argument.offset} + argument.size > kernel.argument_bytes ||
        (is_pointer && argument.size != sizeof(std::uint64_t)))
      fail("argument {} of kernel {} lies outside the argument block (build the program again)",
           argument.name, kernel.name);
  }
}

std::uint32_t next_program() {
  static std::atomic<std::uint32_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

LoadedProgram::LoadedProgram(std::span<const std::byte> file, std::string_view origin)
    : id_(next_program()), image_(elf::Image::parse(file, origin)) {
  const auto metadata = image_.section(isa::kMetadataSection);
  if (!metadata)
    fail("{}: there is no section {}: not a program of OpenCL kernels", origin,
         isa::kMetadataSection);
  metadata_ = elf::ProgramMetadata::from_json(
      {reinterpret_cast<const char*>(metadata->data()), metadata->size()});
  for (const elf::KernelInfo& kernel : metadata_.kernels) check(kernel, image_);
  if (const auto lines = image_.section(isa::kLineSection); lines && !lines->empty())
    lines_ = elf::LineTable::parse(*lines);
  if (const auto texts = image_.section(isa::kSourceSection); texts && !texts->empty())
    lines_.parse_texts(*texts);
  decoded_ = simt::Program::load(image_);
}

const elf::KernelInfo* LoadedProgram::find_kernel(std::string_view name) const {
  for (const elf::KernelInfo& kernel : metadata_.kernels)
    if (kernel.name == name) return &kernel;
  return nullptr;
}

std::uint64_t LoadedProgram::entry(const elf::KernelInfo& kernel) const {
  const auto address = image_.symbol_address(isa::kEntryPrefix + kernel.name);
  if (!address) throw std::logic_error("no entry of kernel " + kernel.name);
  return *address;
}

}  // namespace isobar::device
