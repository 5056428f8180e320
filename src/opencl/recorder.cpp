#include "opencl/recorder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>

#include "base/file/file.h"
#include "base/file/write_signals.h"
#include "device/trouble.h"
#include "device/views/profile_file.h"
#include "opencl/platform.h"

namespace isobar::opencl {
namespace {

using Clock = std::chrono::steady_clock;

class Recorder {
 public:
  Recorder() {
    std::atexit([] { instance().write(); });
    the_device().machine->watch().set_listener(
        [](const std::string& kernel, Clock::time_point since) {
          instance().runs_long(kernel, since);
        });
  }
  /// Never destroyed: queues may still be at work when the process ends.
  static Recorder& instance() {
    static auto* recorder = new Recorder;
    return *recorder;
  }

  void add(const device::LaunchRequest& request, const device::LaunchOutcome& outcome) {
    sums_.add(request.kernel->name, outcome.stats);
    const std::lock_guard lock(mutex_);
    running_.clear();
    if (outcome.timed)
      hot_[request.kernel->name].add(*outcome.timed, the_device().chip().core.lanes,
                                     *request.program);
    // Often enough that a program which is killed leaves what ran, and a small part of its time.
    if (Clock::now() - written_ > std::max<Clock::duration>(kLeastPause, 50 * write_took_))
      write_locked();
  }
  void runs_long(const std::string& kernel, Clock::time_point since) {
    const std::lock_guard lock(mutex_);
    const auto nanoseconds =
        std::chrono::duration_cast<std::chrono::nanoseconds>(since.time_since_epoch());
    running_ = {{kernel, static_cast<std::uint64_t>(nanoseconds.count())}};
    write_locked();
  }
  void add_fault(const std::string& diagnosis) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(diagnosis);
    write_locked();
  }
  void write() {
    const std::lock_guard lock(mutex_);
    write_locked();
  }

 private:
  void write_locked() {
    // A child that was forked off has its parent's sums, which the parent will write.
    if (::getpid() != process_) return;
    written_ = Clock::now();
    device::Profile profile;
    const chip::Chip& chip = the_device().chip();
    profile.chip = chip.name;
    profile.lanes = chip.core.lanes;
    profile.describes_energy = chip.energy.is_described();
    profile.roofs = {chip.peak_fp16().count(), chip.peak_fp32().count(), chip.peak_fp64().count(),
                     chip.dram.bandwidth.count()};
    profile.kernels = sums_.rows();
    for (device::KernelSums::Row& row : profile.kernels)
      if (const auto hot = hot_.find(row.kernel); hot != hot_.end())
        row.operations = hot->second.operations();
    profile.faults = faults_;
    profile.running = running_;
    const auto& folder = the_device().machine->settings().profile_directory;
    try {
      const WriteSignalsHeld held;
      write_text_atomically(folder / (std::to_string(process_) + ".json"),
                            device::profile_to_json(profile));
    } catch (const std::exception& error) {
      device::report_trouble(fmt::format("the kernel profile is lost: {}", error.what()));
    }
    write_took_ = Clock::now() - written_;
  }

  const pid_t process_ = ::getpid();
  device::KernelSums sums_;
  std::mutex mutex_;
  std::map<std::string, device::HotSpots> hot_;  // by kernel
  std::vector<std::string> faults_;
  std::vector<device::RunningLaunch> running_;  // one that takes long, until it ends
  static constexpr std::chrono::milliseconds kLeastPause{250};
  Clock::time_point written_ = Clock::now();
  Clock::duration write_took_{};
};

bool is_recording() { return !the_device().machine->settings().profile_directory.empty(); }

}  // namespace

void record_begin() {
  if (is_recording()) (void)Recorder::instance();
}

void record_launch(const device::LaunchRequest& request, const device::LaunchOutcome& outcome) {
  if (is_recording()) Recorder::instance().add(request, outcome);
}

void record_fault(const std::string& diagnosis) {
  if (is_recording()) Recorder::instance().add_fault(diagnosis);
}

}  // namespace isobar::opencl
