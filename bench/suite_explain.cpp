#include "bench/suite_explain.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file/output_file.h"
#include "base/file/paths.h"
#include "base/file/temporary_folder.h"
#include "bench/suites.h"
#include "explain/explain_text.h"
#include "explain/explanation.h"
#include "explain/trace/byte_source.h"

namespace isobar::bench {
namespace {

/// An independent reading of the trace, figure by figure.
struct Reading {
  const char* name;
  const char* unit;
  double value;
  double (*ours)(const nlohmann::json&);
};

double class_figure(const nlohmann::json& json, const char* name, const char* figure) {
  for (const nlohmann::json& c : json["classes"])
    if (c["name"] == name) return c[figure].get<double>();
  return 0;
}

constexpr std::array<Reading, 14> kReadings{{
    {"span", "ms", 129.0, [](const nlohmann::json& j) { return j["span_ms"].get<double>(); }},
    {"compute busy", "ms", 124.3,
     [](const nlohmann::json& j) { return j["compute_busy_ms"].get<double>(); }},
    {"communication", "ms", 114.5,
     [](const nlohmann::json& j) { return j["communication_ms"].get<double>(); }},
    {"exposed communication", "ms", 4.2,
     [](const nlohmann::json& j) { return j["exposed_communication_ms"].get<double>(); }},
    {"idle", "ms", 0.5, [](const nlohmann::json& j) { return j["idle_ms"].get<double>(); }},
    {"SMs lent", "of 132", 20, [](const nlohmann::json& j) { return j["lent_sms"].get<double>(); }},
    {"FP8 products", "ms", 74.5,
     [](const nlohmann::json& j) { return class_figure(j, "gemm fp8", "busy_ms"); }},
    {"FP8 products", "launches", 140,
     [](const nlohmann::json& j) { return class_figure(j, "gemm fp8", "launches"); }},
    {"attention forward", "ms", 4.95,
     [](const nlohmann::json& j) { return class_figure(j, "attention forward", "busy_ms"); }},
    {"attention", "ms", 22.0,
     [](const nlohmann::json& j) {
       return class_figure(j, "attention forward", "busy_ms") +
              class_figure(j, "attention backward", "busy_ms");
     }},
    {"casts and transposes", "ms", 17.5,
     [](const nlohmann::json& j) { return class_figure(j, "cast and transpose", "busy_ms"); }},
    {"model arithmetic", "TFLOP", 65.8,
     [](const nlohmann::json& j) { return j["model_tflop"].get<double>(); }},
    {"products' arithmetic", "TFLOP", 57.5,
     [](const nlohmann::json& j) { return class_figure(j, "gemm fp8", "tflop"); }},
    {"MFU", "%", 51.5, [](const nlohmann::json& j) { return 100 * j["mfu"].get<double>(); }},
}};
constexpr double kTolerance = 0.02;

struct Measured {
  double seconds = 0;
  double processor_seconds = 0;  // what other work on the machine does not stretch
  double peak_megabytes = 0;
  std::string json;
};

/// Explains in a child process, so that the peak of memory is that of one reading.
Measured measure(const std::filesystem::path& trace) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) fail("no pipe: the system refuses one");
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child < 0) fail("no child process: the system refuses one");
  if (child == 0) {
    close(ends[0]);
    int code = 0;
    try {
      explain::Request request;
      request.traces = {trace};
      const std::string json = explain::to_json(explain::explain(request), {});
      for (std::size_t at = 0; at < json.size();) {
        const ssize_t wrote = write(ends[1], json.data() + at, json.size() - at);
        if (wrote <= 0) break;
        at += static_cast<std::size_t>(wrote);
      }
    } catch (const std::exception& error) {
      fmt::print(stderr, "isobar: {}\n", error.what());
      code = 1;
    }
    _exit(code);
  }
  close(ends[1]);
  Measured measured;
  std::array<char, 65536> buffer{};
  for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;)
    measured.json.append(buffer.data(), static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail("{}: explaining it failed", trace.string());
  measured.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const timeval& time : {usage.ru_utime, usage.ru_stime})
    measured.processor_seconds +=
        static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  measured.peak_megabytes = static_cast<double>(usage.ru_maxrss) / 1000;
  return measured;
}

/// Adds `more` to the whole number that follows `key` in the event's text, if it is there.
void add_to(std::string& event, std::string_view key, std::int64_t more) {
  const std::size_t found = event.find(key);
  if (found == std::string::npos) return;
  const std::size_t begin = found + key.size();
  std::size_t end = begin;
  while (end < event.size() && event[end] >= '0' && event[end] <= '9') ++end;
  if (end == begin || end - begin > 18) return;
  event.replace(begin, end - begin,
                std::to_string(std::stoll(event.substr(begin, end - begin)) + more));
}

