#include "opencl/recorder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>

#include "base/file.h"
#include "base/write_signals.h"
#include "device/profile_file.h"
#include "device/trouble.h"
#include "opencl/platform.h"

namespace isobar::opencl {
namespace {

using Clock = std::chrono::steady_clock;

class Recorder {
 public:
  Recorder() {
    std::atexit([] { instance().write(); });
  }
  /// Never destroyed: queues may still be at work when the process ends.
  static Recorder& instance() {
    static auto* recorder = new Recorder;
    return *recorder;
  }

  void add(const device::LaunchRequest& request, const device::LaunchOutcome& outcome,
           const std::string& source) {
    sums_.add(request.kernel->name, outcome.stats);
    const std::lock_guard lock(mutex_);
    if (outcome.timed) {
      const auto [text, is_new] = sources_.try_emplace(request.program->id());
      if (is_new) text->second = device::SourceText(source);
      hot_[request.kernel->name].add(*outcome.timed, the_device().chip().core.lanes,
                                     *request.program, text->second);
    }
    if (Clock::now() - written_ > std::chrono::seconds(2)) write_locked();
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
    const auto& folder = the_device().machine->settings().profile_directory;
    try {
      const WriteSignalsHeld held;
      write_text_atomically(folder / (std::to_string(process_) + ".json"),
                            device::profile_to_json(profile));
    } catch (const std::exception& error) {
      device::report_trouble(fmt::format("the kernel profile is lost: {}", error.what()));
    }
  }

  const pid_t process_ = ::getpid();
  device::KernelSums sums_;
  std::mutex mutex_;
  std::map<std::string, device::HotSpots> hot_;          // by kernel
  std::map<std::uint32_t, device::SourceText> sources_;  // by program
  std::vector<std::string> faults_;
  Clock::time_point written_ = Clock::now();
};

bool is_recording() { return !the_device().machine->settings().profile_directory.empty(); }

}  // namespace

void record_launch(const device::LaunchRequest& request, const device::LaunchOutcome& outcome,
                   const std::string& source) {
  if (is_recording()) Recorder::instance().add(request, outcome, source);
}

void record_fault(const std::string& diagnosis) {
  if (is_recording()) Recorder::instance().add_fault(diagnosis);
}

}  // namespace isobar::opencl
