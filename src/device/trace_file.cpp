#include "device/trace_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace isobar::device {
namespace {

constexpr std::uint32_t kQueue = 1, kDram = 2, kFirstCore = 1000;  // processes of the trace
constexpr std::string_view kHead = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
constexpr std::string_view kTail = "\n]}\n";
constexpr std::uint64_t kReserve = 256;  // for the event that says it is full, and the tail
constexpr std::array<std::string_view, timing::kPipes> kPipeNames{
    "integer", "half", "single", "double", "special", "branch", "load-store"};

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

/// Microseconds, exact to the picosecond.
std::string microseconds(std::uint64_t picoseconds) {
  return fmt::format("{}.{:06}", picoseconds / 1'000'000, picoseconds % 1'000'000);
}

}  // namespace

TraceFile::TraceFile(const std::filesystem::path& path, Bytes limit, Hertz clock)
    : path_(path), limit_(limit.count()), picoseconds_per_cycle_(1e12 / clock.count()) {
  file_.reset(std::fopen(path_.c_str(), "wx"));
  if (!file_ && std::filesystem::exists(path_)) {
    path_ += fmt::format(".{}", ::getpid());
    file_.reset(std::fopen(path_.c_str(), "w"));
  }
  if (!file_) fail("cannot write the trace {}: {}", path_.string(), std::strerror(errno));
  std::fwrite(kHead.data(), 1, kHead.size(), file_.get());
  size_ = kHead.size();
  name_process(kQueue, "command queue");
  flush();
}

void TraceFile::add(const std::string& event) {
  if (full_) return;
  const std::string_view separator = first_ ? "" : ",\n";
  if (size_ + pending_.size() + separator.size() + event.size() + kReserve > limit_) {
    full_ = true;
    pending_ += fmt::format(
        "{}{{\"name\":\"the trace is "
        "full\",\"ph\":\"i\",\"s\":\"g\",\"ts\":{},\"pid\":{},\"tid\":1}}",
        separator, last_, kQueue);
    std::fprintf(stderr,
                 "isobar: the trace %s is full (%llu bytes); what follows is left out "
                 "(--trace-limit)\n",
                 path_.c_str(), static_cast<unsigned long long>(limit_));
    return;
  }
  pending_ += separator;
  pending_ += event;
  first_ = false;
}

/// Writes what is pending and the tail, over which the next flush writes.
void TraceFile::flush() {
  std::fwrite(pending_.data(), 1, pending_.size(), file_.get());
  size_ += pending_.size();
  pending_.clear();
  std::fwrite(kTail.data(), 1, kTail.size(), file_.get());
  std::fflush(file_.get());
  std::fseek(file_.get(), -static_cast<long>(kTail.size()), SEEK_CUR);
}

void TraceFile::name_process(std::uint32_t process, const std::string& name) {
  if (!named_.insert({process, 0}).second) return;
  add(fmt::format(
      "{{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":{0},\"args\":{{\"name\":{1}}}}},\n"
      "{{\"name\":\"process_sort_index\",\"ph\":\"M\",\"pid\":{0},\"args\":{{\"sort_index\":{0}}}}"
      "}",
      process, quoted(name)));
}

void TraceFile::name_thread(std::uint32_t process, std::uint32_t thread, const std::string& name) {
  if (!named_.insert({process, thread}).second) return;
  add(fmt::format(
      "{{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":{},\"tid\":{},\"args\":{{\"name\":"
      "{}}}}}",
      process, thread, quoted(name)));
}

std::uint64_t TraceFile::picoseconds(std::uint64_t cycles) const {
  return static_cast<std::uint64_t>(
      std::llround(static_cast<double>(cycles) * picoseconds_per_cycle_));
}

std::string TraceFile::at(std::uint64_t cycle) {
  last_ = microseconds(first_cycle_.count() + picoseconds(cycle));
  return last_;
}

std::string TraceFile::lasting(timing::Span when) {
  const std::string duration = microseconds(picoseconds(when.end - when.begin));
  return fmt::format("\"ts\":{},\"dur\":{}", at(when.begin), duration);
}

void TraceFile::warp(std::uint32_t core, const timing::WarpLife& life) {
  const std::uint32_t process = kFirstCore + core, thread = life.slot + 1;
  name_process(process, fmt::format("core {}", core));
  name_thread(process, thread, fmt::format("warp place {}", life.slot));
  add(fmt::format("{{\"name\":\"work-group {}\",\"ph\":\"X\",{},\"pid\":{},\"tid\":{}}}",
                  life.group, lasting({life.begin, life.end}), process, thread));
}

void TraceFile::work_group(std::uint32_t core, std::uint64_t number, timing::Span when) {
  // Several live on a core at once: an asynchronous event each, which may overlap.
  const std::uint32_t process = kFirstCore + core;
  for (const auto& [phase, cycle] : {std::pair{'b', when.begin}, std::pair{'e', when.end}})
    add(
        fmt::format("{{\"name\":\"work-groups\",\"cat\":\"work-group\",\"ph\":\"{}\",\"id\":{},"
                    "\"ts\":{},\"pid\":{},\"args\":{{\"number\":{}}}}}",
                    phase, number, at(cycle), process, number));
}

void TraceFile::pipes(std::uint32_t core, timing::Span when,
                      const std::array<double, timing::kPipes>& busy) {
  std::string args;
  for (std::size_t p = 0; p < busy.size(); ++p)
    args += fmt::format("{}\"{}\":{:.1f}", p == 0 ? "" : ",", kPipeNames[p], 100 * busy[p]);
  name_process(kFirstCore + core, fmt::format("core {}", core));
  add(fmt::format("{{\"name\":\"pipes busy %\",\"ph\":\"C\",\"ts\":{},\"pid\":{},\"args\":{{{}}}}}",
                  at(when.begin), kFirstCore + core, args));
}

void TraceFile::channel(std::uint32_t channel, timing::Span when, double busy, std::uint64_t rows) {
  name_process(kDram, "DRAM");
  add(fmt::format(
      "{{\"name\":\"channel {0} bus %\",\"ph\":\"C\",\"ts\":{1},\"pid\":{2},\"args\":{{"
      "\"busy\":{3:.1f}}}}},\n{{\"name\":\"channel {0} rows opened\",\"ph\":\"C\",\"ts\":"
      "{1},\"pid\":{2},\"args\":{{\"rows\":{4}}}}}",
      channel, at(when.begin), kDram, 100 * busy, rows));
}

void TraceFile::launch(const std::string& kernel, Picoseconds start, Picoseconds end,
                       const KernelStats& stats) {
  name_thread(kQueue, 1, "launches");
  add(
      fmt::format("{{\"name\":{},\"ph\":\"X\",\"ts\":{},\"dur\":{},\"pid\":{},\"tid\":1,\"args\":{{"
                  "\"work-groups\":{},\"cycles\":{},\"warp instructions\":{},\"timed\":{}}}}}",
                  quoted(kernel), microseconds(start.count()), microseconds((end - start).count()),
                  kQueue, stats.counters.work_groups, stats.cycles.cycles.count(),
                  stats.counters.total_warp_instructions(), stats.timed_launches > 0));
  flush();
}

}  // namespace isobar::device
