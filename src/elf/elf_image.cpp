#include "elf/elf_image.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/error.h"

namespace isobar::elf {
namespace {

constexpr std::uint16_t kMachineRiscv = 243;
// What a guest program may ask for. A hostile memory_size must not make the host allocate it.
constexpr std::uint64_t kMostSegmentBytes = 1ULL << 30U;
constexpr std::uint64_t kMostSymbols = 1ULL << 22U;

/// The file under inspection: every access names what it wanted, and none leaves the file.
class File {
 public:
  File(std::span<const std::byte> bytes, std::string_view origin)
      : bytes_(bytes), origin_(origin) {}

  [[noreturn]] void refuse(std::string_view why) const {
    fail("{}: not a RISC-V executable Isobar can run: {}", origin_, why);
  }

  [[nodiscard]] std::span<const std::byte> range(std::uint64_t offset, std::uint64_t size,
                                                 std::string_view what) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) {
      refuse(fmt::format("{} lies outside the file ({} bytes at {:#x}, the file has {})", what,
                         size, offset, bytes_.size()));
    }
    return bytes_.subspan(offset, size);
  }

  template <class Record>
  [[nodiscard]] Record record(std::uint64_t offset, std::string_view what) const {
    Record result;
    std::memcpy(&result, range(offset, sizeof(Record), what).data(), sizeof(Record));
    return result;
  }

  /// The i-th record of a table that starts at `offset`.
  template <class Record>
  [[nodiscard]] Record entry(std::uint64_t offset, std::uint64_t i, std::string_view what) const {
    if (offset > bytes_.size()) refuse(fmt::format("{} lies outside the file", what));
    return record<Record>(offset + i * sizeof(Record), what);
  }

 private:
  std::span<const std::byte> bytes_;
  std::string_view origin_;
};

std::string_view string_at(std::span<const std::byte> table, std::uint64_t offset) {
  if (offset >= table.size()) return {};
  const auto* begin = reinterpret_cast<const char*>(table.data() + offset);
  return {begin, ::strnlen(begin, table.size() - offset)};
}

Elf64_Ehdr checked_header(const File& file) {
  const auto ident = file.range(0, EI_NIDENT, "the ELF header");
  if (std::memcmp(ident.data(), ELFMAG, SELFMAG) != 0)
    file.refuse("it does not start with \\x7fELF");
  const auto header = file.record<Elf64_Ehdr>(0, "the ELF header");
  if (header.e_ident[EI_CLASS] != ELFCLASS64) file.refuse("it is not a 64-bit ELF file");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) file.refuse("it is not little-endian");
  if (header.e_machine != kMachineRiscv) {
    file.refuse(fmt::format("its machine is {}, not RISC-V ({})", header.e_machine, kMachineRiscv));
  }
  if (header.e_type != ET_EXEC) {
    file.refuse("it is not a statically linked executable (ET_EXEC; link with -static -no-pie)");
  }
  if (header.e_phnum != 0 && header.e_phentsize != sizeof(Elf64_Phdr))
    file.refuse("its program headers have an unknown size");
  if (header.e_shnum != 0 && header.e_shentsize != sizeof(Elf64_Shdr))
    file.refuse("its section headers have an unknown size");
  return header;
}

Segment read_segment(const File& file, const Elf64_Phdr& header) {
  if (header.p_filesz > header.p_memsz)
    file.refuse("a segment is larger in the file than in memory");
  if (header.p_memsz > kMostSegmentBytes) file.refuse("a segment is larger than 1 GiB");
  if (header.p_vaddr + header.p_memsz < header.p_vaddr)
    file.refuse("a segment wraps around the address space");
  const auto content = file.range(header.p_offset, header.p_filesz, "a segment");
  return {.address = header.p_vaddr,
          .memory_size = header.p_memsz,
          .content = {content.begin(), content.end()},
          .readable = (header.p_flags & PF_R) != 0,
          .writable = (header.p_flags & PF_W) != 0,
          .executable = (header.p_flags & PF_X) != 0};
}

