#include "simt/trace/group_tracer.h"

#include "simt/standard_floating_point.h"
#include "simt/worker.h"

namespace isobar::simt {

struct GroupTracer::Impl {
  Impl(DecodedProgram& program, GlobalMemory& memory, const LaunchConfig& given)
      : config(given), worker(program, memory, config, true) {}
  LaunchConfig config;
  Worker worker;
  std::vector<WarpTrace>* traces = nullptr;
};

GroupTracer::GroupTracer(Program& program, GlobalMemory& memory, const LaunchConfig& config)
    : impl_(std::make_unique<Impl>(static_cast<DecodedProgram&>(program), memory, config)) {}

GroupTracer::~GroupTracer() = default;

void GroupTracer::start(std::uint64_t linear_group, std::vector<WarpTrace>& traces) {
  std::uint64_t harts = 1;
  for (const std::uint64_t size : impl_->config.local_size) harts *= size;
  traces.resize((harts + impl_->config.warp_width - 1) / impl_->config.warp_width);
  for (WarpTrace& trace : traces) trace.clear();
  impl_->traces = &traces;
  impl_->worker.start_group(linear_group, traces);
}

bool GroupTracer::advance(std::size_t words) {
  const StandardFloatingPoint standard;
  std::vector<WarpTrace>& traces = *impl_->traces;
  for (WarpTrace& trace : traces) trace.compact();
  bool more = true;
  for (std::size_t unread = 0; more && unread < words;) {
    more = impl_->worker.run_round();
    unread = 0;
    for (const WarpTrace& trace : traces) unread += trace.unread();
  }
  if (more) return true;
  impl_->worker.end_group();
  for (WarpTrace& trace : traces) trace.finish();
  return false;
}

const std::optional<Fault>& GroupTracer::fault() const { return impl_->worker.fault(); }

Counters GroupTracer::counters() const { return impl_->worker.counters(); }

}  // namespace isobar::simt
