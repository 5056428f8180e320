#include "opencl/queue/queue.h"

#include <condition_variable>
#include <cstdio>
#include <deque>

#include "opencl/info.h"

namespace isobar::opencl {
namespace {

struct Command {
  Ref<_cl_event> event;
  WaitList waits;
  Action action;
};

cl_int perform(const Command& command) {
  try {
    return command.action(*command.event);
  } catch (const ApiError& error) {
    return error.code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "isobar: a command failed: %s\n", error.what());
    return CL_OUT_OF_RESOURCES;
  }
}

void run(Command& command) {
  _cl_event& event = *command.event;
  _cl_command_queue& queue = *event.queue;
  bool poisoned = false;
  for (const Ref<_cl_event>& other : command.waits) poisoned = other->wait() < 0 || poisoned;
  command.waits.clear();
  if (poisoned || queue.failure.load() != CL_SUCCESS) {
    event.set_status(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
    return;
  }
  event.set_status(CL_RUNNING);
  const cl_int result = perform(command);
  if (result != CL_SUCCESS) {
    cl_int none = CL_SUCCESS;
    queue.failure.compare_exchange_strong(none, result);
  }
  // What the action holds (buffers, kernels) is let go before anybody sees the command complete.
  command.action = nullptr;
  event.set_status(result == CL_SUCCESS ? CL_COMPLETE : result);
}

}  // namespace

/// The thread of a queue. It outlives the queue when the last reference to the queue is dropped by
/// the thread itself, at the end of a command.
class Worker {
 public:
  static std::shared_ptr<Worker> start() {
    auto worker = std::make_shared<Worker>();
    worker->thread_ = std::thread([worker] { worker->loop(); });
    return worker;
  }

  void push(Command command) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
    arrived_.notify_one();
  }

  /// Ends the thread after the commands it has.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      arrived_.notify_one();
    }
    if (thread_.get_id() == std::this_thread::get_id())
      thread_.detach();
    else
      thread_.join();
  }

 private:
  void loop() {
    while (true) {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return stopping_ || !commands_.empty(); });
      if (commands_.empty()) return;
      Command command = std::move(commands_.front());
      commands_.pop_front();
      lock.unlock();
      run(command);
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Command> commands_;
  bool stopping_ = false;
  std::thread thread_;
};