std::vector<Segment> read_segments(const File& file, const Elf64_Ehdr& header) {
  std::vector<Segment> segments;
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto program_header = file.entry<Elf64_Phdr>(header.e_phoff, i, "a program header");
    if (program_header.p_type == PT_INTERP || program_header.p_type == PT_DYNAMIC) {
      file.refuse("it is dynamically linked (link with -static)");
    }
    if (program_header.p_type != PT_LOAD || program_header.p_memsz == 0) continue;
    segments.push_back(read_segment(file, program_header));
    total += program_header.p_memsz;
    if (total > kMostSegmentBytes) file.refuse("its segments add up to more than 1 GiB");
  }
  if (segments.empty()) file.refuse("it has nothing to load");
  std::ranges::sort(segments, {}, &Segment::address);
  for (std::size_t i = 1; i < segments.size(); ++i) {
    if (segments[i - 1].address + segments[i - 1].memory_size > segments[i].address) {
      file.refuse("two of its segments overlap");
    }
  }
  return segments;
}

std::vector<Symbol> read_symbols(const File& file, const Elf64_Shdr& table,
                                 const Elf64_Shdr& names) {
  std::vector<Symbol> symbols;
  const auto strings = file.range(names.sh_offset, names.sh_size, "the string table");
  const std::uint64_t count = table.sh_size / sizeof(Elf64_Sym);
  if (count > kMostSymbols) file.refuse("it has too many symbols");
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto symbol = file.entry<Elf64_Sym>(table.sh_offset, i, "a symbol");
    const std::string_view name = string_at(strings, symbol.st_name);
    if (name.empty() || symbol.st_shndx == SHN_UNDEF) continue;
    symbols.push_back({.name = std::string(name),
                       .address = symbol.st_value,
                       .size = symbol.st_size,
                       .is_function = ELF64_ST_TYPE(symbol.st_info) == STT_FUNC});
  }
  std::ranges::sort(symbols, [](const Symbol& a, const Symbol& b) {
    return std::tie(a.address, a.name) < std::tie(b.address, b.name);
  });
  return symbols;
}

}  // namespace

Image Image::parse(std::span<const std::byte> bytes, std::string_view origin) {
  const File file(bytes, origin);
  const Elf64_Ehdr header = checked_header(file);
  Image image;
  image.entry_ = header.e_entry;
  image.segments_ = read_segments(file, header);

  std::vector<Elf64_Shdr> sections;
  sections.reserve(header.e_shnum);
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    sections.push_back(file.entry<Elf64_Shdr>(header.e_shoff, i, "a section header"));
  }
  std::span<const std::byte> section_names;
  if (header.e_shstrndx < sections.size()) {
    const Elf64_Shdr& names = sections[header.e_shstrndx];
    section_names = file.range(names.sh_offset, names.sh_size, "the section names");
  }
  for (const Elf64_Shdr& section : sections) {
    const std::string name(string_at(section_names, section.sh_name));
    if (section.sh_type == SHT_SYMTAB && section.sh_link < sections.size()) {
      image.symbols_ = read_symbols(file, section, sections[section.sh_link]);
    }
    if (name.empty()) continue;
    if (section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL) continue;
    const auto content = file.range(section.sh_offset, section.sh_size, "section " + name);
    // Loaded sections are in the segments already; only our own and debug notes are looked up.
    if ((section.sh_flags & SHF_ALLOC) == 0)
      image.sections_[name].assign(content.begin(), content.end());
  }
  return image;
}

std::optional<std::uint64_t> Image::symbol_address(std::string_view name) const {
  const auto found = std::ranges::find(symbols_, name, &Symbol::name);
  if (found == symbols_.end()) return {};
  return found->address;
}

const Symbol* Image::function_at(std::uint64_t pc) const {
  auto next = std::ranges::upper_bound(symbols_, pc, {}, &Symbol::address);
  while (next != symbols_.begin()) {
    --next;
    if (next->is_function && (next->size == 0 || pc - next->address < next->size)) return &*next;
    if (next->is_function) return nullptr;
  }
  return nullptr;
}

std::optional<std::span<const std::byte>> Image::section(std::string_view name) const {
  const auto found = sections_.find(name);
  if (found == sections_.end()) return {};
  return std::span<const std::byte>(found->second);
}

}  // namespace isobar::elf
