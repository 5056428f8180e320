// Any bytes are either a trace that can be explained to the last nanosecond, or a UserError.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "explain/timeline.h"
#include "explain/trace/trace_reader.h"

namespace {

using namespace isobar::explain;

const KernelTable& table() {
  static const KernelTable table = [] {
    const std::string text =
        "class = [{name = \"all-reduce\", group = \"communication\", match = ['nccl|hcom|all']},\n"
        "{name = \"gemm\", group = \"gemm\", match = ['Cijk|nvjet|fc|MatMul']}]";
    const std::string name = "fuzz.toml";
    return KernelTable::parse({&text, 1}, {&name, 1});
  }();
  return table;
}

void charge_all(const Trace& trace) {
  std::vector<std::uint32_t> classes(trace.names.size());
  for (std::uint32_t i = 0; i < classes.size(); ++i)
    classes[i] = table().class_of(trace.names[i], DeviceWork::kKernel);
  const std::int64_t device = trace.streams.front().device;
  const auto window = window_of(trace, device, std::nullopt);
  if (!window) return;
  constexpr std::uint32_t kSms = 132;
  const Timeline timeline = timeline_of(trace, device, *window, kSms, table(), classes);
  std::uint64_t charged = 0;
  for (const NameTotals& totals : timeline.names)
    for (const std::uint64_t charge : totals.charge) charged += charge;
  if (charged != timeline.figures.span * kSms) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto source = text_source(std::string_view(reinterpret_cast<const char*>(data), size));
    charge_all(read_trace(*source, "fuzz"));
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
