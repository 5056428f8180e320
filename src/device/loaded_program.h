// An executable as the device holds it: the ELF image, its decoded text, what its metadata says
// about the kernels, and its line table for diagnoses.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elf/elf_image.h"
#include "elf/kernel_metadata.h"
#include "elf/line_table.h"
#include "simt/launch.h"

namespace isobar::device {

class LoadedProgram {
 public:
  /// Throws UserError when the file is not an executable for this machine, or its metadata is
  /// malformed or names a kernel that has no entry.
  explicit LoadedProgram(std::span<const std::byte> file, std::string_view origin = "program");

  /// Another one for each program that this process loads.
  [[nodiscard]] std::uint32_t id() const { return id_; }
  [[nodiscard]] const elf::Image& image() const { return image_; }
  [[nodiscard]] simt::Program& decoded() const { return *decoded_; }
  [[nodiscard]] const elf::ProgramMetadata& metadata() const { return metadata_; }
  [[nodiscard]] const elf::LineTable& lines() const { return lines_; }
  [[nodiscard]] const elf::KernelInfo* find_kernel(std::string_view name) const;
  /// The address a launch of the kernel starts at.
  [[nodiscard]] std::uint64_t entry(const elf::KernelInfo& kernel) const;

 private:
  std::uint32_t id_;
  elf::Image image_;
  elf::ProgramMetadata metadata_;
  elf::LineTable lines_;
  std::shared_ptr<simt::Program> decoded_;
};

}  // namespace isobar::device
