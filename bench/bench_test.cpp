// The benchmarks' own arithmetic and their kernels against answers worked out on the host, on PoCL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/version.h"
#include "bench/row.h"
#include "bench/suites.h"
#include "bench/workloads.h"

namespace isobar::bench {
namespace {

using testing::HasSubstr;

const Workload& find(std::string_view name) {
  for (const Workload& workload : workloads())
    if (workload.name == name) return workload;
  throw std::out_of_range("no such workload");
}

TEST(Row, IsOneLineOfJsonWithNullsForWhatIsAbsent) {
  const std::string version = R"({"isobar":")" + version_text() + R"(",)";
  EXPECT_EQ(
      to_json({"simt", "vecadd", 2.5, "ms", "PoCL", 5, 0.5}),
      version +
          R"("suite":"simt","name":"vecadd","value":2.5,"unit":"ms","peer":"PoCL","peer_value":5.0,"ratio":0.5})");
  EXPECT_EQ(
      to_json({"simt", "rate", 4, "G/s"}),
      version +
          R"("suite":"simt","name":"rate","value":4.0,"unit":"G/s","peer":null,"peer_value":null,"ratio":null})");
}

TEST(Statistics, MedianAndGeometricMean) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_DOUBLE_EQ(geometric_mean({1, 4, 16}), 4);
  EXPECT_TRUE(std::isnan(median({})));
}

TEST(Suites, AnUnknownNameListsTheRightOnes) {
  try {
    (void)run_suite("simd", {});
    FAIL();
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("simt, train, opencl, timing"));
  }
}

TEST(Suites, AnUnknownSectionOfTimingListsTheRightOnes) {
  Options options;
  options.section = "asic";
  try {
    (void)run_suite("timing", options);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no section \"asic\" (there are rtl"));
  }
}

TEST(Disagreement, FindsWrongNumbersNansAndSizes) {
  const Workload& exact = find("vecadd");
  const Workload& loose = find("layernorm");
  const Values one = std::vector<float>{1, 2}, off = std::vector<float>{1, 2.00001F},
               nan = std::vector<float>{1, NAN}, more = std::vector<float>{1, 2, 3},
               whole = std::vector<std::uint32_t>{1, 2};
  EXPECT_FALSE(disagreement(exact, one, one));
  EXPECT_TRUE(disagreement(exact, off, one));
  EXPECT_TRUE(disagreement(loose, off, one));
  EXPECT_FALSE(disagreement(loose, std::vector<float>{1, 2.000001F}, one));
  EXPECT_TRUE(disagreement(loose, nan, one));
  EXPECT_TRUE(disagreement(loose, one, nan));
  EXPECT_TRUE(disagreement(exact, more, one));
  EXPECT_TRUE(disagreement(exact, whole, one));
}

Session& pocl() {
  static Session session(nn::choose_device("portable computing"));
  return session;
}
template <class T>
std::vector<T> result_on_pocl(std::string_view name) {
  const Instance instance = find(name).prepare(pocl(), Size::kTest);
  instance.enqueue();
  return std::get<std::vector<T>>(instance.result());
}

TEST(Kernels, HistogramCountsEveryByteOnce) {
  const auto bins = result_on_pocl<std::uint32_t>("histogram");
  EXPECT_EQ(std::accumulate(bins.begin(), bins.end(), std::uint64_t{0}), 4U * 100'003U);
}
TEST(Kernels, SoftmaxRowsSumToOne) {
  const auto values = result_on_pocl<float>("softmax");
  for (std::size_t row = 0; row < 37; ++row) {
    const auto* begin = values.data() + row * 300;
    EXPECT_NEAR(std::accumulate(begin, begin + 300, 0.0), 1.0, 1e-5);
  }
}
TEST(Kernels, BothMatrixMultipliesAgree) {
  const auto naive = result_on_pocl<float>("sgemm naive"),
             tiled = result_on_pocl<float>("sgemm tiled");
  ASSERT_EQ(naive.size(), tiled.size());
  for (std::size_t i = 0; i < naive.size(); ++i) ASSERT_NEAR(naive[i], tiled[i], 1e-4);
}
TEST(Kernels, MandelbrotHasAnInsideAndAnOutside) {
  const auto counts = result_on_pocl<std::uint32_t>("mandelbrot");
  EXPECT_LE(counts.front(), 2U);
  EXPECT_GT(std::ranges::count(counts, 256U), 1000);
}

}  // namespace
}  // namespace isobar::bench
