#include "elf/elf_writer.h"

#include <elf.h>

#include <cstring>

namespace isobar::elf {
namespace {

constexpr std::uint64_t kPageBytes = 4096;

Elf64_Ehdr header_of(std::uint64_t entry, std::size_t segments) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_RISCV;
  header.e_version = EV_CURRENT;
  header.e_entry = entry;
  header.e_phoff = sizeof(Elf64_Ehdr);
  header.e_flags = EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_DOUBLE;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = static_cast<Elf64_Half>(segments);
  return header;
}

}  // namespace

std::vector<std::byte> write_executable(std::uint64_t entry, std::span<const Segment> segments) {
  std::vector<std::byte> file(sizeof(Elf64_Ehdr) + segments.size() * sizeof(Elf64_Phdr));
  const Elf64_Ehdr header = header_of(entry, segments.size());
  std::memcpy(file.data(), &header, sizeof header);
  std::size_t at = sizeof header;
  for (const Segment& segment : segments) {
    file.resize((file.size() + kPageBytes - 1) / kPageBytes * kPageBytes);
    Elf64_Phdr program{};
    program.p_type = PT_LOAD;
    program.p_flags = (segment.readable ? unsigned{PF_R} : 0U) |
                      (segment.writable ? unsigned{PF_W} : 0U) |
                      (segment.executable ? unsigned{PF_X} : 0U);
    program.p_offset = file.size();
    program.p_vaddr = program.p_paddr = segment.address;
    program.p_filesz = segment.content.size();
    program.p_memsz = segment.memory_size;
    program.p_align = kPageBytes;
    std::memcpy(file.data() + at, &program, sizeof program);
    at += sizeof program;
    file.insert(file.end(), segment.content.begin(), segment.content.end());
  }
  return file;
}

}  // namespace isobar::elf
