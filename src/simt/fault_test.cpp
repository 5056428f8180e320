// Every kind of fault says what, where and who: kind, pc, instruction, address, lane, work-item,
// work-group and a sentence; whatever the vector path and the number of host threads. And whatever
// an endless kernel does, a limit ends it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "isa/guest_abi.h"
#include "simt/testing/guest_machine.h"

namespace isobar::simt {
namespace {

using ::testing::HasSubstr;

// The prologue puts the first buffer's address into a1, the local id into t0 and its fourfold into
// t1; what faults follows behind it.
constexpr char kPrologue[] = R"(
_start:
  ld a1, 0(a0)
  csrr t0, 0xcc3
  slli t1, t0, 2
)";
constexpr std::uint64_t kPrologueBytes = 12;
constexpr char kExit[] = "\n  .word 0x0200000b\n";

struct Expected {
  FaultKind kind;
  std::uint64_t behind_prologue;  // bytes to the instruction that faults
  std::uint32_t lane;
  std::string detail;
  bool is_store = false;
  std::uint64_t size = 0;
};

/// Runs three work-groups of 48 in warps of 32 on each path; the fault is the first group's.
Fault expect_fault(const std::string& text, const Expected& expected) {
  Fault last;
  for (const VectorPath path : supported_paths()) {
    for (const unsigned threads : {1U, 3U}) {
      GuestMachine machine(guest_assembly(kPrologue + text + kExit));
      machine.buffer<std::uint32_t>(144);
      machine.config().vector_path = path;
      machine.config().local_memory = 128_B;
      const LaunchResult result = machine.run(144, 48, threads);
      EXPECT_TRUE(result.fault) << text;
      if (!result.fault) return {};
      const Fault& fault = *result.fault;
      EXPECT_EQ(fault.kind, expected.kind) << text << describe(result);
      EXPECT_EQ(fault.pc, machine.config().entry + kPrologueBytes + expected.behind_prologue)
          << text;
      EXPECT_EQ(fault.lane, expected.lane) << text;
      EXPECT_EQ(fault.group[0], 0U) << text;
      EXPECT_EQ(fault.global_id, fault.local_id) << text;
      EXPECT_EQ(fault.local_id[0] % 32, expected.lane) << text;
      EXPECT_EQ(fault.is_store, expected.is_store) << text;
      EXPECT_EQ(fault.size, Bytes(expected.size)) << text;
      EXPECT_THAT(fault.detail, HasSubstr(expected.detail)) << text;
      EXPECT_FALSE(name(fault.kind).empty());
      last = fault;
    }
  }
  return last;
}

TEST(Fault, OutOfBoundsNamesTheNearestBuffer) {
  const std::string detail = "576 bytes past the start of the nearest buffer below, which has 576";
  expect_fault("add a1, a1, t1; lw t4, 512(a1)",
               {FaultKind::kOutOfBounds, 4, 16, detail, false, 4});
  // Lanes that hold something else than a progression.
  expect_fault("add a1, a1, t1; xori a1, a1, 4; lw t4, 512(a1)",
               {FaultKind::kOutOfBounds, 8, 16, "580 bytes past", false, 4});
  expect_fault("fld ft0, 576(a1)", {FaultKind::kOutOfBounds, 0, 0, detail, false, 8});
  expect_fault("flh ft0, 576(a1)", {FaultKind::kOutOfBounds, 0, 0, detail, false, 2});
  expect_fault("sd a1, 576(a1)", {FaultKind::kOutOfBounds, 0, 0, detail, true, 8});
  expect_fault("addi a1, a1, 576; amoadd.w t2, t0, (a1)",
               {FaultKind::kOutOfBounds, 4, 0, detail, true, 4});
  // Only some lanes go there.
  const Fault fault =
      expect_fault("andi t2, t0, 1; add a1, a1, t1; beqz t2, 1f; sw t0, 512(a1); 1:",
                   {FaultKind::kOutOfBounds, 12, 17, "580 bytes past", true, 4});
  EXPECT_EQ(fault.address.value() % 64, 580 % 64);
  EXPECT_EQ(fault.word, 0x2055a023U) << "the instruction as fetched";
}

TEST(Fault, NullPointersAreCalledSo) {
  const Fault fault = expect_fault("addi t2, t0, -5; czero.eqz t2, a1, t2; lw t3, 8(t2)",
                                   {FaultKind::kNullPointer, 8, 5, "null", false, 4});
  EXPECT_EQ(fault.address, DeviceAddress(8));
  expect_fault("sw t0, -4(zero)", {FaultKind::kNullPointer, 0, 0, "null", true, 4});
}

TEST(Fault, MisalignedAccessesNameTheirSize) {
  expect_fault("addi t2, t0, -7; seqz t2, t2; add t2, t2, a1; lw t3, 0(t2)",
               {FaultKind::kMisaligned, 12, 7, "is not a multiple of 4", false, 4});
  expect_fault("sh t0, 1(a1)", {FaultKind::kMisaligned, 0, 0, "multiple of 2", true, 2});
  expect_fault("addi a1, a1, 4; amoswap.d t2, t0, (a1)",
               {FaultKind::kMisaligned, 4, 0, "multiple of 8", true, 8});
  expect_fault("sd t0, -12(sp)", {FaultKind::kMisaligned, 0, 0, "multiple of 8", true, 8});
  expect_fault("add a1, a1, t1; ld t2, 0(a1)",
               {FaultKind::kMisaligned, 4, 1, "multiple of 8", false, 8});
}

TEST(Fault, ConstantsCannotBeWritten) {
  expect_fault("sw t0, 0(a0)", {FaultKind::kReadOnly, 0, 0, "arguments", true, 4});
  expect_fault("auipc t2, 0; sb t0, 0(t2)", {FaultKind::kReadOnly, 4, 0, "constants", true, 1});
  expect_fault("amoor.d t2, t0, (a0)", {FaultKind::kReadOnly, 0, 0, "arguments", true, 8});
}

TEST(Fault, InstructionsThatAreNoneAreIllegal) {
  for (const char* word : {".word 0", ".word 0xffffffff", "csrr t2, 0xc00", "csrw 0xcc3, t0"})
    expect_fault(word, {FaultKind::kIllegalInstruction, 0, 0, ""});
  expect_fault("fsrmi 5; fadd.s ft0, ft0, ft0", {FaultKind::kIllegalInstruction, 4, 0, ""});
  expect_fault("sltiu t2, t0, 30; bnez t2, 1f; .word 0xffffffff; 1:",
               {FaultKind::kIllegalInstruction, 8, 30, ""});
}

TEST(Fault, JumpsToWhereNoInstructionIs) {
  const Fault fault = expect_fault(
      "auipc t3, 0; addi t3, t3, 28; sltiu t2, t0, 9; czero.nez t4, a1, t2; czero.eqz t3, t3, t2;"
      "add t3, t3, t4; jr t3",
      {FaultKind::kBadFetch, 24, 9, ""});
  EXPECT_GE(fault.address.value(), isa::kGlobalBase);
  expect_fault("auipc t3, 0; jr 6(t3)", {FaultKind::kBadFetch, 4, 0, ""});
  expect_fault("j .+0x10000", {FaultKind::kBadFetch, 8, 0, ""});  // at the end of the text
}

TEST(Fault, AnEntryThatIsNoneIsABadFetch) {
  GuestMachine machine(guest_assembly(std::string(kPrologue) + kExit));
  machine.buffer<std::uint32_t>(1);
  machine.config().entry += 2;
  const LaunchResult result = machine.run(32, 32);
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.fault->kind, FaultKind::kBadFetch);
}

