// Random kernels (random_program.h) compiled with and without optimisation for the simulated chip,
// and on PoCL: all work-items must agree, bit for bit. Kernels are built in packs, since starting a
// compiler takes longer than compiling one; each has its own types and functions and counts as a
// program. 50 run by default; ISOBAR_LONG=1 runs 10,000. ISOBAR_RANDOM_FIRST and
// ISOBAR_RANDOM_COUNT choose others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/opencl_icd.h"
#include "bench/random/random_program.h"
#include "bench/session.h"

namespace isobar::bench {
namespace {

constexpr std::uint32_t kSeed = 13, kShort = 50, kLong = 11'500, kPack = 25;
constexpr cl_uint kUnwritten = 0xdeadbeef;

struct Target {
  const char* name;
  Session session;
  const char* options;
  bool is_pocl = false;
};

std::vector<cl_uint> run(Session& session, const cl::Program& program,
                         const RandomProgram& random) {
  const std::size_t items = random.local_size * random.groups;
  std::vector<cl_uint> in(kRandomInputs);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<cl_uint>(i * i * 2654435761U + i);
  const cl::Buffer out = session.buffer(std::span<const cl_uint>(std::vector(items, kUnwritten)));
  const cl::Buffer input = session.buffer(std::span<const cl_uint>(in));
  const cl::Buffer scratch = session.buffer(items * kRandomScratchBytes);
  cl::Kernel kernel(program, random.name.c_str());
  kernel.setArg(0, out);
  kernel.setArg(1, input);
  kernel.setArg(2, scratch);
  session.queue().enqueueNDRangeKernel(kernel, cl::NullRange, cl::NDRange(items),
                                       cl::NDRange(random.local_size));
  return session.read<cl_uint>(out, items);
}

std::uint32_t number_from(const char* variable, std::uint32_t otherwise) {
  const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : otherwise;
}

/// How many of a pack's programs differ between targets.
std::size_t differences_in(std::vector<Target>& targets, const std::vector<RandomProgram>& pack) {
  std::string source;
  for (const RandomProgram& random : pack) source += random.source;
  std::vector<cl::Program> programs;
  for (Target& target : targets) programs.push_back(target.session.build(source, target.options));
  std::size_t differences = 0;
  for (const RandomProgram& random : pack) {
    const std::vector<cl_uint> expected = run(targets[0].session, programs[0], random);
    for (std::size_t t = 1; t < targets.size(); ++t) {
      // PoCL 3.1 goes on with work-items that have ended in such kernels: behind the last barrier,
      // `if (id == 3) { out[id] = 7; return; }` leaves another value than 7 in out[3].
      if (targets[t].is_pocl && random.exits_and_barriers) continue;
      const std::vector<cl_uint> got = run(targets[t].session, programs[t], random);
      if (got == expected) continue;
      ++differences;
      const auto at = std::ranges::mismatch(got, expected).in1 - got.begin();
      ADD_FAILURE() << random.name << " (local size " << random.local_size << ", " << random.groups
                    << " groups): work-item " << at << " is " << got[static_cast<std::size_t>(at)]
                    << " on " << targets[t].name << ", " << expected[static_cast<std::size_t>(at)]
                    << " on " << targets[0].name << "\n"
                    << random.source;
    }
  }
  return differences;
}

TEST(RandomPrograms, GiveTheSameOptimisedOrNotAndOnPocl) {
  const bool is_long = std::getenv("ISOBAR_LONG") != nullptr;  // NOLINT(concurrency-mt-unsafe)
  const std::uint32_t first = number_from("ISOBAR_RANDOM_FIRST", 0);
  const std::uint32_t count = number_from("ISOBAR_RANDOM_COUNT", is_long ? kLong : kShort);
  std::vector<Target> targets;
  targets.push_back({"Isobar", Session(nn::choose_device("isobar")), "-cl-std=CL3.0 -w"});
  targets.push_back({"Isobar without optimisation", Session(nn::choose_device("isobar")),
                     "-cl-std=CL3.0 -cl-opt-disable -w"});
  targets.push_back({"PoCL", Session(nn::choose_device("portable computing")),
                     "-cl-std=CL3.0 -cl-opt-disable -w", true});  // compiles three times as fast
  std::size_t differences = 0;
  for (std::uint32_t done = 0; done < count; done += kPack) {
    std::vector<RandomProgram> pack;
    for (std::uint32_t i = done; i < std::min(count, done + kPack); ++i)
      pack.push_back(random_program(kSeed, first + i));
    differences += differences_in(targets, pack);
    if (count > kShort)
      std::cout << done + pack.size() << " of " << count << " programs, " << differences
                << " differences" << std::endl;  // NOLINT(performance-avoid-endl): progress
  }
  EXPECT_EQ(differences, 0U);
}

TEST(RandomPrograms, AreTheSameForTheSameSeed) {
  EXPECT_EQ(random_program(1, 2).source, random_program(1, 2).source);
  EXPECT_NE(random_program(1, 2).source, random_program(1, 3).source);
}

/// Runs before the first OpenCL call.
class Loader : public testing::Environment {
  void SetUp() override { offer_isobar_to_opencl(); }
};
const auto* const kLoader = testing::AddGlobalTestEnvironment(new Loader);

}  // namespace
}  // namespace isobar::bench
