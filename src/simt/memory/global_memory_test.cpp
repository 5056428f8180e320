// The arena lies where guests see it, unless something else does. Where address space is limited,
// the gaps between buffers give way, and a capacity that does not fit is refused by name. Those in
// a child, for a limit cannot be taken back.
#include "simt/memory/global_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "base/error.h"
#include "isa/guest_abi.h"

namespace isobar::simt {
namespace {

constexpr std::uint64_t kGiB = 1ULL << 30U;

/// Runs `good` in a child that may take `bytes` of address space.
bool holds_with_address_space(std::uint64_t bytes, const std::function<bool()>& good) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{bytes, bytes};
    const bool limited = ::setrlimit(RLIMIT_AS, &limit) == 0;
    ::_exit(limited && good() ? 0 : 1);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kShadowed = true;
#elif defined(__has_feature)
constexpr bool kShadowed = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kShadowed = false;
#endif
// A sanitizer's shadow memory alone is more than these limits.
#define SKIP_WITH_SHADOW_MEMORY() \
  if (kShadowed) GTEST_SKIP() << "shadow memory takes more"

bool works(Bytes capacity) {
  GlobalMemory memory(capacity);
  const auto first = memory.allocate(1_MiB, 64_B), second = memory.allocate(1_MiB, 64_B);
  if (!first || !second || memory.gap() >= GlobalMemory::kUsualGap) return false;
  *memory.host(*second) = std::byte{7};
  return second->value() - first->value() >= (1U << 20U) + memory.gap().count();
}

std::string refusal(Bytes capacity) {
  try {
    const GlobalMemory memory(capacity);
  } catch (const UserError& error) {
    return error.what();
  }
  return "none";
}

TEST(GlobalMemory, AGuestsAddressIsTheHostsPointerWhereNothingElseLies) {
  // ThreadSanitizer, too, leaves the place free; AddressSanitizer's shadow covers it.
  if (kShadowed) GTEST_SKIP() << "shadow memory may lie there";
  GlobalMemory first(1_GiB);
  ASSERT_TRUE(first.is_shared());
  const auto address = first.allocate(1_MiB, 64_B);
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first.host(*address)), address->value());
}

TEST(GlobalMemory, TwoInOneProcessWorkAndAtMostOneIsShared) {
  GlobalMemory first(1_GiB), second(1_GiB);
  EXPECT_FALSE(second.is_shared());
  const auto a = first.allocate(64_B, 64_B), b = second.allocate(64_B, 64_B);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(*a, *b) << "guests cannot tell them apart";
  *first.host(*a) = std::byte{1};
  *second.host(*b) = std::byte{2};
  EXPECT_EQ(*first.host(*a), std::byte{1});
  EXPECT_TRUE(first.contains(first.host(*a)) && second.contains(second.host(*b)));
  EXPECT_FALSE(first.contains(second.host(*b)) || second.contains(first.host(*a)));
}

TEST(GlobalMemory, ItGoesElsewhereWhereTheProgramHasMappedSomething) {
  auto* wanted = reinterpret_cast<void*>(isa::kGlobalBase + (1ULL << 30U));
  void* mine = ::mmap(wanted, 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (!kShadowed) ASSERT_EQ(mine, wanted);
  {
    GlobalMemory memory(1_GiB);
    EXPECT_FALSE(memory.is_shared() && mine == wanted);
    const auto address = memory.allocate(1_MiB, 64_B);
    ASSERT_TRUE(address.has_value());
    *memory.host(*address) = std::byte{3};
  }
  if (mine != MAP_FAILED) EXPECT_EQ(::munmap(mine, 4096), 0) << "still the program's";
}

TEST(GlobalMemory, ItKnowsToTheByteWhatIsAllocated) {
  GlobalMemory memory(1_MiB);
  const auto address = memory.allocate(100_B, 64_B);
  ASSERT_TRUE(address.has_value());
  EXPECT_TRUE(memory.is_allocated(*address, 100_B));
  EXPECT_TRUE(memory.is_allocated(*address + 99_B, 1_B));
  EXPECT_FALSE(memory.is_allocated(*address, 101_B));
  EXPECT_FALSE(memory.is_allocated(*address + 50_B, Bytes(~std::uint64_t{0})));
  EXPECT_FALSE(memory.is_allocated(*address + 200_B, 1_B));
  EXPECT_FALSE(memory.is_allocated(DeviceAddress(64), 1_B));
  memory.free(*address);
  EXPECT_FALSE(memory.is_allocated(*address, 1_B));
}

TEST(GlobalMemory, BuffersLieNearerToEachOtherWhereAddressSpaceIsLimited) {
  SKIP_WITH_SHADOW_MEMORY();
  EXPECT_EQ(GlobalMemory(1_GiB).gap(), GlobalMemory::kUsualGap);
  for (const std::uint64_t bytes : {60 * kGiB, 20 * kGiB, 6 * kGiB})
    EXPECT_TRUE(holds_with_address_space(bytes, [] { return works(1_GiB); })) << bytes;
}

TEST(GlobalMemory, OfALimitedAddressSpaceAPartIsLeftForTheProgram) {
  SKIP_WITH_SHADOW_MEMORY();
  EXPECT_TRUE(holds_with_address_space(20 * kGiB, [] {
    const GlobalMemory memory(4_GiB);
    return ::operator new(kGiB, std::nothrow) != nullptr;
  }));
}

TEST(GlobalMemory, ACapacityThatDoesNotFitIsRefusedWithWhatHelps) {
  SKIP_WITH_SHADOW_MEMORY();
  EXPECT_TRUE(holds_with_address_space(4 * kGiB, [] {
    const std::string text = refusal(16_GiB);
    return text.find("ulimit -v") != std::string::npos &&
           text.find("dram.capacity") != std::string::npos && refusal(1_GiB) == "none";
  }));
}

}  // namespace
}  // namespace isobar::simt