void enqueue(_cl_command_queue& queue, cl_command_type type, WaitList waits, Action action,
             cl_event* event, bool blocking) {
  _cl_event* made = make<_cl_event>(*queue.context);
  made->queue = Ref(queue);
  made->type = type;
  made->queued = made->submitted = the_device().machine->now();
  made->set_status(CL_SUBMITTED);
  const Ref<_cl_event> keep(*made);
  queue.worker->push({keep, std::move(waits), std::move(action)});
  const cl_int result = blocking ? made->wait() : CL_SUCCESS;
  if (event != nullptr && result >= CL_SUCCESS)
    *event = made;
  else
    (void)release(made);
  require(result >= CL_SUCCESS, CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
}

void finish(_cl_command_queue& queue) {
  // Commands end in order, so the end of an empty one is the end of all before it.
  cl_event last = nullptr;
  enqueue(queue, CL_COMMAND_MARKER, {}, [](_cl_event&) { return CL_SUCCESS; }, &last);
  last->wait();
  (void)release(last);
}

namespace {

const InfoRow<_cl_command_queue> kQueueInfo[] = {
    {CL_QUEUE_CONTEXT, [](const _cl_command_queue& q) { return Answer(q.context.get()); }},
    {CL_QUEUE_DEVICE, [](const _cl_command_queue&) { return Answer(&the_device()); }},
    {CL_QUEUE_REFERENCE_COUNT,
     [](const _cl_command_queue& q) { return Answer(q.program_references.load()); }},
    {CL_QUEUE_PROPERTIES, [](const _cl_command_queue& q) { return Answer(q.properties.load()); }},
    {CL_QUEUE_PROPERTIES_ARRAY, [](const _cl_command_queue& q) { return Answer(q.property_list); }},
    {CL_QUEUE_DEVICE_DEFAULT, [](const _cl_command_queue&) { return Answer(cl_command_queue{}); }},
};

constexpr cl_command_queue_properties kKnownProperties =
    CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE | CL_QUEUE_PROFILING_ENABLE | CL_QUEUE_ON_DEVICE |
    CL_QUEUE_ON_DEVICE_DEFAULT;

cl_command_queue make_queue(cl_context context, cl_device_id device,
                            cl_command_queue_properties properties) {
  _cl_context& in = valid(context);
  (void)valid(device);
  require((properties & ~kKnownProperties) == 0, CL_INVALID_VALUE);
  require((properties & (CL_QUEUE_ON_DEVICE | CL_QUEUE_ON_DEVICE_DEFAULT)) == 0,
          CL_INVALID_QUEUE_PROPERTIES);
  return make<_cl_command_queue>(in, properties);
}

}  // namespace

namespace api {

cl_command_queue CL_API_CALL clCreateCommandQueue(cl_context context, cl_device_id device,
                                                  cl_command_queue_properties properties,
                                                  cl_int* errcode_ret) {
  return creating(errcode_ret, [&] { return make_queue(context, device, properties); });
}

cl_command_queue CL_API_CALL clCreateCommandQueueWithProperties(cl_context context,
                                                                cl_device_id device,
                                                                const cl_queue_properties* list,
                                                                cl_int* errcode_ret) {
  return creating(errcode_ret, [&] {
    cl_command_queue_properties properties = 0;
    std::vector<cl_queue_properties> given;
    for (const cl_queue_properties* entry = list; entry != nullptr && *entry != 0; entry += 2) {
      // A size is for queues on the device, which there are none of.
      require(entry[0] == CL_QUEUE_PROPERTIES,
              entry[0] == CL_QUEUE_SIZE ? CL_INVALID_QUEUE_PROPERTIES : CL_INVALID_VALUE);
      properties = entry[1];
      given.insert(given.end(), entry, entry + 2);
    }
    if (list != nullptr) given.push_back(0);
    cl_command_queue queue = make_queue(context, device, properties);
    queue->property_list = std::move(given);
    return queue;
  });
}

cl_int CL_API_CALL clRetainCommandQueue(cl_command_queue handle) { return retain(handle); }
cl_int CL_API_CALL clReleaseCommandQueue(cl_command_queue handle) { return release(handle); }

cl_int CL_API_CALL clGetCommandQueueInfo(cl_command_queue handle, cl_command_queue_info name,
                                         std::size_t size, void* value, std::size_t* size_ret) {
  return guarded([&] {
    const _cl_command_queue& queue = valid(handle);
    require(name != CL_QUEUE_SIZE, CL_INVALID_COMMAND_QUEUE);  // of queues on the device alone
    answer_from(kQueueInfo, queue, name, size, value, size_ret);
  });
}

cl_int CL_API_CALL clSetCommandQueueProperty(cl_command_queue handle,
                                             cl_command_queue_properties properties, cl_bool enable,
                                             cl_command_queue_properties* old) {
  return guarded([&] {
    _cl_command_queue& queue = valid(handle);
    require((properties & ~kKnownProperties) == 0, CL_INVALID_VALUE);
    finish(queue);
    const cl_command_queue_properties before = queue.properties.load();
    queue.properties = enable == CL_TRUE ? before | properties : before & ~properties;
    if (old != nullptr) *old = before;
  });
}

// Commands start as soon as they are enqueued; there is nothing to flush.
cl_int CL_API_CALL clFlush(cl_command_queue handle) {
  return guarded([&] { (void)valid(handle); });
}

cl_int CL_API_CALL clFinish(cl_command_queue handle) {
  return guarded([&] {
    _cl_command_queue& queue = valid(handle);
    finish(queue);
    require(queue.failure.load() == CL_SUCCESS, queue.failure.load());
  });
}

}  // namespace api
}  // namespace isobar::opencl

_cl_command_queue::_cl_command_queue(_cl_context& of, cl_command_queue_properties with)
    : context(of), properties(with), worker(isobar::opencl::Worker::start()) {}

_cl_command_queue::~_cl_command_queue() { worker->stop(); }
