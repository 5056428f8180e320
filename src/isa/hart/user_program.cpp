#include "isa/hart/user_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace isobar::isa {
namespace {

constexpr std::uint64_t kStackBytes = 8ULL << 20U;
constexpr std::uint64_t kUsualStackTop = 0x40'0000'0000;
constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kMostWrite = 1ULL << 20U;  // per call; the program loops, as with Linux
constexpr std::uint64_t kWrite = 64, kExit = 93;
constexpr std::uint64_t kBadDescriptor = 0ULL - 9, kBadAddress = 0ULL - 14, kIoError = 0ULL - 5;

/// The top of the stack: the usual place, or below it where the program lies there.
std::uint64_t find_stack_top(const elf::Image& image) {
  const auto is_free = [&](std::uint64_t top) {
    return std::ranges::none_of(image.segments(), [&](const elf::Segment& s) {
      // A page of distance on both sides, so that running off the stack is noticed.
      const std::uint64_t lowest = top - kStackBytes - kPageBytes;
      return s.address < top + kPageBytes && s.address + s.memory_size > lowest;
    });
  };
  for (std::uint64_t top = kUsualStackTop; top > 2 * kStackBytes; top -= 4 * kStackBytes)
    if (is_free(top)) return top;
  fail("the program leaves no room for a stack of {} MiB below {:#x}", kStackBytes >> 20U,
       kUsualStackTop);
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

UserProgram::UserProgram(elf::Image image, const std::vector<std::string>& arguments)
    : image_(std::move(image)) {
  for (const elf::Segment& segment : image_.segments()) {
    memory_.map(segment.address, segment.memory_size, segment.readable, segment.writable,
                segment.executable);
    memory_.load(segment.address, segment.content);
  }
  make_stack(arguments);
  hart_.pc = image_.entry();
}

void UserProgram::make_stack(const std::vector<std::string>& arguments) {
  constexpr std::uint64_t kAtPageSize = 6, kAtEntry = 9;
  const std::uint64_t top = find_stack_top(image_);
  memory_.map(top - kStackBytes, kStackBytes, true, true, false);
  std::uint64_t at = top;
  std::vector<std::uint64_t> words{arguments.size()};
  for (const std::string& argument : arguments) {
    if (argument.size() > kStackBytes / 4 || top - at > kStackBytes / 4)
      fail("the program's arguments are longer than its stack takes ({} MiB)", kStackBytes >> 22U);
    at -= argument.size() + 1;
    memory_.load(at, bytes_of(argument));
    words.push_back(at);
  }
  words.insert(words.end(), {0, 0, kAtPageSize, kPageBytes, kAtEntry, image_.entry(), 0, 0});
  at = (at - words.size() * sizeof(std::uint64_t)) & ~15ULL;
  memory_.load(at, std::as_bytes(std::span(words)));
  hart_.x[2] = at;
}

bool UserProgram::answer_ecall(const Output& output, UserProgramResult& result) {
  const std::uint64_t number = hart_.x[17];
  if (number == kExit) {
    result.exit_code = static_cast<int>(hart_.x[10] & 0xffU);
    return false;
  }
  if (number != kWrite) {
    result.end = UserProgramResult::End::kFaulted;
    result.diagnosis = diagnose(
        fmt::format("unknown system call {} (isobar exec knows 64, write, and 93, exit)", number));
    return false;
  }
  const std::uint64_t size = std::min(hart_.x[12], kMostWrite);
  std::uint64_t answer = size;
  if (hart_.x[10] != 1 && hart_.x[10] != 2) {
    answer = kBadDescriptor;
  } else if (!memory_.permits(hart_.x[11], size, Access::kRead)) {
    answer = kBadAddress;
  } else {
    std::string bytes(size, '\0');
    memory_.copy_out(hart_.x[11], std::as_writable_bytes(std::span(bytes)));
    if (!output(static_cast<int>(hart_.x[10]), bytes)) answer = kIoError;
  }
  hart_.x[10] = answer;
  hart_.finish_ecall();
  return true;
}

UserProgramResult UserProgram::run(const Output& output, std::uint64_t most_instructions) {
  UserProgramResult result;
  for (;;) {
    if (most_instructions != 0 && result.instructions >= most_instructions) {
      result.end = UserProgramResult::End::kInstructionLimit;
      result.diagnosis =
          diagnose(fmt::format("stopped after {} instructions, the limit", most_instructions));
      return result;
    }
    const HartStop stop = hart_.step();
    if (stop != HartStop::kNone && stop != HartStop::kEcall) {
      result.end = UserProgramResult::End::kFaulted;
      result.diagnosis = diagnose(describe(stop));
      return result;
    }
    ++result.instructions;
    ++result.by_class[static_cast<std::size_t>(info(hart_.last().opcode).cost)];
    if (stop == HartStop::kEcall && !answer_ecall(output, result)) return result;
  }
}

std::string UserProgram::describe(HartStop stop) const {
  const std::uint64_t at = hart_.fault_address();
  switch (stop) {
    case HartStop::kBreakpoint:
      return "breakpoint";
    case HartStop::kIllegal:
      return "illegal instruction";
    case HartStop::kGpuInstruction:
      return "an Xisobar instruction, which needs a warp (isobar exec runs one hart; use OpenCL)";
    case HartStop::kFetchFault:
      return fmt::format("instruction fetch from {:#x}, which is not executable memory", at);
    case HartStop::kLoadFault:
      return fmt::format("load from {:#x}, which is not readable memory", at);
    case HartStop::kStoreFault:
      return fmt::format("store to {:#x}, which is not writable memory", at);
    case HartStop::kMisalignedAtomic:
      return fmt::format("atomic access to {:#x}, which is not aligned", at);
    case HartStop::kNone:
    case HartStop::kEcall:
      break;
  }
  return "stopped";
}

std::string UserProgram::diagnose(const std::string& why) const {
  const std::uint64_t pc = hart_.pc;
  std::string place = fmt::format("pc {:#x}", pc);
  if (const elf::Symbol* symbol = image_.function_at(pc))
    place += fmt::format(" in {}+{:#x}", symbol->name, pc - symbol->address);
  std::string text = fmt::format("{}\n  at {}", why, place);
  std::uint64_t parcel = 0;
  if (memory_.read(pc, 2, Access::kExecute, parcel)) {
    if ((parcel & 3U) == 3U) {
      std::uint64_t upper = 0;
      if (memory_.read(pc + 2, 2, Access::kExecute, upper)) parcel |= upper << 16U;
    }
    const Instruction in = decode(static_cast<std::uint32_t>(parcel));
    text += fmt::format(": {}", disassemble(in, pc));
  }
  return text + fmt::format("\n  after {} instructions\n", hart_.retired()) +
         hart_.registers_text();
}

}  // namespace isobar::isa
