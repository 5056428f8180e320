#include "executable.h"

#include <fmt/format.h>
#include <llvm/BinaryFormat/ELF.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/MemoryBuffer.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file/file.h"
#include "base/subprocess.h"
#include "elf/line_table.h"
#include "elf/source_text.h"
#include "isa/guest_abi.h"
#include "passes/traps.h"
#include "tools.h"

namespace isobar::clc {
namespace {

namespace elf64 = llvm::ELF;
using Bytes = std::vector<std::byte>;

std::string linker_script() {
  return fmt::format(
      "SECTIONS {{\n"
      "  . = {:#x};\n"
      "  .text : {{ KEEP(*(.text.{}*)) *(.text .text.*) }}\n"
      "  .end : {{ KEEP(*({})) }}\n"  // nothing runs past the last function
      "  . = ALIGN(4096);\n"
      "  .rodata : {{ *(.rodata .rodata.* .srodata .srodata.*) }}\n"
      "  . = ALIGN(4096);\n"
      "  .data : {{ *(.data .data.* .sdata .sdata.*) }}\n"
      "  .bss : {{ *(.bss .bss.* .sbss .sbss.* COMMON) }}\n"
      "  /DISCARD/ : {{ *(.comment .note.* .riscv.attributes .eh_frame) }}\n"
      "}}\n",
      isa::kProgramBase, isa::kEntryPrefix, kLastSection);
}

/// The sources that the front end embedded, by the names that lines have.
void add_sources(const llvm::DWARFDebugLine::LineTable& lines, const std::string& folder,
                 elf::SourceText& sources) {
  for (std::uint64_t i = 0; lines.hasFileAtIndex(i); ++i) {
    const auto text = llvm::dwarf::toString(lines.Prologue.getFileNameEntry(i).Source);
    std::string name;
    if (!text || !lines.getFileNameByIndex(
                     i, folder, llvm::DILineInfoSpecifier::FileLineInfoKind::RawValue, name))
      continue;
    sources.add(*text, name);
  }
}

void keep_texts(const elf::SourceText& sources, elf::LineTable& table) {
  constexpr std::size_t kLongest = 400;  // macros make lines of any length
  for (const elf::LineTable::Row& row : table.rows) {
    if (row.line == 0) continue;
    const std::string text = sources.line(table.files[row.file], row.line);
    if (!text.empty()) table.texts[{row.file, row.line}] = text.substr(0, kLongest);
  }
}

/// What DWARF says of each instruction, without the columns, neighbours of one line joined.
elf::LineTable line_table(const Bytes& file) {
  const llvm::StringRef view(reinterpret_cast<const char*>(file.data()), file.size());
  auto object = llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(view, ""));
  if (!object) fail("the linked program cannot be read: {}", llvm::toString(object.takeError()));
  const auto context = llvm::DWARFContext::create(**object);
  elf::LineTable table;
  elf::SourceText sources;
  std::map<std::string, std::uint32_t> numbers;
  std::map<std::uint64_t, elf::LineTable::Row> rows;  // of several for one pc the last one counts
  for (const auto& unit : context->compile_units()) {
    const auto* lines = context->getLineTableForUnit(unit.get());
    if (lines == nullptr) continue;
    add_sources(*lines, unit->getCompilationDir(), sources);
    for (const auto& row : lines->Rows) {
      const std::uint64_t pc = row.Address.Address;
      if (row.EndSequence) {
        rows.try_emplace(pc, elf::LineTable::Row{pc, 0, 0});
        continue;
      }
      std::string name;
      (void)lines->getFileNameByIndex(row.File, unit->getCompilationDir(),
                                      llvm::DILineInfoSpecifier::FileLineInfoKind::RawValue, name);
      const auto [place, is_new] =
          numbers.try_emplace(name, static_cast<std::uint32_t>(numbers.size()));
      if (is_new) table.files.push_back(name);
      rows.insert_or_assign(pc, elf::LineTable::Row{pc, place->second, row.Line});
    }
  }
  if (table.files.empty()) table.files.emplace_back();  // rows without a source name file 0
  for (const auto& [pc, row] : rows)
    if (table.rows.empty() || table.rows.back().line != row.line ||
        table.rows.back().file != row.file)
      table.rows.push_back(row);
  keep_texts(sources, table);
  return table;
}

template <class T>
T read_at(const Bytes& file, std::uint64_t offset) {
  T value;
  if (offset > file.size() || file.size() - offset < sizeof value)
    fail("the linked program is cut short");
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

template <class T>
void append(Bytes& file, const T* data, std::size_t count) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  file.insert(file.end(), bytes, bytes + count * sizeof(T));
}

void align(Bytes& file) { file.resize((file.size() + 7) / 8 * 8); }

/// Adds sections that are not loaded: their bytes, a longer string table and a longer table of
/// section headers go behind the end of the file; the old tables stay as unused bytes.
void append_sections(Bytes& file, const std::map<std::string, Bytes>& sections) {
  auto header = read_at<elf64::Elf64_Ehdr>(file, 0);
  std::vector<elf64::Elf64_Shdr> headers(header.e_shnum);
  for (std::size_t i = 0; i < headers.size(); ++i)
    headers[i] = read_at<elf64::Elf64_Shdr>(file, header.e_shoff + i * sizeof(elf64::Elf64_Shdr));
  elf64::Elf64_Shdr& names = headers.at(header.e_shstrndx);
  std::string strings(reinterpret_cast<const char*>(file.data() + names.sh_offset), names.sh_size);
  std::vector<elf64::Elf64_Shdr> added;
  for (const auto& [name, content] : sections) {
    align(file);
    elf64::Elf64_Shdr section{};
    section.sh_name = static_cast<elf64::Elf64_Word>(strings.size());
    section.sh_type = elf64::SHT_PROGBITS;
    section.sh_offset = file.size();
    section.sh_size = content.size();
    section.sh_addralign = 1;
    strings.append(name).push_back('\0');
    append(file, content.data(), content.size());
    added.push_back(section);
  }
  names.sh_offset = file.size();
  names.sh_size = strings.size();
  append(file, strings.data(), strings.size());
  align(file);
  headers.insert(headers.end(), added.begin(), added.end());
  header.e_shoff = file.size();
  header.e_shnum = static_cast<elf64::Elf64_Half>(headers.size());
  append(file, headers.data(), headers.size());
  std::memcpy(file.data(), &header, sizeof header);
}

}  // namespace

void link_executable(const std::filesystem::path& object, const elf::ProgramMetadata& metadata,
                     const std::filesystem::path& output) {
  const std::filesystem::path script = object.parent_path() / "program.ld";
  const std::filesystem::path linked = object.parent_path() / "program.elf";
  write_text_atomically(script, linker_script());
  const SubprocessResult result = run_subprocess(
      {tool("ISOBAR_LLD", "ld.lld-19"), "-T", script.string(), "--no-relax", "--gc-sections", "-z",
       "max-page-size=4096", "-o", linked.string(), object.string()});
  if (result.exit_code != 0) fail("ld.lld: {}", result.errors);
  Bytes file = read_file(linked);
  const std::string json = metadata.to_json();
  const auto text = std::as_bytes(std::span(json));
  const elf::LineTable lines = line_table(file);
  append_sections(file, {{isa::kMetadataSection, Bytes(text.begin(), text.end())},
                         {isa::kLineSection, lines.serialise()},
                         {isa::kSourceSection, lines.serialise_texts()}});
  write_file_atomically(output, file);
}

}  // namespace isobar::clc
