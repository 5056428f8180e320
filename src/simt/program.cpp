#include "simt/program.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/error.h"
#include "isa/guest_abi.h"
#include "isa/trap.h"

namespace isobar::simt {
namespace {

constexpr std::uint32_t kNoOperation = ~std::uint32_t{0};
constexpr std::uint64_t kMostTextBytes = 64U << 20U;

bool is_csr(const isa::Instruction& instruction) {
  return instruction.opcode >= isa::Opcode::kCsrrw && instruction.opcode <= isa::Opcode::kCsrrci;
}

bool ends_block(const isa::Instruction& instruction) {
  return isa::info(instruction.opcode).cost == isa::CostClass::kBranch ||
         instruction.opcode == isa::Opcode::kIsobarBarrier ||
         instruction.opcode == isa::Opcode::kIsobarExit ||
         instruction.opcode == isa::Opcode::kIllegal || instruction.word == isa::kUnimp;
}

}  // namespace

bool looks_across_lanes(isa::Opcode opcode) {
  return isa::info(opcode).cost == isa::CostClass::kCrossLane;
}

std::shared_ptr<Program> Program::load(const elf::Image& image) {
  return std::make_shared<DecodedProgram>(image);
}

DecodedProgram::DecodedProgram(const elf::Image& image) {
  const elf::Segment* text = nullptr;
  for (const elf::Segment& segment : image.segments()) {
    if (segment.address >= isa::kLocalBase && segment.address < isa::kLocalLimit)
      continue;  // local variables
    if (segment.address < isa::kProgramBase ||
        segment.address + segment.memory_size > isa::kProgramLimit) {
      fail(
          "the program wants memory at {:#x}, outside of the program window {:#x}..{:#x} (link it "
          "at {:#x})",
          segment.address, isa::kProgramBase, isa::kProgramLimit, isa::kProgramBase);
    }
    Piece piece{segment.address, segment.address % alignof(std::max_align_t), {}, segment.writable};
    piece.content.resize(piece.skipped + segment.memory_size);
    std::ranges::copy(segment.content,
                      piece.content.begin() + static_cast<std::ptrdiff_t>(piece.skipped));
    pieces_.push_back(std::move(piece));
    if (!segment.executable) continue;
    if (text != nullptr) fail("the program has two executable segments (link its text into one)");
    text = &segment;
  }
  if (text == nullptr) fail("the program has no executable segment");
  if (text->content.size() > kMostTextBytes) fail("the program's text is larger than 64 MiB");

  text_base_ = text->address;
  text_bytes_ = text->content.size();
  operation_by_half_word_.assign(text->content.size() / 2 + 2, kNoOperation);
  for (std::size_t at = 0; at + 2 <= text->content.size();) {
    std::uint32_t word = 0;
    std::memcpy(&word, text->content.data() + at,
                std::min<std::size_t>(4, text->content.size() - at));
    isa::Instruction instruction = isa::decode(word);
    if (instruction.length > text->content.size() - at) instruction.opcode = isa::Opcode::kIllegal;
    operation_by_half_word_[at / 2] = static_cast<std::uint32_t>(instructions_.size());
    pc_offsets_.push_back(static_cast<std::uint32_t>(at));
    instructions_.push_back(instruction);
    if (is_csr(instruction) && instruction.immediate >= 1 && instruction.immediate <= 3)
      exact_ = true;
    note_uses(instruction);
    at += instruction.length;
  }
}

/// What a warp must have reset before it runs this.
void DecodedProgram::note_uses(const isa::Instruction& in) {
  const isa::InstructionInfo& row = isa::info(in.opcode);
  const auto note = [&](isa::RegisterFile file, unsigned number) {
    if (file == isa::RegisterFile::kFloat) float_registers_ |= 1U << number;
  };
  note(row.rd, in.rd);
  note(row.rs1, in.rs1);
  note(row.rs2, in.rs2);
  note(row.rs3, in.rs3);
  using enum isa::Opcode;
  reserves_ |= in.opcode == kLrW || in.opcode == kLrD || in.opcode == kScW || in.opcode == kScD;
}

const std::byte* DecodedProgram::host(DeviceAddress address, Bytes size) const {
  const Region region = region_at(address.value(), size.count());
  return region.memory == Memory::kNone ? nullptr : region.host + (address.value() - region.low);
}

Region DecodedProgram::region_at(std::uint64_t address, std::uint64_t size) const {
  for (const Piece& piece : pieces_) {
    const std::uint64_t offset = address - piece.address;
    if (offset >= piece.size() || piece.size() - offset < size) continue;
    // Program-scope variables are written by launches while the program itself is shared.
    auto* host = const_cast<std::byte*>(piece.content.data()) + piece.skipped;
    return {piece.address, piece.size(), host, piece.writable ? Memory::kGlobal : Memory::kConstant,
            piece.writable};
  }
  return {};
}

std::optional<std::uint32_t> DecodedProgram::operation_at(std::uint64_t pc) const {
  const std::uint64_t offset = pc - text_base_;
  if (offset % 2 != 0 || offset / 2 >= operation_by_half_word_.size()) return {};
  const std::uint32_t index = operation_by_half_word_[offset / 2];
  if (index == kNoOperation) return {};
  return index;
}

std::uint64_t DecodedProgram::pc_of(std::uint32_t operation) const {
  return text_base_ + (operation < pc_offsets_.size() ? pc_offsets_[operation] : text_bytes_);
}

Operation DecodedProgram::translate(std::uint32_t index) const {
  const isa::Instruction& in = instructions_[index];
  const isa::InstructionInfo& row = isa::info(in.opcode);
  const std::uint64_t pc = pc_of(index);
  Operation op{};
  op.self = index;
  op.opcode = in.opcode;
  const bool discards = row.rd == isa::RegisterFile::kInteger && in.rd == 0;
  op.rd = discards ? kDiscard : in.rd;
  op.rs1 = in.rs1;
  op.rs2 = in.rs2;
  op.rs3 = in.rs3;
  op.rounding = in.rounding;
  op.access = row.memory_bytes;
  op.immediate = in.immediate;
  op.target = static_cast<std::uint32_t>(instructions_.size());  // off the end: a fetch fault
  if (row.format == isa::Format::kAtomic) op.immediate = 0;  // aq and rl: all atomics are in order
  if (in.opcode == isa::Opcode::kAuipc)
    op.immediate = static_cast<std::int64_t>(pc + static_cast<std::uint64_t>(in.immediate));
  if (row.format == isa::Format::kB || row.format == isa::Format::kJ) {
    const auto target = operation_at(pc + static_cast<std::uint64_t>(in.immediate));
    if (target) op.target = *target;
    if (row.format == isa::Format::kJ) op.immediate = static_cast<std::int64_t>(pc + in.length);
  }
  if (is_csr(in)) {
    constexpr auto kFirst = static_cast<std::int64_t>(isa::SpecialRegister::kGlobalId);
    constexpr auto kLast = static_cast<std::int64_t>(isa::SpecialRegister::kLocalLinearId);
    op.target = kUnknownCsr;
    if (in.immediate >= 1 && in.immediate <= 3) op.target = kFloatCsr;
    if (in.immediate >= kFirst && in.immediate <= kLast) {
      op.target = kSpecialCsr;
      op.immediate = in.immediate - kFirst;
    }
  }
  return op;
}

const Code& DecodedProgram::code(const Executor& executor, bool traced) {
  const std::scoped_lock lock(mutex_);
  const auto [entry, is_new] = codes_.try_emplace({&executor, traced});
  Code& code = entry->second;
  if (!is_new) return code;

  code.leads = block_leaders();
  for (std::uint32_t i = 0; i < instructions_.size(); ++i) {
    Operation op = translate(i);
    op.run = op.body = executor.handler(op, false, exact_);
    code.full.push_back(op);
    op.run = op.body = executor.handler(op, true, exact_);
    code.divergent.push_back(op);
  }
  Operation end{};
  end.self = static_cast<std::uint32_t>(instructions_.size());
  end.opcode = isa::Opcode::kIllegal;
  end.run = end.body = executor.off_the_end;
  code.full.push_back(end);
  code.divergent.push_back(end);
  for (std::uint32_t i = 0; i <= instructions_.size(); ++i) {
    const bool leads = code.leads[i] != 0;
    if (leads) code.divergent[i].run = traced ? executor.traced_check : executor.block_check;
    if (i < instructions_.size() && looks_across_lanes(instructions_[i].opcode))
      code.divergent[i].run = traced ? executor.traced_cross_check : executor.cross_check;
    if (!traced || i == instructions_.size()) continue;
    const bool accesses = code.full[i].access != 0;
    if (leads || accesses) code.full[i].run = executor.traced;
    if (accesses && !leads) code.divergent[i].run = executor.traced;
  }
  return code;
}

std::vector<std::uint8_t> DecodedProgram::block_leaders() const {
  std::vector<std::uint8_t> leads(instructions_.size() + 1, 0);
  leads[0] = 1;
  for (std::uint32_t i = 0; i < instructions_.size(); ++i) {
    const isa::Format format = isa::info(instructions_[i].opcode).format;
    if (format == isa::Format::kB || format == isa::Format::kJ) leads[translate(i).target] = 1;
    if (ends_block(instructions_[i])) leads[i + 1] = 1;
    if (looks_across_lanes(instructions_[i].opcode)) leads[i] = 1;
  }
  return leads;
}

}  // namespace isobar::simt
