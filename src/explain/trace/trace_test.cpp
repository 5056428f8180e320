// The reader, held against traces written by hand for each back end, and against damaged ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/temporary_folder.h"
#include "explain/flops/operation_flops.h"
#include "explain/trace/clock.h"
#include "explain/trace/trace_reader.h"

namespace isobar::explain {
namespace {

using ::testing::HasSubstr;

std::filesystem::path sample(const char* name) {
  return std::filesystem::path(ISOBAR_SOURCE_DIR) / "src/explain/samples" / name;
}

Trace from_text(std::string_view text) {
  const auto source = text_source(text);
  return read_trace(*source, "text");
}

/// What reading `text` complains of; empty: nothing.
std::string complaint(std::string_view text) {
  try {
    (void)from_text(text);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

struct TraceFolder : TemporaryFolder {
  TraceFolder() : TemporaryFolder("isobar-trace-test") {}
  [[nodiscard]] std::filesystem::path write(const char* name, std::string_view content) const {
    std::ofstream(path() / name, std::ios::binary) << content;
    return path() / name;
  }
};

std::string gzipped(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Clock, ReadsMicrosecondsToTheNanosecondAsNumbersAndAsTexts) {
  EXPECT_EQ(nanoseconds_of("1740461679470813"), 1740461679470813000);
  EXPECT_EQ(nanoseconds_of("\"1699529623106750.125\""), 1699529623106750125);
  EXPECT_EQ(nanoseconds_of("0.5"), 500);
  EXPECT_EQ(nanoseconds_of("-3.25"), -3250);
  EXPECT_EQ(nanoseconds_of("1e3"), 1000000);
  for (const char* bad : {"", "x", "1e999", "99999999999999999999", "1.2.3", "\"\"", "null"})
    EXPECT_EQ(nanoseconds_of(bad), std::nullopt) << bad;
}

TEST(Trace, OfCudaTellsDeviceRankStepsStreamsAndLaunches) {
  const Trace trace = read_trace(sample("cuda.json"));
  EXPECT_EQ(trace.backend, "CUDA");
  EXPECT_EQ(trace.device_name, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(trace.device_sms, 100U);
  EXPECT_EQ(trace.rank, 3);
  EXPECT_EQ(trace.world_size, 8U);
  ASSERT_EQ(trace.steps.size(), 1U);
  EXPECT_EQ(trace.steps[0].number, 7);
  ASSERT_EQ(trace.device.size(), 6U);
  EXPECT_EQ(trace.device[0].begin, 10'000'000);
  EXPECT_EQ(trace.device[0].end, 10'500'000);
  EXPECT_EQ(trace.device[0].launched, 9'965'000);
  EXPECT_EQ(trace.device[0].grid[0], 132U);
  EXPECT_EQ(trace.streams.size(), 3U);
  ASSERT_EQ(trace.operations.size(), 1U);
  EXPECT_EQ(trace.operations[0].flops, 2ULL * 4096 * 4096 * 4096);
}

TEST(Trace, OfRocmHasDecimalsAndTwoDevicesInOneFile) {
  const Trace trace = read_trace(sample("rocm.json"));
  EXPECT_EQ(trace.backend, "ROCm");
  EXPECT_EQ(trace.device[0].begin, 200'250);
  EXPECT_EQ(trace.device[0].end, 300'750);
  EXPECT_NE(trace.streams[trace.device[0].stream].device,
            trace.streams[trace.device[1].stream].device);
}

TEST(Trace, OfAscendHasNoCategoriesAndQuotedTimesAndWaitsAreNoWork) {
  const Trace trace = read_trace(sample("ascend.json"));
  EXPECT_EQ(trace.backend, "Ascend");
  ASSERT_EQ(trace.steps.size(), 1U);
  std::vector<std::string> names;
  for (const DeviceEvent& event : trace.device) names.push_back(trace.names[event.name]);
  EXPECT_THAT(names, ::testing::Contains(HasSubstr("MatMulV3")));
  EXPECT_THAT(names, ::testing::Contains(HasSubstr("hcom_allReduce")));
  EXPECT_THAT(names, ::testing::Not(::testing::Contains(HasSubstr("EVENT_WAIT"))));
  EXPECT_EQ(trace.device[0].begin, 1699529623106200000);
  EXPECT_EQ(trace.device[0].end, 1699529623106500500);
  EXPECT_EQ(trace.device[0].launched, 1699529623106105620);
}

TEST(Trace, OfMtiaHasItsOwnCategories) {
  const Trace trace = read_trace(sample("mtia.json"));
  EXPECT_EQ(trace.backend, "MTIA");
  ASSERT_EQ(trace.device.size(), 4U);
  EXPECT_EQ(trace.device[0].launched, 1'020'000);
}

TEST(Trace, AsGzipInSeveralMembersIsTheSame) {
  const TraceFolder folder;
  const std::string text = read_text(sample("cuda.json"));
  const std::size_t half = text.size() / 2;
  const Trace trace = read_trace(
      folder.write("two.json.gz", gzipped(text.substr(0, half)) + gzipped(text.substr(half))));
  EXPECT_EQ(trace.device.size(), 6U);
  EXPECT_EQ(trace.bytes, text.size());
}

TEST(Trace, LargerThanTheWindowIsReadEventByEvent) {
  std::string text = "[";
  for (int i = 0; i < 20000; ++i)
    text +=
        (i == 0 ? "" : ",") +
        fmt::format(R"({{"ph":"X","cat":"kernel","name":"k{}","pid":0,"tid":7,"ts":{},"dur":0.5,)"
                    R"("args":{{"stream":7,"note":"a \"quoted\" }}]{{ and a long text {}"}}}})",
                    i % 10, i, std::string(200, 'x'));
  const Trace trace = from_text(text + "]");
  EXPECT_EQ(trace.device.size(), 20000U);
  EXPECT_EQ(trace.names.size(), 10U);
}

TEST(Trace, ThatCannotBeReadNamesWhatIsWrongAndTheRemedy) {
  const std::string good = read_text(sample("cuda.json"));
  EXPECT_THAT(complaint(""), HasSubstr("the file is empty"));
  EXPECT_THAT(complaint("hello"), HasSubstr("no JSON object or list at byte 0"));
  EXPECT_THAT(complaint("{\"a\": 1}"), HasSubstr("JSON without \"traceEvents\""));
  EXPECT_THAT(complaint("{\"traceEvents\": 5}"), HasSubstr("that is no list"));
  EXPECT_THAT(complaint("{\"traceEvents\": [7]}"), HasSubstr("an event that is no object"));
  EXPECT_THAT(complaint("{\"traceEvents\": []}"), HasSubstr("no work of a device among 0 events"));
  EXPECT_THAT(complaint(good.substr(0, good.size() / 2)),
              HasSubstr("the trace breaks off at byte"));
  EXPECT_THAT(complaint(good + "x"), HasSubstr("something after the end"));
  EXPECT_THAT(complaint("[{\"ph\": \"X\", \"cat\": kernel}]"), HasSubstr("is not JSON"));
  EXPECT_THAT(complaint("[" + std::string(200'000, '[') + "]"), HasSubstr("no object"));
  // Every beginning of a good trace is told apart from a good trace.
  for (std::size_t length = 0; length < good.size() - 2; length += 7)
    EXPECT_NE(complaint(std::string_view(good).substr(0, length)), "") << length;
}

TEST(Trace, AsDamagedGzipNamesTheFile) {
  const TraceFolder folder;
  const std::string whole = gzipped(read_text(sample("cuda.json")));
  std::string flipped = whole;
  for (std::size_t i = 100; i < 120; ++i) flipped[i] = static_cast<char>(~flipped[i]);
  for (const auto& [name, content] :
       {std::pair("cut.gz", whole.substr(0, whole.size() / 2)), std::pair("flipped.gz", flipped)})
    EXPECT_THROW(
        try { (void)read_trace(folder.write(name, content)); } catch (const UserError& error) {
          EXPECT_THAT(error.what(), HasSubstr(name));
          throw;
        },
        UserError);
  EXPECT_THROW((void)read_trace(folder.path()), UserError);
  EXPECT_THROW((void)read_trace(folder.path() / "none.json"), UserError);
}

TEST(Trace, CountsAnEventOnceThatIsWrittenTwice) {
  const std::string event =
      R"({"ph":"X","cat":"kernel","name":"a","pid":0,"tid":1,"ts":10,"dur":5,"args":{"correlation":7}})";
  const Trace trace = from_text("[" + event + "," + event + "," + event + "]");
  EXPECT_EQ(trace.device.size(), 1U);
  EXPECT_EQ(trace.repeated, 2U);
}

TEST(Trace, LeavesOutEventsThatNoClockShows) {
  const Trace trace = from_text(
      R"([{"ph":"X","cat":"kernel","name":"a","pid":0,"tid":1,"ts":10,"dur":-5},)"
      R"({"ph":"X","cat":"kernel","name":"b","pid":0,"tid":1,"ts":1e300,"dur":5},)"
      R"({"ph":"X","cat":"kernel","name":"c","pid":0,"tid":1,"ts":10,"dur":99999999999999999999},)"
      R"({"ph":"X","cat":"kernel","name":"d","pid":0,"tid":1},)"
      R"({"ph":"X","cat":"kernel","name":"e","pid":0,"tid":1,"ts":10,"dur":5}])");
  EXPECT_EQ(trace.impossible, 4U);
  EXPECT_EQ(trace.device.size(), 1U);
}

TEST(OperationFlops, AreTwoForEachMultiplyAdd) {
  const std::vector<Shape> two{{8, 16}, {16, 32}};
  EXPECT_EQ(operation_flops("aten::mm", two, {}), 2U * 8 * 16 * 32);
  const std::vector<Shape> linear{{2, 4, 16}, {32, 16}, {32}};
  EXPECT_EQ(operation_flops("aten::linear", linear, {}), 2U * 2 * 4 * 16 * 32);
  const std::vector<Shape> qkv{{2, 4, 64, 16}, {2, 4, 64, 16}, {2, 4, 64, 16}};
  const std::vector<std::string> causal{"", "", "", "0.", "True"};
  EXPECT_EQ(operation_flops("aten::_scaled_dot_product_flash_attention", qkv, causal),
            2U * 2 * 4 * 64 * 64 * 32 / 2);
  EXPECT_EQ(operation_flops("aten::add", two, {}), 0U);
  EXPECT_EQ(operation_flops("aten::mm", std::vector<Shape>{{8, 16}, {17, 32}}, {}), 0U);
}

}  // namespace
}  // namespace isobar::explain