TEST(Fault, StacksHaveAnEnd) {
  expect_fault("lui t2, 16; sub t2, sp, t2; sw t0, -4(t2)",
               {FaultKind::kStackOverflow, 8, 0, "has 65536 bytes of private memory", true, 4});
  expect_fault("sltiu t2, t0, 12; lui t3, 16; czero.nez t3, t3, t2; sub t2, sp, t3; lw t0, -4(t2)",
               {FaultKind::kStackOverflow, 16, 12, "65536", false, 4});
  // A frame of 400 MB: its far end lies where local memory is.
  expect_fault(
      "lui t2, 0x18000; sub sp, sp, t2; sw t0, 64(sp)",
      {FaultKind::kStackOverflow, 8, 0, "the stack reaches 402653184 bytes down", true, 4});
  GuestMachine machine(R"(
    static __attribute__((noinline)) u64 down(volatile u64 *p) { volatile u64 here = *p; return down(&here) + here; }
    KERNEL(u64) { volatile u64 first = gid(); down(&first); })");
  machine.config().private_memory = 4_KiB;
  const LaunchResult result = machine.run(40, 40);
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.fault->kind, FaultKind::kStackOverflow) << describe(result);
}

TEST(Fault, LocalMemoryHasAnEnd) {
  // Offset 128 is work-item 32's: lane 0 of the second warp.
  const Fault fault = expect_fault(
      "lui t2, 0x40000; add t2, t2, t1; lw t3, 0(t2)",
      {FaultKind::kOutOfBounds, 8, 0, "offset 128 of 128 bytes of local memory", false, 4});
  EXPECT_EQ(fault.local_id[0], 32U);
}

TEST(Fault, WhereNothingIsMapped) {
  expect_fault("lui t2, 0x6fff0; lw t3, 0(t2)",
               {FaultKind::kOutOfBounds, 4, 0, "nothing is mapped there", false, 4});
  expect_fault("lw t3, 8(a0)", {FaultKind::kOutOfBounds, 0, 0, "nothing is mapped", false, 4});
}

