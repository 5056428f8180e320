// The compiler through its door: programs, logs, options, objects and libraries, the cache. What
// the programs compute is tested where they run (opencl/, builtins/).
#include "compiler/compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

#include "base/file/file.h"
#include "base/file/temporary_folder.h"
#include "compiler/build_options.h"
#include "compiler/kernel_cache.h"
#include "elf/elf_image.h"
#include "elf/kernel_metadata.h"
#include "elf/line_table.h"
#include "isa/guest_abi.h"
#include "isa/instruction.h"
#include "isa/trap.h"

namespace isobar::compiler {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class Compiler : public testing::Test {
 protected:
  Result compile(const std::string& text, const std::string& options = "", bool cache = false) {
    Options settings;
    settings.build_options = options;
    settings.use_cache = cache;
    settings.cache_directory = folder_ / "cache";
    return build({text, "kernel.cl", {}}, settings);
  }

  static elf::ProgramMetadata metadata(const Result& result) {
    EXPECT_TRUE(result.ok) << result.log;
    const auto image = elf::Image::parse(result.binary, "test");
    const auto section = image.section(isa::kMetadataSection);
    return elf::ProgramMetadata::from_json(
        {reinterpret_cast<const char*>(section->data()), section->size()});
  }

  TemporaryFolder folder_{"isobar-compiler-test"};
};

TEST_F(Compiler, DescribesArgumentsAsTheDriverMustPassThem) {
  const auto program = metadata(compile(R"(
struct P { int a; float b; };
kernel __attribute__((reqd_work_group_size(8, 2, 1)))
void f(global const float* restrict x, float4 v, struct P p, local int* l, constant int* c,
       char3 k, volatile global int* flag) {
  local int table[16];
  table[get_local_id(0)] = l[0] + c[0] + k.y + p.a;
  *flag = table[3] + (int)(x[0] + v.y);
})"));
  ASSERT_EQ(program.kernels.size(), 1U);
  const elf::KernelInfo& f = program.kernels[0];
  EXPECT_EQ(f.name, "f");
  EXPECT_EQ(f.attributes, "reqd_work_group_size(8,2,1)");
  EXPECT_EQ(f.required_local_size, (std::array<std::uint64_t, 3>{8, 2, 1}));
  EXPECT_EQ(f.local_bytes, 64U);
  std::vector<std::uint32_t> offsets;
  std::vector<std::uint32_t> sizes;
  for (const auto& argument : f.arguments) {
    offsets.push_back(argument.offset);
    sizes.push_back(argument.size);
  }
  EXPECT_THAT(offsets, ElementsAre(0, 16, 32, 40, 48, 56, 64));
  EXPECT_THAT(sizes, ElementsAre(8, 16, 8, 8, 8, 4, 8));
  EXPECT_EQ(f.argument_bytes, 72U);
  EXPECT_TRUE(f.arguments[0].is_restrict && f.arguments[0].is_const);
  EXPECT_EQ(f.arguments[3].kind, elf::ArgumentKind::kLocalPointer);
  EXPECT_EQ(f.arguments[4].address, elf::AddressQualifier::kConstant);
  EXPECT_TRUE(f.arguments[6].is_volatile);
  EXPECT_EQ(f.arguments[2].type_name, "struct P");
}

TEST_F(Compiler, LocalVariablesOfDifferentKernelsOverlapAndSharedOnesDoNot) {
  const auto program = metadata(compile(R"(
kernel void a(global int* x) { local int s[1000]; s[get_local_id(0)] = x[0]; barrier(1); x[1] = s[5]; }
kernel void b(global int* x) { local int s[500]; local double t[10];
  s[get_local_id(0)] = x[0]; t[get_local_id(0) % 10] = x[1]; barrier(1); x[1] = s[5] + t[3]; }
kernel void c(global int* x) { x[0] = 1; })"));
  EXPECT_EQ(program.kernels[0].local_bytes, 4000U);
  EXPECT_EQ(program.kernels[1].local_bytes, 2080U);
  EXPECT_EQ(program.kernels[2].local_bytes, 0U);
}

/// How many loads and stores of a kernel go to its stack.
unsigned stack_accesses(const Result& result, const std::string& kernel) {
  EXPECT_TRUE(result.ok) << result.log;
  constexpr std::uint8_t kStackPointer = 2;
  const auto image = elf::Image::parse(result.binary, "test");
  unsigned count = 0;
  for (const elf::Symbol& symbol : image.symbols()) {
    if (symbol.name != isa::kEntryPrefix + kernel) continue;
    for (const elf::Segment& segment : image.segments())
      for (std::uint64_t at = symbol.address; at < symbol.address + symbol.size; at += 4) {
        if (!segment.executable || at < segment.address ||
            at + 4 > segment.address + segment.content.size())
          continue;
        std::uint32_t word = 0;
        std::memcpy(&word, &segment.content[at - segment.address], sizeof word);
        const isa::Instruction decoded = isa::decode(word);
        if (isa::info(decoded.opcode).memory_bytes != 0 && decoded.rs1 == kStackPointer) ++count;
      }
  }
  return count;
}

TEST_F(Compiler, AddressesThatDifferByAConstantShareARegister) {
  EXPECT_EQ(stack_accesses(compile(R"(
kernel void f(global const float* a, global float* out, uint n) {
  local float x[16][16], y[16][16];
  const uint i = get_local_id(0), j = get_local_id(1);
  float sum = 0;
  for (uint start = 0; start < n; start += 16) {
    x[j][i] = a[start + i];
    y[j][i] = a[start + j];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint k = 0; k < 16; ++k) sum += x[j][k] * y[k][i];  // 32 addresses, 31 registers
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  out[get_global_id(0)] = sum;
})"),
                           "f"),
            0U);
}

TEST_F(Compiler, AKernelKeepsNoRegistersForACaller) {
  // Two dozen values that are alive at once, more than a function may use without saving others'.
  EXPECT_EQ(stack_accesses(compile(R"(
kernel void f(global float* a, uint n) {
  float v[24];
  for (int i = 0; i < 24; ++i) v[i] = a[i];
  for (uint k = 0; k < n; ++k)
    for (int i = 0; i < 24; ++i) v[i] = v[i] * v[(i + 1) % 24] + 1;
  for (int i = 0; i < 24; ++i) a[i] = v[i];
})"),
                           "f"),
            0U);
}

TEST_F(Compiler, OptDisableLeavesVariablesWhereTheSourcePutsThem) {
  const char* text = "kernel void f(global int* a) { int b = a[0]; int c = b + a[1]; a[2] = c; }";
  EXPECT_EQ(stack_accesses(compile(text), "f"), 0U);
  const Result plain = compile(text, "-cl-opt-disable");
  ASSERT_TRUE(plain.ok) << plain.log;
  EXPECT_GE(metadata(plain).kernels.at(0).private_bytes, 2 * sizeof(int) + sizeof(void*));
}

TEST_F(Compiler, AProgramMayCallItsFunctionsAsTheLibraryDoes) {
  // The copy of the structure calls the library's memcpy; isobar_power is in the library, too.
  const Result result = compile(R"(
typedef struct { int v[64]; } block;
void memcpy(global int* to, int value) { *to = value; }
float isobar_power(float x, double y) { return x - (float)y; }
constant int isobar_two_over_pi[4] = {1, 2, 3, 4};
kernel void f(global block* a, global int* b, global float* c) {
  block x = a[0];
  x.v[b[0]] = isobar_two_over_pi[b[1] & 3];
  a[1] = x;
  memcpy(b, 7);
  c[0] = pow(c[1], c[2]) + isobar_power(c[3], 2.0) + sin(c[4]);
})");
  EXPECT_TRUE(result.ok) << result.log;
}

TEST_F(Compiler, AProgramWithoutKernelsIsAProgram) {
  for (const char* text : {"", "int twice(int x) { return 2 * x; }",
                           "constant int table[3] = {1, 2, 3};", "global int counter;"}) {
    const auto program = metadata(compile(text, "-cl-std=CL3.0"));
    EXPECT_TRUE(program.kernels.empty()) << text;
  }
}

TEST_F(Compiler, TheLastInstructionIsATrap) {
  const Result result = compile("kernel void f(global int* x) { x[0] = 1; }");
  ASSERT_TRUE(result.ok) << result.log;
  const auto image = elf::Image::parse(result.binary, "test");
  for (const elf::Segment& segment : image.segments()) {
    if (!segment.executable) continue;
    std::uint32_t word = 0;
    ASSERT_GE(segment.content.size(), sizeof word);
    std::memcpy(&word, &segment.content[segment.content.size() - sizeof word], sizeof word);
    EXPECT_EQ(word, isa::kUnimp);
  }
}

TEST_F(Compiler, AStackBeyondThePrivateWindowIsRefused) {
  const Result one = compile(
      "kernel void f(global int* x) {\n  int a[1 << 27];\n"
      "  for (int i = 0; i < 100; ++i) a[x[i]] = i;\n  x[0] = a[x[1]];\n}");
  EXPECT_FALSE(one.ok);
  EXPECT_THAT(one.log, HasSubstr("error: function 'f' (kernel.cl:1)"));
  EXPECT_THAT(one.log, HasSubstr("536870912 bytes of stack"));
  EXPECT_THAT(one.log, HasSubstr("at most 268435456"));
  // Each fits by itself.
  const Result chain = compile(
      "#define USE(x) int a[40 << 20]; for (int i = 0; i < 100; ++i) a[x[i]] = i\n"
      "__attribute__((noinline)) int g(global int* x) { USE(x); return a[x[1]]; }\n"
      "kernel void f(global int* x) { USE(x); x[0] = g(x) + a[x[2]]; }");
  EXPECT_FALSE(chain.ok);
  EXPECT_THAT(chain.log, HasSubstr("kernel 'f' needs 3355"));
  EXPECT_THAT(chain.log, HasSubstr("stack"));
}

TEST_F(Compiler, AKernelSaysHowMuchStackItNeeds) {
  const auto program = metadata(compile(R"(
__attribute__((noinline)) int g(global int* x) {
  int a[500];
  for (int i = 0; i < 500; ++i) a[x[i]] = i;
  return a[x[1]];
}
kernel void deep(global int* x) {
  int a[1000];
  for (int i = 0; i < 1000; ++i) a[x[i]] = i;
  x[0] = g(x) + a[x[2]];
}
kernel void flat(global int* x) { x[0] = 1; })"));
  EXPECT_GE(program.kernels.at(0).private_bytes, 6000U);
  EXPECT_LE(program.kernels.at(0).private_bytes, 6400U);
  EXPECT_EQ(program.kernels.at(1).private_bytes, 0U);
}

TEST_F(Compiler, DiagnosticsNameTheUsersFileAndLine) {
  const Result wrong = compile("kernel void f(global int* x) {\n  x[0] = y;\n}\n");
  EXPECT_FALSE(wrong.ok);
  EXPECT_THAT(wrong.log, HasSubstr("kernel.cl:2:10: error: use of undeclared identifier 'y'"));
  const Result missing =
      compile("int helper(int);\nkernel void f(global int* x) {\n  x[0] = helper(x[1]);\n}\n");
  EXPECT_FALSE(missing.ok);
  EXPECT_THAT(missing.log, HasSubstr("kernel.cl:3:"));
  EXPECT_THAT(missing.log, HasSubstr("no function 'helper' is defined"));
  const Result warned =
      compile("kernel void f(global int* x) {\n  int unused;\n  x[0] = 1;\n}\n", "-Wall");
  EXPECT_TRUE(warned.ok);
  EXPECT_THAT(warned.log, HasSubstr("kernel.cl:2:"));
}

TEST_F(Compiler, AnImageArgumentIsRefusedByName) {
  const Result result = compile("kernel void f(read_only image2d_t picture) {}");
  EXPECT_FALSE(result.ok);
  EXPECT_THAT(result.log, HasSubstr("image"));
}

TEST_F(Compiler, KeepsTheLinesOfTheSource) {
  const Result result =
      compile("kernel void f(global int* x) {\n\n  x[get_global_id(0)] = 7;\n}\n");
  ASSERT_TRUE(result.ok) << result.log;
  const auto image = elf::Image::parse(result.binary, "test");
  const auto lines = elf::LineTable::parse(*image.section(isa::kLineSection));
  std::vector<std::uint32_t> found;
  for (const auto& row : lines.rows) found.push_back(row.line);
  EXPECT_THAT(found, Contains(3U));
  EXPECT_THAT(lines.files, Contains("kernel.cl"));
}

// So that a binary which a program kept, or which was linked from objects, can show its lines.
TEST_F(Compiler, KeepsTheTextOfTheLines) {
  const Result result = compile(
      "#define PUT(v) x[get_global_id(0)] = v\n"
      "kernel void f(global int* x) {\n\n  PUT(7);\n#line 40 \"inner.h\"\n  x[1] = 8;\n}\n");
  ASSERT_TRUE(result.ok) << result.log;
  const auto image = elf::Image::parse(result.binary, "test");
  auto lines = elf::LineTable::parse(*image.section(isa::kLineSection));
  lines.parse_texts(*image.section(isa::kSourceSection));
  std::vector<std::string> texts;
  for (const auto& row : lines.rows)
    if (const auto where = lines.find(row.pc)) texts.push_back(where->text);
  EXPECT_THAT(texts, Contains("PUT(7);"));
  EXPECT_THAT(texts, Contains("x[1] = 8;"));
}

TEST_F(Compiler, HostileSourcesAreErrorsAndNotCrashes) {
  for (const std::string& text :
       std::vector<std::string>{std::string(), std::string("\0\0\0", 3), std::string(100'000, '('),
                                std::string("#include \"no.h\"\n"),
                                std::string("kernel void f() { __asm(\"nonsense %0\"); }"),
                                std::string("kernel int f() {}"), std::string("#error stop\n"),
                                std::string("kernel void f(global int* x) { x[0] = \xff\xfe; }")}) {
    const Result result = compile(text);
    if (!result.ok) {
      EXPECT_THAT(result.log, HasSubstr("error"));
      EXPECT_THAT(result.log, Not(HasSubstr("crashed")));
    }
  }
}

TEST_F(Compiler, OptionsAreChecked) {
  EXPECT_TRUE(compile("kernel void f(global int* x) { x[0] = A; }", "-D A=3 -cl-std=CL3.0").ok);
  EXPECT_TRUE(compile("kernel void f(global int* x) { x[0] = A; }", "-DA=\"1 + 2\"").ok);
  for (const char* bad : {"-fsomething", "-cl-std=CL9", "-D", "--target=x86_64", "-o /tmp/x",
                          "-DA=\"1", "-Wl,-shared"}) {
    const Result result = compile("kernel void f() {}", bad);
    EXPECT_FALSE(result.ok) << bad;
    EXPECT_TRUE(result.bad_options) << bad;
    EXPECT_THAT(result.log, HasSubstr("error")) << bad;
  }
}

TEST(SplitOptions, QuotesAndBackslashesProtect) {
  EXPECT_THAT(split_options("  -DA=\"b c\"\t-I 'x y' \\\"q\\\" -D\\ z "),
              ElementsAre("-DA=b c", "-I", "x y", "\"q\"", "-D z"));
  EXPECT_THAT(split_options(""), ElementsAre());
}

TEST_F(Compiler, TheLanguageVersionIsAsTheStandardWantsIt) {
  const char* text =
      "#if __OPENCL_C_VERSION__ != WANTED\n#error wrong version\n#endif\n"
      "#ifdef __IMAGE_SUPPORT__\n#error there are no images\n#endif\nkernel void f() {}";
  EXPECT_TRUE(compile(text, "-DWANTED=120").ok) << "OpenCL C 1.2 unless asked otherwise";
  EXPECT_TRUE(compile(text, "-DWANTED=300 -cl-std=CL3.0").ok);
  EXPECT_TRUE(compile(text, "-DWANTED=200 -cl-std=CL2.0").ok);
}

TEST_F(Compiler, ObjectsLinkToAProgramAndALibraryToAnObject) {
  Options options;
  options.use_cache = false;
  const Result one = compile_only({"int twice(int x) { return 2 * x; }\n#include \"other/one.h\"\n",
                                   "one.cl",
                                   {{"other/one.h", "int thrice(int x) { return 3 * x; }\n"}}},
                                  options);
  const Result two =
      compile_only({"int twice(int); int thrice(int);\n"
                    "kernel void f(global int* x) { x[0] = twice(x[1]) + thrice(x[2]); }\n",
                    "two.cl",
                    {}},
                   options);
  ASSERT_TRUE(one.ok) << one.log;
  ASSERT_TRUE(two.ok) << two.log;
  const Result alone = link({two.binary}, options);
  EXPECT_FALSE(alone.ok);
  EXPECT_THAT(alone.log, HasSubstr("'twice'"));
  EXPECT_EQ(metadata(link({one.binary, two.binary}, options)).kernels.size(), 1U);

  Options as_library = options;
  as_library.build_options = "-create-library";
  const Result library = link({one.binary}, as_library);
  ASSERT_TRUE(library.ok) << library.log;
  EXPECT_EQ(metadata(link({library.binary, two.binary}, options)).kernels.size(), 1U);

  const std::vector<std::byte> noise(100, std::byte{42});
  EXPECT_THAT(link({noise}, options).log, HasSubstr("not made by clCompileProgram"));
  auto damaged = one.binary;
  damaged.resize(damaged.size() / 2);
  EXPECT_FALSE(link({damaged, two.binary}, options).ok);
}

TEST_F(Compiler, AHeaderCannotClimbOutOfItsFolder) {
  Options options;
  const Result result =
      compile_only({"kernel void f() {}", "a.cl", {{"../../evil.h", "int x;"}}}, options);
  EXPECT_FALSE(result.ok);
  EXPECT_THAT(result.log, HasSubstr("../../evil.h"));
}

TEST_F(Compiler, TheCacheGivesTheSameProgramAndLogAgain) {
  const std::string text = "kernel void f(global int* x) { int unused; x[0] = 1; }";
  const Result first = compile(text, "-Wall", true);
  const Result second = compile(text, "-Wall", true);
  EXPECT_FALSE(first.from_cache);
  EXPECT_TRUE(second.from_cache);
  EXPECT_TRUE(first.binary == second.binary);
  EXPECT_EQ(first.log, second.log);
  EXPECT_FALSE(compile(text + " ", "-Wall", true).from_cache);
  EXPECT_FALSE(compile(text, "-Wall -DX", true).from_cache);
}

TEST_F(Compiler, TheCacheSeesAChangedHeader) {
  const fs::path header = folder_ / "value.h";
  write_text_atomically(header, "#define VALUE 1\n");
  const std::string text = "#include \"value.h\"\nkernel void f(global int* x) { x[0] = VALUE; }";
  const std::string options = "-I " + folder_.path().string();
  const Result first = compile(text, options, true);
  ASSERT_TRUE(first.ok) << first.log;
  EXPECT_TRUE(compile(text, options, true).from_cache);
  write_text_atomically(header, "#define VALUE 2\n");
  const Result changed = compile(text, options, true);
  EXPECT_FALSE(changed.from_cache);
  EXPECT_NE(changed.binary, first.binary);
}

TEST_F(Compiler, ADamagedCacheEntryIsCompiledAgain) {
  const std::string text = "kernel void f(global int* x) { x[0] = 1; }";
  const Result first = compile(text, "", true);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_ / "cache")) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{10}, std::size_t{30}, fs::file_size(entry) - 1}) {
      fs::resize_file(entry, size);
      const Result again = compile(text, "", true);
      EXPECT_FALSE(again.from_cache) << size;
      EXPECT_TRUE(again.binary == first.binary);
    }
  }
}

TEST_F(Compiler, ACacheEntryWithAFlippedBitIsCompiledAgain) {
  const std::string text = "kernel void f(global int* x) { x[0] = 1; }";
  const Result first = compile(text, "", true);
  const fs::path entry = fs::directory_iterator(folder_ / "cache")->path();
  const std::string whole = read_text(entry);
  for (std::size_t i = 0; i < 8; ++i) {
    const std::size_t bit = i * (8 * whole.size() - 1) / 7;
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    write_text_atomically(entry, damaged);
    const Result again = compile(text, "", true);
    EXPECT_FALSE(again.from_cache) << bit;
    EXPECT_TRUE(again.binary == first.binary) << bit;
  }
}

TEST_F(Compiler, ACacheThatCannotBeWrittenIsNoError) {
  std::ofstream(folder_ / "cache") << "a file where the folder should be";
  EXPECT_TRUE(compile("kernel void f(global int* x) { x[0] = 1; }", "", true).ok);
}

TEST_F(Compiler, ManyThreadsShareOneCache) {
  std::vector<std::jthread> threads;
  std::vector<Result> results(8);
  for (std::size_t t = 0; t < results.size(); ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 4; ++round)
        results[t] = compile(
            "kernel void f(global int* x) { x[0] = " + std::to_string(round) + "; }", "", true);
    });
  threads.clear();
  for (const Result& result : results) {
    ASSERT_TRUE(result.ok) << result.log;
    EXPECT_TRUE(result.binary == results[0].binary);
  }
}

TEST_F(Compiler, TheCacheForgetsWhatWasNotUsedForLongest) {
  const KernelCache cache(folder_ / "small", 3000);
  const CachedProgram program{"", std::vector<std::byte>(1000), {}};
  cache.store("a", program);
  cache.store("b", program);
  const auto hour_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const auto& entry : fs::directory_iterator(folder_ / "small"))
    fs::last_write_time(entry, hour_ago);
  EXPECT_TRUE(cache.find("a"));  // used: now the newest
  cache.store("c", program);
  EXPECT_TRUE(cache.find("a"));
  EXPECT_FALSE(cache.find("b"));
  EXPECT_TRUE(cache.find("c"));
}

}  // namespace
}  // namespace isobar::compiler
