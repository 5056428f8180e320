// The timeline of a process as a file that Perfetto (ui.perfetto.dev) and Chrome load: the JSON
// object form of the Trace Event Format, times in microseconds of the simulated clock. Tracks: the
// command queue with its launches; per core its work-groups, its warps by the place that they have
// there, and how busy its pipes are; per DRAM channel its data bus and the rows it opens. Launches
// that the timed machine did not run are on the queue's track only.
//
// The file is complete JSON after every launch, and never larger than its limit: what comes later
// is left out, and an event at the place says so.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "device/kernel_stats.h"
#include "timing/activity.h"

namespace isobar::device {

class TraceFile final : public timing::ActivityListener {
 public:
  /// Throws UserError if the file cannot be made. Where it exists already, another process of the
  /// program writes it: this one's name gets its number.
  TraceFile(const std::filesystem::path& path, Bytes limit, Hertz clock);

  void warp(std::uint32_t core, const timing::WarpLife& life) override;
  void work_group(std::uint32_t core, std::uint64_t number, timing::Span when) override;
  void pipes(std::uint32_t core, timing::Span when,
             const std::array<double, timing::kPipes>& busy) override;
  void channel(std::uint32_t channel, timing::Span when, double busy, std::uint64_t rows) override;
  /// A launch that has ended; then everything so far is in the file.
  void launch(const std::string& kernel, Picoseconds start, Picoseconds end,
              const KernelStats& stats);

  /// When the machine's cycle 0 was, on the device's clock.
  void set_first_cycle(Picoseconds when) { first_cycle_ = when; }

  [[nodiscard]] bool is_full() const { return full_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void add(const std::string& event);
  void name_process(std::uint32_t process, const std::string& name);
  void name_thread(std::uint32_t process, std::uint32_t thread, const std::string& name);
  [[nodiscard]] std::uint64_t picoseconds(std::uint64_t cycles) const;
  /// Microseconds; what the last event is said to be at.
  std::string at(std::uint64_t cycle);
  std::string lasting(timing::Span when);
  void flush();

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t limit_, size_ = 0;
  double picoseconds_per_cycle_;
  Picoseconds first_cycle_;
  std::string pending_, last_ = "0";
  bool first_ = true, full_ = false;
  std::set<std::pair<std::uint32_t, std::uint32_t>> named_;  // process, thread (0: the process)
};

}  // namespace isobar::device
