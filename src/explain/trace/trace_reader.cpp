#include "explain/trace/trace_reader.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "explain/trace/event_cutter.h"
#include "explain/trace/trace_builder.h"

namespace isobar::explain {

Trace read_trace(ByteSource& source, std::string name) {
  Trace trace;
  trace.name = name;
  EventCutter cutter(source, std::move(name));
  TraceBuilder builder(trace);
  while (const auto event = cutter.next()) builder.add(*event, cutter.position());
  trace.bytes = cutter.position();
  builder.members(cutter.members());
  if (trace.device.empty())
    fail(
        "{}: no work of a device among {} events (profile with "
        "activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], and wait for the device "
        "before the profiler stops)",
        trace.name, trace.events);
  finish(trace);
  return trace;
}

Trace read_trace(const std::filesystem::path& path) {
  const auto source = open_source(path);
  return read_trace(*source, path == "-" ? "standard input" : path.string());
}

std::vector<std::filesystem::path> trace_files(const std::vector<std::filesystem::path>& given) {
  std::vector<std::filesystem::path> files;
  if (std::ranges::count(given, "-") > 1)
    fail("standard input (-) is named twice, but can be read once");
  for (const std::filesystem::path& path : given) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".json") || name.ends_with(".json.gz")) found.push_back(entry.path());
    }
    if (found.empty())
      fail("{}: no trace in it (files that end in .json or .json.gz)", path.string());
    std::ranges::sort(found);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

}  // namespace isobar::explain