std::string whole_text(const std::filesystem::path& source) {
  const auto bytes = explain::open_source(source);
  std::string text;
  std::array<char, 1U << 16U> buffer{};
  while (const std::size_t got = bytes->read(buffer.data(), buffer.size()))
    text.append(buffer.data(), got);
  return text;
}

int print_readings(const nlohmann::json& json, Printer& printer) {
  int wrong = 0;
  for (const Reading& reading : kReadings) {
    const double ours = reading.ours(json);
    const double ratio = ours / reading.value;
    printer.print({"explain", fmt::format("DeepSeek-V3 on H800: {}", reading.name), ours,
                   reading.unit, "independent reading", reading.value, ratio});
    if (std::abs(ratio - 1) > kTolerance) ++wrong;
  }
  return wrong;
}

}  // namespace

std::optional<std::filesystem::path> deepseek_trace() {
  const char* const given = std::getenv("ISOBAR_DEEPSEEK_TRACE");
  // share/isobar/explain is a link into the sources in a build tree.
  std::filesystem::path path =
      given != nullptr
          ? std::filesystem::path(given)
          : std::filesystem::weakly_canonical(share_directory() / "explain") / ".." / ".." / ".." /
                ".." / "shared" / "data" / "deepseek_v3_h800_train_trace.json.gz";
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

void write_repeated_trace(const std::filesystem::path& source, std::size_t bytes,
                          const std::filesystem::path& target) {
  const nlohmann::json trace = nlohmann::json::parse(whole_text(source));
  OutputFile file(target);
  nlohmann::json head = trace;
  head.erase("traceEvents");
  std::string start = head.dump();
  start.pop_back();
  file.write(start + ",\"traceEvents\":[");
  std::vector<std::string> events;
  std::int64_t first = INT64_MAX, last = 0;
  for (const nlohmann::json& event : trace["traceEvents"]) {
    events.push_back(event.dump());
    if (!event.contains("ts") || !event.contains("dur")) continue;
    first = std::min(first, event["ts"].get<std::int64_t>());
    last = std::max(last, event["ts"].get<std::int64_t>() + event["dur"].get<std::int64_t>());
  }
  std::size_t written = start.size();
  for (std::int64_t repetition = 0; written < bytes; ++repetition)
    for (const std::string& event : events) {
      std::string text = event;
      add_to(text, "\"ts\":", repetition * (last - first));
      add_to(text, "\"correlation\":", repetition * 1'000'000);
      add_to(text, "\"External id\":", repetition * 1'000'000);
      file.write((written == start.size() ? "\n" : ",\n") + text);
      written += text.size() + 2;
    }
  file.write(std::string_view("\n]}\n"));
  file.commit();
}

int run_explain(const Options& options, Printer& printer) {
  const auto trace = deepseek_trace();
  if (!trace)
    fail(
        "suite explain needs DeepSeek's published trace (deepseek-ai/profile-data, train; name it "
        "in ISOBAR_DEEPSEEK_TRACE)");
  // [1] The figures.
  const Measured one = measure(*trace);
  int wrong = print_readings(nlohmann::json::parse(one.json), printer);
  const auto bar = [&](const std::string& name, double value, const char* unit, double most) {
    printer.print({"explain", name, value, unit, "at most", most, value / most});
    if (value > most) ++wrong;
  };
  bar("DeepSeek's trace: time", one.seconds, "s", 2);
  bar("DeepSeek's trace: peak memory", one.peak_megabytes, "MB", 500);

  // [2] A gigabyte of it, written to the temporary folder.
  const std::size_t bytes = options.quick ? 100'000'000 : 1'000'000'000;
  const TemporaryFolder folder("isobar-bench");
  const std::filesystem::path large = folder / "trace.json";
  write_repeated_trace(*trace, bytes, large);
  const Measured repeated = measure(large);
  const std::string name = fmt::format(
      "trace of {:.2f} GB", static_cast<double>(std::filesystem::file_size(large)) / 1e9);
  bar(name + ": time", repeated.seconds, "s", options.quick ? 2 : 20);
  printer.print({"explain", name + ": processor time", repeated.processor_seconds, "s"});
  bar(name + ": peak memory", repeated.peak_megabytes, "MB", 500);
  printer.print({"explain", "outside their bars", static_cast<double>(wrong), "figures"});
  return wrong == 0 ? 0 : 1;
}

}  // namespace isobar::bench
