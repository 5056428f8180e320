// One event after the other into a Trace: which categories of which back end are work on the
// device, launches by the host, operators with shapes, or steps. Everything else is counted and
// forgotten.
//
// The back ends' conventions, from Kineto's ActivityType.cpp and torch_npu's trace_view.json:
//   CUDA, ROCm, XPU  cat "kernel", "gpu_memcpy", "gpu_memset"; host calls "*_runtime", "*_driver"
//   MTIA             cat "mtia_ccp_events" on the device, "mtia_runtime" on the host
//   Ascend           no cat; args "Task Type" AI_CORE, AI_VECTOR_CORE, MIX_*, AI_CPU are kernels,
//                    MEMCPY_ASYNC copies, the others waits and parts of collectives; a collective
//                    as a whole is an event "hcom_*" of the process "Communication" (or "HCCL")
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "explain/trace/trace.h"

namespace isobar::explain {

class TraceBuilder {
 public:
  explicit TraceBuilder(Trace& trace);
  ~TraceBuilder();
  TraceBuilder(const TraceBuilder&) = delete;
  TraceBuilder& operator=(const TraceBuilder&) = delete;

  /// `event` is the text of one JSON object with EventCutter::kPadding readable bytes behind it;
  /// `position` is where it ends, for errors. Throws UserError "<trace>: ...".
  void add(std::string_view event, std::size_t position);
  /// "deviceProperties", "distributedInfo": what is missing or of another form is left unknown.
  void members(const std::map<std::string, std::string, std::less<>>& members);

 private:
  struct Parser;
  Trace& trace_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace isobar::explain
