// The timeline of a process as a file that Perfetto (ui.perfetto.dev) and Chrome load: the JSON
// object form of the Trace Event Format, times in microseconds of the simulated clock. Tracks: the
// command queue with its launches; per core its work-groups, its warps by the place that they have
// there, and how busy its pipes are; per DRAM channel its data bus and the rows it opens. Launches
// that the timed machine did not run are on the queue's track only.
//
// The file is complete JSON after every launch (trace_stream.h), and never larger than its limit:
// what comes later is left out, and an event at the place says so. Samples of pipes and channels
// get at most half of it: the more they have used, the longer the windows over which they are
// averaged.
//
// Readers add a slice's start and duration as floating point numbers (speedscope 1.25 does, having
// taken the track's first start off); where that sum would end after the next slice begins, the
// slice is shorter by picoseconds, for it would nest.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "device/views/kernel_stats.h"
#include "device/views/trace_stream.h"
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
  void set_first_cycle(Picoseconds when);

  [[nodiscard]] bool is_full() const { return full_; }

 private:
  /// A counter's values over a window of the coarser grid.
  struct Window {
    std::uint64_t index = 0, length = 0;  // in cycles, all of them
    std::uint64_t begin = 0, end = 0;     // of what is known of it
    std::uint64_t summed = 0;             // of the samples in it
    std::vector<double> sums;             // value times cycles
  };
  using Track = std::pair<std::uint32_t, std::uint32_t>;  // process, channel
  using Values = std::vector<double>;

  void add(const std::string& event);
  /// A sample of a counter: written as it is, or gathered over a window.
  void sample(Track track, timing::Span when, Values values);
  [[nodiscard]] std::string sample_text(Track track, std::uint64_t cycle,
                                        const Values& values) const;
  [[nodiscard]] std::string window_text(Track track, const Window& window,
                                        std::uint64_t until) const;
  void add_sample(const std::string& text);
  [[nodiscard]] std::uint64_t window_length() const;
  void name_process(std::uint32_t process, const std::string& name);
  void name_thread(std::uint32_t process, std::uint32_t thread, const std::string& name);
  /// Microseconds; what the last event is said to be at.
  std::string at(std::uint64_t cycle);
  std::string lasting(Track track, std::uint64_t begin, std::uint64_t end);
  [[nodiscard]] std::uint64_t picoseconds_at(std::uint64_t cycle) const;
  void flush();

  TraceStream file_;
  std::uint64_t limit_, sample_bytes_ = 0;
  double picoseconds_per_cycle_;
  Picoseconds first_cycle_;
  std::string pending_, last_ = "0";
  bool first_ = true, full_ = false;
  std::map<Track, Window> windows_;
  std::map<Track, std::uint64_t> first_slices_;              // when each track begins, picoseconds
  std::set<std::pair<std::uint32_t, std::uint32_t>> named_;  // process, thread (0: the process)
};

}  // namespace isobar::device
