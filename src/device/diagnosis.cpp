#include "device/diagnosis.h"

#include <fmt/format.h>

#include "isa/instruction.h"
#include "isa/trap.h"

namespace isobar::device {
namespace {

std::string triple(const std::array<std::uint64_t, 3>& id) {
  return fmt::format("({}, {}, {})", id[0], id[1], id[2]);
}

bool is_access(simt::FaultKind kind) {
  using enum simt::FaultKind;
  return kind == kOutOfBounds || kind == kNullPointer || kind == kMisaligned || kind == kReadOnly ||
         kind == kStackOverflow;
}

/// What the compiler puts where undefined behaviour would lead, and behind the last function.
bool is_compilers_trap(const simt::Fault& fault) {
  return fault.kind == simt::FaultKind::kIllegalInstruction && fault.word == isa::kUnimp;
}

/// What the user can do about it, where there is something general to say.
std::string_view remedy(const simt::Fault& fault) {
  using enum simt::FaultKind;
  if (is_compilers_trap(fault))
    return "look for a division by zero, a return from a function that must not, or the like";
  switch (fault.kind) {
    case kOutOfBounds:
      return "check the index against the buffer's size";
    case kNullPointer:
      return "a buffer argument was set to NULL, or a pointer is not initialised";
    case kMisaligned:
      return "a pointer was cast to a type of stricter alignment";
    case kReadOnly:
      return "constant memory and kernel arguments cannot be written";
    case kStackOverflow:
      return "use smaller private arrays, or a chip with more core.private_memory";
    case kDivergentBarrier:
      return "every work-item of a work-group must reach the same barriers";
    case kTimeLimit:
      return "the kernel may never end; --time-limit SECONDS sets how long it may run on this host "
             "(0: as long as it takes)";
    case kInstructionLimit:
      return "the kernel may never end; --instruction-limit sets how much it may run";
    default:
      return "";
  }
}

/// The machine was told to stop: by the limit, or because somebody asked for it.
std::string ended_from_outside(const LaunchEnding& ending) {
  return ending.why == LaunchEnd::kAsked
             ? fmt::format("interrupted; it had run for {:.1f} s", ending.seconds)
             : fmt::format("time limit reached after {:.1f} s", ending.seconds);
}

}  // namespace

std::string diagnose(const simt::Fault& fault, const LoadedProgram& program,
                     const std::string& kernel, const LaunchEnding& ending) {
  const bool from_outside = ending.why != LaunchEnd::kItself;
  std::string text =
      fmt::format("isobar: kernel {}: {}", kernel,
                  from_outside ? ended_from_outside(ending) : std::string(simt::name(fault.kind)));
  if (is_access(fault.kind))
    text += fmt::format(": {} of {} {} at address {:#x}", fault.is_store ? "store" : "load",
                        fault.size.count(), fault.size.count() == 1 ? "byte" : "bytes",
                        fault.address.value());
  if (is_compilers_trap(fault)) text += ": a trap, where the behaviour of the program is undefined";
  if (!fault.detail.empty()) text += fmt::format(": {}", fault.detail);
  text +=
      fmt::format("\n  work-item: global id {}, local id {}, work-group {}, lane {}\n",
                  triple(fault.global_id), triple(fault.local_id), triple(fault.group), fault.lane);
  text += fmt::format("  pc:        {:#x}  {}\n", fault.pc,
                      isa::disassemble(isa::decode(fault.word), fault.pc));
  if (const auto line = program.lines().find(fault.pc))
    text += fmt::format("  source:    {}:{}{}{}\n", line->file, line->line,
                        line->text.empty() ? "" : "  ", line->text);
  else if (const elf::Symbol* function = program.image().function_at(fault.pc))
    text += fmt::format("  function:  {}\n", function->name);
  if (const auto advice = remedy(fault); !advice.empty() && ending.why != LaunchEnd::kAsked)
    text += fmt::format("  remedy:    {}\n", advice);
  return text;
}

}  // namespace isobar::device
