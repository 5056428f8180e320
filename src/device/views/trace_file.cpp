#include "device/views/trace_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/text/json_text.h"
#include "base/version.h"

namespace isobar::device {
namespace {

constexpr std::uint32_t kQueue = 1, kDram = 2, kFirstCore = 1000;  // processes of the trace
constexpr std::string_view kTail = "\n]}\n";
constexpr std::uint64_t kLongestWindow = std::uint64_t{1} << 40U;  // cycles
constexpr std::uint64_t kReserve = 256;  // for the event that says it is full, and the tail
constexpr std::array<std::string_view, timing::kPipes> kPipeNames{
    "integer", "half", "single", "double", "special", "branch", "load-store"};

std::string quoted(const std::string& text) {
  return json_text(nlohmann::json(text), -1, JsonLetters::kAscii);
}

/// Microseconds, exact to the picosecond.
std::string microseconds(std::uint64_t picoseconds) {
  return fmt::format("{}.{:06}", picoseconds / 1'000'000, picoseconds % 1'000'000);
}

double as_read(std::uint64_t picoseconds) {
  return std::strtod(microseconds(picoseconds).c_str(), nullptr);
}

/// "otherData" is the format's place for what is no event.
std::string head() {
  return fmt::format(
      "{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"isobar\":\"{}\"}},\"traceEvents\":[\n",
      version_text());
}

}  // namespace

TraceFile::TraceFile(const std::filesystem::path& path, Bytes limit, Hertz clock)
    : file_(path, head(), kTail),
      limit_(limit.count()),
      picoseconds_per_cycle_(1e12 / clock.count()) {
  name_process(kQueue, "command queue");
  flush();
}

void TraceFile::add(const std::string& event) {
  if (full_) return;
  const std::string_view separator = first_ ? "" : ",\n";
  if (file_.size() + pending_.size() + separator.size() + event.size() + kReserve > limit_) {
    full_ = true;
    pending_ += fmt::format(
        "{}{{\"name\":\"the trace is "
        "full\",\"ph\":\"i\",\"s\":\"g\",\"ts\":{},\"pid\":{},\"tid\":1}}",
        separator, last_, kQueue);
    std::fprintf(stderr,
                 "isobar: the trace %s is full (%llu bytes); what follows is left out "
                 "(--trace-limit)\n",
                 file_.path().c_str(), static_cast<unsigned long long>(limit_));
    return;
  }
  pending_ += separator;
  pending_ += event;
  first_ = false;
}

/// Writes what is pending, then the windows that are not over, over which the next flush writes.
void TraceFile::flush() {
  std::string unfinished;
  const std::uint64_t size = file_.size() + pending_.size();
  for (const auto& [track, window] : windows_) {
    const std::string text =
        window.summed > 0 ? window_text(track, window, window.end) : std::string();
    if (!text.empty() && size + unfinished.size() + text.size() + kReserve <= limit_)
      unfinished += ",\n" + text;
  }
  if (!file_.write(pending_, unfinished)) full_ = true;
  pending_.clear();
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

std::uint64_t TraceFile::picoseconds_at(std::uint64_t cycle) const {
  return first_cycle_.count() + static_cast<std::uint64_t>(std::llround(static_cast<double>(cycle) *
                                                                        picoseconds_per_cycle_));
}

void TraceFile::set_first_cycle(Picoseconds when) {
  for (const auto& [track, window] : windows_)
    if (window.summed > 0) add_sample(window_text(track, window, window.end));
  windows_.clear();
  first_cycle_ = when;
}

std::string TraceFile::at(std::uint64_t cycle) {
  last_ = microseconds(picoseconds_at(cycle));
  return last_;
}

/// Start and duration of a slice. A reader's sum of them must not be after the next one's start,
/// read from the file or relative to the track's first.
std::string TraceFile::lasting(Track track, std::uint64_t begin, std::uint64_t end) {
  last_ = microseconds(begin);
  const double zero = as_read(first_slices_.try_emplace(track, begin).first->second);
  std::uint64_t duration = end - begin;
  const auto is_too_long = [&](double origin) {
    return (as_read(begin) - origin) + as_read(duration) > as_read(end) - origin;
  };
  while (duration > 0 && (is_too_long(0) || is_too_long(zero))) --duration;
  return fmt::format("\"ts\":{},\"dur\":{}", last_, microseconds(duration));
}

void TraceFile::warp(std::uint32_t core, const timing::WarpLife& life) {
  const std::uint32_t process = kFirstCore + core, thread = life.slot + 1;
  name_process(process, fmt::format("core {}", core));
  name_thread(process, thread, fmt::format("warp place {}", life.slot));
  add(fmt::format("{{\"name\":\"work-group {}\",\"ph\":\"X\",{},\"pid\":{},\"tid\":{}}}",
                  life.group,
                  lasting({process, thread}, picoseconds_at(life.begin), picoseconds_at(life.end)),
                  process, thread));
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
  name_process(kFirstCore + core, fmt::format("core {}", core));
  Values percent;
  for (const double each : busy) percent.push_back(100 * each);
  sample({kFirstCore + core, 0}, when, std::move(percent));
}

void TraceFile::channel(std::uint32_t channel, timing::Span when, double busy, std::uint64_t rows) {
  name_process(kDram, "DRAM");
  sample({kDram, channel}, when, {100 * busy, static_cast<double>(rows)});
}

std::string TraceFile::sample_text(Track track, std::uint64_t cycle, const Values& values) const {
  const auto [process, channel] = track;
  const std::string when = microseconds(picoseconds_at(cycle));
  if (process == kDram)
    return fmt::format(
        "{{\"name\":\"channel {0} bus %\",\"ph\":\"C\",\"ts\":{1},\"pid\":{2},\"args\":{{"
        "\"busy\":{3:.1f}}}}},\n{{\"name\":\"channel {0} rows opened\",\"ph\":\"C\",\"ts\":"
        "{1},\"pid\":{2},\"args\":{{\"rows\":{4:.0f}}}}}",
        channel, when, process, values[0], values[1]);
  std::string args;
  for (std::size_t p = 0; p < values.size(); ++p)
    args += fmt::format("{}\"{}\":{:.1f}", p == 0 ? "" : ",", kPipeNames[p], values[p]);
  return fmt::format(
      "{{\"name\":\"pipes busy %\",\"ph\":\"C\",\"ts\":{},\"pid\":{},\"args\":{{{}}}}}", when,
      process, args);
}

/// Four times as long for each halving of what is left to samples: so each half lasts for twice the
/// time that all before it did.
std::uint64_t TraceFile::window_length() const {
  const std::uint64_t budget = limit_ / 2;
  std::uint64_t length = timing::ActivitySampler::kInterval;
  for (std::uint64_t left = budget - std::min(budget, sample_bytes_);
       left < budget / 2 && length < kLongestWindow; left = left * 2 + 1)
    length *= 4;
  return length;
}

void TraceFile::sample(Track track, timing::Span when, Values values) {
  Window& window = windows_[track];
  if (window.length == 0 || when.begin / window.length != window.index) {
    if (window.length > timing::ActivitySampler::kInterval && window.summed > 0) {
      add_sample(window_text(track, window, (window.index + 1) * window.length));
      // Idle from there to the next sample, unless that is in the window that follows.
      if (when.begin / window.length > window.index + 1)
        add_sample(
            sample_text(track, (window.index + 1) * window.length, Values(values.size(), 0.0)));
    }
    const std::uint64_t before = window.length;
    window = {.length = window_length(), .sums = Values(values.size(), 0.0)};
    window.index = when.begin / window.length;
    // Where windows grow longer, what lies before this sample was in the shorter ones.
    window.begin = window.length == before ? window.index * window.length : when.begin;
  }
  if (window.length <= timing::ActivitySampler::kInterval)
    return add_sample(sample_text(track, when.begin, values));
  const std::uint64_t cycles = when.end - when.begin;
  window.summed += cycles;
  window.end = when.end;
  for (std::size_t i = 0; i < values.size(); ++i)
    window.sums[i] += values[i] * static_cast<double>(cycles);
}

/// Means from the window's begin to `until`, idle time included; of rows, which are counts, per
/// sample's interval.
std::string TraceFile::window_text(Track track, const Window& window, std::uint64_t until) const {
  const auto length = static_cast<double>(std::max(until - window.begin, window.summed));
  Values means = window.sums;
  for (double& each : means) each /= length;
  return sample_text(track, window.begin, means);
}

void TraceFile::add_sample(const std::string& text) {
  if (sample_bytes_ + text.size() > limit_ / 2) return;
  sample_bytes_ += text.size();
  add(text);
}

void TraceFile::launch(const std::string& kernel, Picoseconds start, Picoseconds end,
                       const KernelStats& stats) {
  name_thread(kQueue, 1, "launches");
  add(
      fmt::format("{{\"name\":{},\"ph\":\"X\",{},\"pid\":{},\"tid\":1,\"args\":{{"
                  "\"work-groups\":{},\"cycles\":{},\"warp instructions\":{},\"timed\":{}}}}}",
                  quoted(kernel), lasting({kQueue, 1}, start.count(), end.count()), kQueue,
                  stats.counters.work_groups, stats.cycles.cycles.count(),
                  stats.counters.total_warp_instructions(), stats.timed_launches > 0));
  flush();
}

}  // namespace isobar::device
