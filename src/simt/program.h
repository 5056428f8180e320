// A loaded program from the inside: its own memory, and its text decoded for one executor.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "simt/launch.h"
#include "simt/machine.h"

namespace isobar::simt {

/// What such an instruction gives depends on which lanes run it together.
[[nodiscard]] bool looks_across_lanes(isa::Opcode opcode);

/// Text decoded twice over: for warps that run as one path, and for those that do not.
struct Code {
  std::vector<Operation> full;
  std::vector<Operation> divergent;
  std::vector<std::uint8_t> leads;  // which operations lead a basic block
};

class DecodedProgram final : public Program {
 public:
  explicit DecodedProgram(const elf::Image& image);

  [[nodiscard]] const std::byte* host(DeviceAddress address, Bytes size) const override;
  /// The program's memory at an address, or an empty region.
  [[nodiscard]] Region region_at(std::uint64_t address, std::uint64_t size) const;

  /// The code for an executor, made on first use. Thread-safe.
  /// Traced code reports to the warps' traces.
  [[nodiscard]] const Code& code(const Executor& executor, bool traced);
  /// Index of the operation at a pc, or nothing where none starts.
  [[nodiscard]] std::optional<std::uint32_t> operation_at(std::uint64_t pc) const override;
  [[nodiscard]] std::uint64_t pc_of(std::uint32_t operation) const override;
  /// Float registers that some instruction names, as bits.
  [[nodiscard]] std::uint32_t float_registers() const { return float_registers_; }
  /// Some instruction is LR or SC.
  [[nodiscard]] bool reserves() const { return reserves_; }
  /// Some instruction can see flags or set the rounding mode.
  [[nodiscard]] bool is_exact() const { return exact_; }
  [[nodiscard]] std::vector<std::uint8_t> block_leaders() const override;
  [[nodiscard]] std::uint64_t text_base() const { return text_base_; }
  [[nodiscard]] std::span<const isa::Instruction> instructions() const override {
    return instructions_;
  }

 private:
  struct Piece {
    std::uint64_t address = 0;
    std::uint64_t skipped = 0;       // unused bytes of `content` in front, so that guest and host
    std::vector<std::byte> content;  // addresses are aligned alike (host atomics want that)
    bool writable = false;
    [[nodiscard]] std::uint64_t size() const { return content.size() - skipped; }
  };
  void note_uses(const isa::Instruction& in);
  [[nodiscard]] Operation translate(std::uint32_t index) const;

  std::vector<Piece> pieces_;
  std::uint64_t text_base_ = 0;
  std::uint64_t text_bytes_ = 0;
  std::vector<isa::Instruction> instructions_;  // in order of pc
  std::vector<std::uint32_t> pc_offsets_;
  std::vector<std::uint32_t> operation_by_half_word_;
  bool exact_ = false;
  bool reserves_ = false;
  std::uint32_t float_registers_ = 0;
  std::mutex mutex_;
  std::map<std::pair<const Executor*, bool>, Code> codes_;
};

}  // namespace isobar::simt
