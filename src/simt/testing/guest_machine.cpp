#include "simt/testing/guest_machine.h"

#include <filesystem>
#include <map>

#include "base/file/file.h"
#include "base/file/temporary_folder.h"
#include "base/subprocess.h"

namespace isobar::simt {
namespace {
namespace fs = std::filesystem;

constexpr char kPrelude[] = R"(
typedef unsigned long u64; typedef unsigned u32; typedef int i32; typedef unsigned char u8;
#define CSR(number) ({ u64 r_; __asm__("csrr %0, " #number : "=r"(r_)); r_; })
static inline u64 gid(void) { return CSR(0xcc0); }
static inline u64 lid(void) { return CSR(0xcc3); }
static inline u64 group(void) { return CSR(0xcc6); }
static inline void barrier(void) { __asm__ volatile(".word 0x0000000b" ::: "memory"); }
#define EXIT() do { __asm__ volatile(".word 0x0200000b"); __builtin_unreachable(); } while (0)
#define CROSS(f3, f7, a, b) ({ u64 r_; \
  __asm__ volatile(".insn r 0x0b, " #f3 ", " #f7 ", %0, %1, %2" : "=r"(r_) : "r"((u64)(a)), "r"((u64)(b))); r_; })
#define VOTE(f7, a) ({ u64 r_; \
  __asm__ volatile(".insn r 0x0b, 2, " #f7 ", %0, %1, x0" : "=r"(r_) : "r"((u64)(a))); r_; })
#define KERNEL(type) \
  static void kernel(const type *a); \
  void _start(const type *a) { kernel(a); EXIT(); } \
  static __attribute__((noinline)) void kernel(const type *a)
#define LOCAL ((volatile u32 *)0x40000000)
)";

elf::Image build(const std::string& text) {
  const TemporaryFolder folder("isobar-simt");
  const fs::path source = folder / "guest.c", program = folder / "guest.elf";
  write_text_atomically(source, kPrelude + text);
  const auto result =
      run_subprocess({"clang-19", "--target=riscv64", "-march=rv64imafd_zfh_zba_zbb_zbs_zicond",
                      "-mabi=lp64d", "-O2", "-ffreestanding", "-fno-builtin", "-nostdlib",
                      "-static", "-mcmodel=medany", "-fuse-ld=lld", "-mllvm",
                      "-disable-block-placement", "-o", program.string(), source.string()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  return elf::Image::parse(read_file(program), "test");
}

}  // namespace

std::shared_ptr<Program> compile_guest(const std::string& text, std::uint64_t& entry) {
  static std::map<std::string, elf::Image> images;
  auto found = images.find(text);
  if (found == images.end()) found = images.emplace(text, build(text)).first;
  entry = found->second.entry();
  return Program::load(found->second);
}

std::string guest_assembly(const std::string& text) {
  std::string lines;
  for (const char c : text) lines += c == '\n' ? std::string("\\n") : std::string(1, c);
  return "__asm__(\".globl _start\\n" + lines + "\");";
}

std::vector<VectorPath> supported_paths() {
  std::vector<VectorPath> result;
  for (const VectorPath path : {VectorPath::kPortable, VectorPath::kAvx2, VectorPath::kAvx512}) {
    if (is_supported(path)) result.push_back(path);
  }
  return result;
}

std::string describe(const LaunchResult& result) {
  if (!result.fault) return "none";
  return std::string(name(result.fault->kind)) + ": " + result.fault->detail;
}

}  // namespace isobar::simt
