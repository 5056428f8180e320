// What a guest program and the machine agree on: the address map, the special registers and how a
// kernel starts. The compiler, the loader, the simulator and the driver all read it from here.
//
// One 64-bit map holds every memory, so a generic pointer is just a pointer:
//
//   0x0000'0000  unmapped (null pointers fault)
//   0x0001'0000  the program: text and read-only data, then writable program-scope variables
//   0x4000'0000  local memory of the work-group; `.isobar.local` (local variables) is linked here,
//                __local arguments follow
//   0x6000'0000  end of the private window: each hart's own stack grows down from here
//   0x7000'0000  the kernel's argument block, read-only, the same for every hart of a launch
//   0x1'0000'0000 and up: global memory (buffers)
#pragma once

#include <cstdint>

namespace isobar::isa {

inline constexpr std::uint64_t kProgramBase = 0x0001'0000;
inline constexpr std::uint64_t kProgramLimit = 0x4000'0000;
inline constexpr std::uint64_t kLocalBase = 0x4000'0000;
inline constexpr std::uint64_t kLocalLimit = 0x5000'0000;
inline constexpr std::uint64_t kPrivateTop = 0x6000'0000;     // sp starts here
inline constexpr std::uint64_t kPrivateLowest = 0x5000'0000;  // the window never reaches below
inline constexpr std::uint64_t kArgumentBase = 0x7000'0000;
inline constexpr std::uint64_t kArgumentLimit = 0x7001'0000;
inline constexpr std::uint64_t kGlobalBase = 0x1'0000'0000;

// A kernel's entry is the symbol kEntryPrefix + name. It starts with a0 = kArgumentBase,
// sp = kPrivateTop, ra = 0, everything else zero (float registers: +0.0f, boxed), frm = RNE; it
// calls the kernel with arguments loaded from the block and ends with the `isobar.exit`
// instruction.
inline constexpr char kEntryPrefix[] = "__isobar_entry_";
inline constexpr char kLocalSection[] = ".isobar.local";       // NOBITS, at kLocalBase
inline constexpr char kMetadataSection[] = ".isobar.kernels";  // JSON: elf/kernel_metadata.h
inline constexpr char kLineSection[] = ".isobar.lines";        // pc -> source: elf/line_table.h
inline constexpr char kSourceSection[] = ".isobar.source";     // and the text of those lines

// Special registers: CSRs in the range the privileged specification (table 3, "CSR address
// ranges") sets aside for custom read-only unprivileged use, 0xCC0-0xCFF. Three in a row are x, y,
// z.
enum class SpecialRegister : std::uint16_t {
  kGlobalId = 0xCC0,           // 3, with the global offset added
  kLocalId = 0xCC3,            // 3
  kGroupId = 0xCC6,            // 3
  kGlobalSize = 0xCC9,         // 3
  kLocalSize = 0xCCC,          // 3, of this work-group (smaller at the edge of a non-uniform range)
  kEnqueuedLocalSize = 0xCCF,  // 3
  kNumGroups = 0xCD2,          // 3
  kGlobalOffset = 0xCD5,       // 3
  kWorkDim = 0xCD8,
  kLane = 0xCD9,          // get_sub_group_local_id
  kWarp = 0xCDA,          // get_sub_group_id
  kNumWarps = 0xCDB,      // get_num_sub_groups of this work-group
  kWarpSize = 0xCDC,      // get_sub_group_size: harts of this warp that exist
  kMaxWarpSize = 0xCDD,   // get_max_sub_group_size: the warp's width, at most the group's size
  kPrintfBuffer = 0xCDE,  // address of the printf buffer, 0 if there is none (elf/printf_format)
  kCore = 0xCDF,          // index of the core that runs this work-group
  kGlobalLinearId = 0xCE0,
  kLocalLinearId = 0xCE1,
};

// Isobar's own instructions live in custom-0 (opcode 0x0B), R-type. funct3 names the group:
//   0  control   funct7 0: isobar.barrier (all harts of the work-group), 1: isobar.exit
//   1  shuffle   rd = rs1 of lane (rs2)           funct7 0: .idx  lane rs2
//                funct7 1: .xor lane^rs2, 2: .up lane-rs2, 3: .down lane+rs2
//                a source lane that is out of range or inactive gives the lane its own rs1
//   2  vote      over the active lanes of the warp, rs1 != 0:   funct7 0: .all, 1: .any (0 or 1),
//                2: .ballot (bit i is lane i)
// isa/ table rows give their exact encodings.
inline constexpr std::uint32_t kCustom0 = 0x0B;

// The printf buffer: two 32-bit words (bytes used, an atomic counter that may run past capacity;
// capacity), then records: u64 address of the format string, u32 record bytes including this
// header (a multiple of 8), u32 number of arguments, then each argument at the next multiple of its
// size (scalars widened as C varargs are: integers to 8 bytes, floating point to double; vectors as
// n elements of 8 bytes; strings as their 8-byte address).

}  // namespace isobar::isa
