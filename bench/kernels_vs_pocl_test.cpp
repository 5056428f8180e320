// The kernels of `isobar bench simt`, small, on the simulated chip and on PoCL: bit for bit, or
// within the tolerance that workloads.cpp states with its reason.
#include <gtest/gtest.h>

#include "base/opencl_icd.h"
#include "bench/workloads.h"

namespace isobar::bench {
namespace {

struct Devices {
  Session ours{nn::choose_device("isobar")};
  Session pocl{nn::choose_device("portable computing")};
};
Devices& devices() {
  static Devices both;
  return both;
}

class KernelsVsPocl : public testing::TestWithParam<Workload> {};

TEST_P(KernelsVsPocl, GiveTheSameResult) {
  const Workload& workload = GetParam();
  const Instance mine = workload.prepare(devices().ours, Size::kTest);
  const Instance theirs = workload.prepare(devices().pocl, Size::kTest);
  mine.enqueue();
  theirs.enqueue();
  const auto wrong = disagreement(workload, mine.result(), theirs.result());
  EXPECT_FALSE(wrong.has_value()) << wrong.value_or("");
}

std::string name_of(const testing::TestParamInfo<Workload>& info) {
  std::string name;
  for (const char c : std::string(info.param.name))
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  return name;
}
INSTANTIATE_TEST_SUITE_P(Table, KernelsVsPocl,
                         testing::ValuesIn(workloads().begin(), workloads().end()), name_of);

/// Runs before the first OpenCL call.
class Loader : public testing::Environment {
  void SetUp() override { offer_isobar_to_opencl(); }
};
const auto* const kLoader = testing::AddGlobalTestEnvironment(new Loader);

}  // namespace
}  // namespace isobar::bench
