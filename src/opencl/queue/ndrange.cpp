// Launching kernels: the checks of clEnqueueNDRangeKernel, and what the worker does with a launch.
#include <fmt/format.h>

#include <cstdio>

#include "device/work_group.h"
#include "opencl/program/kernel.h"
#include "opencl/queue/queue.h"
#include "opencl/recorder.h"

namespace isobar::opencl {
namespace {

struct Range {
  cl_uint dimensions;
  const std::size_t *offset, *global, *local;
};

using Sizes = std::array<std::uint64_t, 3>;

Sizes padded(const std::size_t* values, cl_uint dimensions, std::uint64_t rest) {
  Sizes result{rest, rest, rest};
  for (cl_uint i = 0; values != nullptr && i < dimensions; ++i) result.at(i) = values[i];
  return result;
}

void check_global(const Range& range) {
  require(range.dimensions >= 1 && range.dimensions <= 3, CL_INVALID_WORK_DIMENSION);
  const Sizes size = padded(range.global, range.dimensions, 1);
  const Sizes offset = padded(range.offset, range.dimensions, 0);
  std::uint64_t items = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    std::uint64_t end = 0;
    require(!__builtin_add_overflow(size.at(i), offset.at(i), &end), CL_INVALID_GLOBAL_OFFSET);
    require(!__builtin_mul_overflow(items, size.at(i), &items), CL_INVALID_GLOBAL_WORK_SIZE);
  }
}

void check_local(const Sizes& local, const Sizes& global, const _cl_kernel& kernel) {
  const chip::CoreParameters& core = the_device().chip().core;
  std::uint64_t items = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    require(local.at(i) > 0, CL_INVALID_WORK_GROUP_SIZE);
    require(local.at(i) <= core.max_work_group, CL_INVALID_WORK_ITEM_SIZE);
    items *= local.at(i);
    require(!kernel.is_uniform || global.at(i) % local.at(i) == 0, CL_INVALID_WORK_GROUP_SIZE);
  }
  require(items <= core.max_work_group, CL_INVALID_WORK_GROUP_SIZE);
  if (kernel.info->required_local_size[0] != 0)
    require(local == kernel.info->required_local_size, CL_INVALID_WORK_GROUP_SIZE);
}

Sizes local_size(const Range& range, const Sizes& global, const _cl_kernel& kernel) {
  Sizes local{};
  if (range.local != nullptr) {
    local = padded(range.local, range.dimensions, 1);
  } else if (kernel.info->required_local_size[0] != 0) {
    local = kernel.info->required_local_size;
  } else {
    const chip::CoreParameters& core = the_device().chip().core;
    local =
        device::choose_local_size({global.data(), range.dimensions},
                                  {core.lanes, core.max_work_group, core.count, kernel.is_uniform});
  }
  check_local(local, global, kernel);
  return local;
}

/// More local or private memory than a core has is the program's error, with the numbers.
void check_memories(const _cl_kernel& kernel, const BoundArguments& bound) {
  const chip::CoreParameters& core = the_device().chip().core;
  const auto refuse = [&](const char* which, std::uint64_t needed, Bytes limit, const char* key) {
    const std::string text = fmt::format(
        "isobar: kernel {}: needs {} bytes of {} memory, but {} has {} ({} in the chip file)\n",
        kernel.info->name, needed, which, the_device().chip().name, limit.count(), key);
    record_fault(text);
    kernel.program->context->report(text);
    throw ApiError{CL_OUT_OF_RESOURCES};
  };
  const Bytes local = device::local_memory_needed(*kernel.info, bound.values);
  if (local > core.local_memory)
    refuse("local", local.count(), core.local_memory, "core.local_memory");
  if (kernel.info->private_bytes > core.private_memory.count())
    refuse("private", kernel.info->private_bytes, core.private_memory, "core.private_memory");
}

/// All that a launch keeps alive until it has run.
struct Launch {
  Ref<_cl_context> context;
  Ref<_cl_kernel> kernel;
  BoundArguments bound;
  device::LaunchRequest request;

  cl_int run(_cl_event& event) const {
    record_begin();
    const device::LaunchOutcome outcome = the_device().machine->launch(request);
    event.ran = outcome.when;
    event.stats = outcome.stats;
    const std::string& name = kernel->info->name;
    context->sums.add(name, outcome.stats);
    record_launch(request, outcome);
    if (!outcome.printf_text.empty()) {
      std::fwrite(outcome.printf_text.data(), 1, outcome.printf_text.size(), stdout);
      std::fflush(stdout);
    }
    if (outcome.diagnosis.empty()) return CL_SUCCESS;
    record_fault(outcome.diagnosis);
    context->report(outcome.diagnosis);
    return CL_OUT_OF_RESOURCES;
  }
};

void enqueue_kernel(cl_command_queue queue_handle, cl_kernel kernel_handle, const Range& range,
                    cl_command_type type, cl_uint count, const cl_event* events, cl_event* event) {
  _cl_command_queue& queue = valid(queue_handle);
  _cl_kernel& kernel = valid(kernel_handle);
  require(kernel.program->context.get() == queue.context.get(), CL_INVALID_CONTEXT);
  WaitList waits = checked_wait_list(*queue.context, count, events);
  check_global(range);
  auto launch = std::make_shared<Launch>();
  launch->context = queue.context;
  launch->kernel = Ref(kernel);
  launch->bound = bind_arguments(kernel);
  check_memories(kernel, launch->bound);
  device::LaunchRequest& request = launch->request;
  request.program = kernel.loaded.get();
  request.kernel = kernel.info;
  request.work_dim = range.dimensions;
  request.global_offset = padded(range.offset, range.dimensions, 0);
  // A range that is not given, or empty in one dimension, is a command that does nothing.
  request.global_size = padded(range.global, range.dimensions, 1);
  const bool empty = range.global == nullptr || request.global_size[0] == 0 ||
                     request.global_size[1] == 0 || request.global_size[2] == 0;
  if (!empty) request.local_size = local_size(range, request.global_size, kernel);
  request.arguments = launch->bound.values;
  request.footprint = launch->bound.footprint;
  request.buffers = launch->bound.uses;
  enqueue(
      queue, type, std::move(waits),
      [launch, empty](_cl_event& e) {
        if (!empty) return launch->run(e);
        const Picoseconds now = the_device().machine->now();
        e.ran = {now, now};
        return cl_int{CL_SUCCESS};
      },
      event);
}

}  // namespace

namespace api {

cl_int CL_API_CALL clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel,
                                          cl_uint dimensions, const std::size_t* offset,
                                          const std::size_t* global, const std::size_t* local,
                                          cl_uint count, const cl_event* events, cl_event* event) {
  return guarded([&] {
    enqueue_kernel(queue, kernel, {dimensions, offset, global, local}, CL_COMMAND_NDRANGE_KERNEL,
                   count, events, event);
  });
}

cl_int CL_API_CALL clEnqueueTask(cl_command_queue queue, cl_kernel kernel, cl_uint count,
                                 const cl_event* events, cl_event* event) {
  constexpr std::size_t kOne = 1;
  return guarded([&] {
    enqueue_kernel(queue, kernel, {1, nullptr, &kOne, &kOne}, CL_COMMAND_TASK, count, events,
                   event);
  });
}

}  // namespace api
}  // namespace isobar::opencl