TEST(Fault, CallsOfAnEnvironmentThatIsNotThere) {
  expect_fault("ecall", {FaultKind::kEnvironmentCall, 0, 0, ""});
  expect_fault("ebreak", {FaultKind::kBreakpoint, 0, 0, ""});
}

TEST(Fault, ABarrierThatSomeHartsNeverReach) {
  expect_fault("addi t2, t0, -40; bltz t2, 1f; .word 0x0200000b; 1: .word 0x0000000b",
               {FaultKind::kDivergentBarrier, 12, 0,
                "8 of the work-group's 48 work-items ended without reaching it"});
}

TEST(Fault, OfSeveralGroupsTheLowestIsTold) {
  for (const unsigned threads : {1U, 2U, 5U}) {
    GuestMachine machine(guest_assembly(std::string(kPrologue) +
                                        "csrr t2, 0xcc6; sltiu t3, t2, 77; bnez t3, 1f;"
                                        "sw t0, 0(zero); 1:" +
                                        kExit));
    machine.buffer<std::uint32_t>(1);
    const LaunchResult result = machine.run(32 * 4000, 32, threads);
    ASSERT_TRUE(result.fault);
    EXPECT_EQ(result.fault->group[0], 77U);
    EXPECT_EQ(result.fault->global_id[0], 77U * 32);
  }
}

// Loops without an end: plain, with calls, indirect, with branches that diverge, with two paths
// that spin apart, with barriers, and with lanes that wait for others at one.
constexpr const char* kEndless[] = {
    "1: j 1b",
    "1: jal ra, 2f; j 1b; 2: ret",
    "auipc t2, 0; addi t2, t2, 8; jr t2",
    "1: andi t2, t0, 1; beqz t2, 1b; j 1b",
    "andi t2, t0, 1; beqz t2, 2f; 1: j 1b; 2: j 2b",
    "1: .word 0x0000000b; j 1b",
    "beqz t0, 2f; .word 0x0000000b; 2: j 2b",
    "1: lr.w t2, (a1); sc.w t2, t0, (a1); j 1b",
};

TEST(Limit, InstructionsEndEveryEndlessLoopAtTheSamePlace) {
  for (const char* text : kEndless) {
    std::optional<std::uint64_t> pc;
    for (const unsigned threads : {1U, 3U}) {
      GuestMachine machine(guest_assembly(std::string(kPrologue) + text + kExit));
      machine.buffer<std::uint32_t>(1);
      machine.config().instruction_limit = 200'000;
      const LaunchResult result = machine.run(144, 48, threads);
      ASSERT_TRUE(result.fault) << text;
      EXPECT_EQ(result.fault->kind, FaultKind::kInstructionLimit) << text;
      EXPECT_EQ(result.fault->group[0], 0U) << text;
      EXPECT_EQ(result.fault->pc, pc.value_or(result.fault->pc)) << text;
      pc = result.fault->pc;
    }
  }
}

TEST(Limit, TimeEndsEveryEndlessLoop) {
  for (const char* text : kEndless) {
    GuestMachine machine(guest_assembly(std::string(kPrologue) + text + kExit));
    machine.buffer<std::uint32_t>(1);
    std::atomic<bool> cancel{false};
    machine.config().cancel = &cancel;
    std::thread timer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
      cancel = true;
    });
    const LaunchResult result = machine.run(144, 48, 2);
    timer.join();
    ASSERT_TRUE(result.fault) << text;
    EXPECT_EQ(result.fault->kind, FaultKind::kTimeLimit) << text;
  }
}

TEST(Limit, TimeEndsARangeOfTooManyGroups) {
  GuestMachine machine(guest_assembly(std::string(kPrologue) + kExit));
  machine.buffer<std::uint32_t>(1);
  std::atomic<bool> cancel{false};
  machine.config().cancel = &cancel;
  std::thread timer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    cancel = true;
  });
  const LaunchResult result = machine.run(1ULL << 50U, 32, 2);
  timer.join();
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.fault->kind, FaultKind::kTimeLimit);
}

TEST(Limit, AKernelThatStaysBelowItsLimitIsNotDisturbed) {
  GuestMachine machine(guest_assembly(std::string(kPrologue) +
                                      "lui t2, 0x40; 1: addi t2, t2, -1; bnez t2, 1b" + kExit));
  machine.buffer<std::uint32_t>(1);
  machine.config().instruction_limit = 2 * (2 * 0x40000 + 8);  // two warps
  const LaunchResult result = machine.run(144, 48, 2);
  EXPECT_FALSE(result.fault) << describe(result);
}

}  // namespace
}  // namespace isobar::simt
