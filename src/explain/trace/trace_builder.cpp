#include "explain/trace/trace_builder.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "explain/flops/operation_flops.h"
#include "explain/trace/clock.h"
#include "explain/trace/event_cutter.h"

namespace isobar::explain {
namespace {

namespace ondemand = simdjson::ondemand;
static_assert(EventCutter::kPadding >= simdjson::SIMDJSON_PADDING);

/// What of one event matters. Texts live until the next event is parsed.
struct RawEvent {
  std::string_view phase, category, name, process, thread, time, duration;
  std::string_view task_type, collective, argument_name;
  std::optional<std::int64_t> stream, device;
  std::uint64_t correlation = 0, operation = 0;
  std::array<std::uint32_t, 3> grid{};
  std::size_t dimensions = 0;
  std::vector<Shape> inputs;
  std::vector<std::string> concrete;

  void clear() {
    inputs.clear();
    concrete.clear();
    *this = RawEvent{.inputs = std::move(inputs), .concrete = std::move(concrete)};
  }
};

std::string_view text_of(ondemand::value& value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return text;
  (void)value.type().value();  // throws for what is no JSON at all; another type is no text
  return {};
}
/// A token as it stands, quotes and all: process ids are numbers or texts.
std::string_view token_of(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}
std::uint64_t count_of(ondemand::value& value) {
  std::uint64_t number = 0;
  return value.get_uint64().get(number) == simdjson::SUCCESS ? number : 0;
}
std::optional<std::int64_t> integer_of(ondemand::value& value) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) return number;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

void read_grid(ondemand::value& value, RawEvent& event) {
  ondemand::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return;
  for (auto element : list) {
    std::uint64_t number = 0;
    if (event.dimensions == event.grid.size() || element.get_uint64().get(number) != 0U) return;
    event.grid.at(event.dimensions++) =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(number, 0xFFFF'FFFF));
  }
}

/// "Input Dims": one list per argument, empty for what is no tensor. A list of tensors (a list of
/// lists) is no operand of the operators that are counted, and stays empty too.
void read_shapes(ondemand::value& value, std::vector<Shape>& shapes) {
  ondemand::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return;
  for (auto element : list) {
    Shape& shape = shapes.emplace_back();
    ondemand::array dimensions;
    if (element.get_array().get(dimensions) != simdjson::SUCCESS) continue;
    for (auto dimension : dimensions) {
      std::int64_t number = 0;
      if (dimension.get_int64().get(number) != simdjson::SUCCESS || shape.size() == 8) {
        shape.clear();
        break;
      }
      shape.push_back(number);
    }
  }
}

void read_texts(ondemand::value& value, std::vector<std::string>& texts) {
  ondemand::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return;
  for (auto element : list) {
    std::string_view text;
    const bool is_text = element.get_string().get(text) == simdjson::SUCCESS;
    texts.emplace_back(is_text ? text : std::string_view());
  }
}

void read_arguments(ondemand::object arguments, RawEvent& event) {
  for (auto field : arguments) {
    const std::string_view key = field.unescaped_key();
    ondemand::value value = field.value();
    if (key == "External id") {
      event.operation = count_of(value);
    } else if (key == "correlation" || key == "connection_id") {
      event.correlation = count_of(value);
    } else if (key == "stream" || key == "Stream Id") {
      event.stream = integer_of(value);
    } else if (key == "device") {
      event.device = integer_of(value);
    } else if (key == "grid") {
      read_grid(value, event);
    } else if (key == "Input Dims") {
      read_shapes(value, event.inputs);
    } else if (key == "Concrete Inputs") {
      read_texts(value, event.concrete);
    } else if (key == "Task Type") {
      event.task_type = text_of(value);
    } else if (key == "Collective name") {
      event.collective = text_of(value);
    } else if (key == "name") {
      event.argument_name = text_of(value);
    }
  }
}

void read_event(ondemand::object object, RawEvent& event) {
  for (auto field : object) {
    const std::string_view key = field.unescaped_key();
    ondemand::value value = field.value();
    if (key == "ph") {
      event.phase = text_of(value);
    } else if (key == "cat") {
      event.category = text_of(value);
    } else if (key == "name") {
      event.name = text_of(value);
    } else if (key == "pid") {
      event.process = token_of(value);
    } else if (key == "tid") {
      event.thread = token_of(value);
    } else if (key == "ts") {
      event.time = token_of(value);
    } else if (key == "dur") {
      event.duration = token_of(value);
    } else if (key == "args") {
      ondemand::object arguments;
      if (value.get_object().get(arguments) == simdjson::SUCCESS) read_arguments(arguments, event);
    }
  }
}

bool ends_with_any_case(std::string_view text, std::string_view end) {
  if (text.size() < end.size()) return false;
  return std::ranges::equal(text.substr(text.size() - end.size()), end, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
}

/// Devices of a node times streams of a device are hundreds.
constexpr std::size_t kMostStreams = 4096;

enum class Meaning : std::uint8_t { kNone, kKernel, kCopy, kLaunch, kOperator };

Meaning meaning_of_category(std::string_view category) {
  const auto is = [&](std::string_view end) { return ends_with_any_case(category, end); };
  if (is("kernel") || category == "mtia_ccp_events") return Meaning::kKernel;
  if (is("memcpy") || is("memset")) return Meaning::kCopy;
  if (is("_runtime") || is("_driver") || category == "Runtime") return Meaning::kLaunch;
  if (category == "cpu_op" || category == "Operator") return Meaning::kOperator;
  return Meaning::kNone;
}

/// Of an event without a category: torch_npu's.
Meaning meaning_of_task(const RawEvent& event, std::string_view process) {
  if (event.name.starts_with("hcom_") && event.task_type.empty()) return Meaning::kKernel;
  const std::string_view task = event.task_type;
  if (event.name.starts_with("Node@launch")) return Meaning::kLaunch;  // CANN's
  if (task.empty()) return process == "Ascend Hardware" ? Meaning::kKernel : Meaning::kNone;
  for (const std::string_view core :
       {"AI_CORE", "AICORE", "VECTOR_CORE", "AIVEC", "MIX_AI", "AI_CPU"})
    if (task.find(core) != std::string_view::npos) return Meaning::kKernel;
  return task.starts_with("MEMCPY") ? Meaning::kCopy : Meaning::kNone;
}

}  // namespace

struct TraceBuilder::Parser {
  ondemand::parser json;
  RawEvent event;
  std::map<std::string, std::string, std::less<>> processes;  // by the token of their id
  std::map<std::tuple<std::int64_t, std::string>, std::uint32_t> streams;

  std::uint32_t stream_of(Trace& trace, bool ascend) {
    // A back end without streams in its arguments has one thread per queue.
    std::string name = event.stream ? std::to_string(*event.stream) : std::string(event.thread);
    std::erase(name, '"');
    if (ascend && event.name.starts_with("hcom_")) name = "communication " + name;
    std::int64_t device = event.device.value_or(0);
    if (!event.device && !ascend) {
      const std::string_view id = event.process;
      std::from_chars(id.data(), id.data() + id.size(), device);
    }
    const auto [found, added] = streams.try_emplace(
        std::tuple(device, name), static_cast<std::uint32_t>(trace.streams.size()));
    if (added) trace.streams.push_back({device, name});
    if (trace.streams.size() > kMostStreams)
      fail("{}: work on more than {} streams (this is no profiler's trace)", trace.name,
           kMostStreams);
    return found->second;
  }
};

TraceBuilder::TraceBuilder(Trace& trace) : trace_(trace), parser_(std::make_unique<Parser>()) {}
TraceBuilder::~TraceBuilder() = default;

namespace {

/// The name as reports show it; a collective's is in its arguments where one kernel serves many.
std::string full_name(const RawEvent& event) {
  constexpr std::size_t kLongest = 4096;
  std::string name(event.name.substr(0, kLongest));
  if (!event.collective.empty()) name += " [" + std::string(event.collective.substr(0, 64)) + "]";
  return name;
}

void note_backend(Trace& trace, const RawEvent& event) {
  const auto is = [&](std::string_view name) { trace.backend = name; };
  if (event.category.starts_with("mtia")) {
    is("MTIA");
  } else if (event.category.empty() &&
             (!event.task_type.empty() || event.name.starts_with("hcom_"))) {
    is("Ascend");
  } else if (event.name.starts_with("hip")) {
    is("ROCm");
  } else if (event.name.starts_with("cuda") || event.name.starts_with("cuLaunch")) {
    is("CUDA");
  }
}

void add_step(Trace& trace, const RawEvent& event, Nanoseconds begin, Nanoseconds length) {
  constexpr std::string_view kPrefix = "ProfilerStep#";
  const std::string_view digits = event.name.substr(kPrefix.size());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc() && end == digits.data() + digits.size())
    trace.steps.push_back({number, begin, begin + length});
}

}  // namespace

void TraceBuilder::add(std::string_view text, std::size_t position) {
  RawEvent& event = parser_->event;
  event.clear();
  try {
    ondemand::document document = parser_->json.iterate(simdjson::padded_string_view(
        text.data(), text.size(), text.size() + EventCutter::kPadding));
    read_event(document.get_object(), event);
  } catch (const simdjson::simdjson_error& error) {
    fail("{}: the event that ends at byte {} is not JSON: {} (record the trace again)", trace_.name,
         position, error.what());
  }
  ++trace_.events;

  if (event.phase == "M") {
    if (event.name == "process_name")
      parser_->processes[std::string(event.process)] = event.argument_name;
    return;
  }
  if (event.phase != "X") return;
  const bool uncategorised = event.category.empty();
  const auto process = parser_->processes.find(event.process);
  const Meaning meaning = uncategorised
                              ? meaning_of_task(event, process == parser_->processes.end()
                                                           ? std::string_view()
                                                           : std::string_view(process->second))
                              : meaning_of_category(event.category);
  const bool is_step =
      event.name.starts_with("ProfilerStep#") && event.category != "gpu_user_annotation";
  if (meaning == Meaning::kNone && !is_step) return;
  if (meaning == Meaning::kOperator && !is_step) {
    if (event.operation == 0) return;
    if (const std::uint64_t flops = operation_flops(event.name, event.inputs, event.concrete))
      trace_.operations.push_back(
          {event.operation, flops, masked_flops(event.name, event.inputs, event.concrete)});
    return;
  }

  const auto begin = nanoseconds_of(event.time);
  const auto length = event.duration.empty() ? Nanoseconds{0} : nanoseconds_of(event.duration);
  if (!begin || !length || *length < 0 || *length > kLongest) {
    ++trace_.impossible;
    return;
  }
  if (is_step) return add_step(trace_, event, *begin, *length);
  if (meaning == Meaning::kLaunch || trace_.backend.empty()) note_backend(trace_, event);
  if (meaning == Meaning::kLaunch) {
    if (event.correlation != 0) trace_.launches.push_back({event.correlation, *begin + *length});
    return;
  }
  DeviceEvent work;
  work.begin = *begin;
  work.end = *begin + *length;
  work.correlation = event.correlation;
  work.operation = event.operation;
  work.name = trace_.names.number_of(full_name(event));
  work.stream = parser_->stream_of(trace_, uncategorised);
  work.work = meaning == Meaning::kCopy ? DeviceWork::kCopy : DeviceWork::kKernel;
  if (event.dimensions == 3) work.grid = event.grid;
  trace_.device.push_back(work);
}

void TraceBuilder::members(const std::map<std::string, std::string, std::less<>>& members) {
  const auto json_of = [&](const char* name) {
    const auto member = members.find(name);
    return member == members.end() ? nlohmann::json()
                                   : nlohmann::json::parse(member->second, nullptr, false);
  };
  const auto unsigned_of = [](const nlohmann::json& object, const char* name) -> std::uint64_t {
    if (!object.is_object()) return 0;
    const auto value = object.find(name);
    return value != object.end() && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
  };
  const nlohmann::json devices = json_of("deviceProperties");
  if (devices.is_array() && !devices.empty() && devices[0].is_object()) {
    const auto name = devices[0].find("name");
    if (name != devices[0].end() && name->is_string())
      trace_.device_name = name->get<std::string>();
    const std::uint64_t sms = unsigned_of(devices[0], "numSms");
    if (sms <= 65536) trace_.device_sms = static_cast<std::uint32_t>(sms);
  }
  const nlohmann::json distributed = json_of("distributedInfo");
  trace_.world_size = unsigned_of(distributed, "world_size");
  if (distributed.is_object() && distributed.contains("rank"))
    trace_.rank = static_cast<std::int64_t>(unsigned_of(distributed, "rank") & 0x7FFF'FFFF);
  if (trace_.backend.empty()) trace_.backend = "unknown";
}

}  // namespace isobar::explain
