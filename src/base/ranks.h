// The processes of one MPI job, or this process alone. Work is cut by rank, results come back to
// rank 0 as text in the order of ranks, and so no result depends on how many there are. Without an
// MPI launcher (mpirun, srun) nothing of MPI is started at all.
// Left out: threads inside MPI calls, and messages between any two ranks.
// Reference: MPI: A Message-Passing Interface Standard, version 3.1, 2015.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace isobar {

class Ranks {
 public:
  /// Joins the job that a launcher started; at most one at a time, and one per process. All ranks
  /// but the first lose their standard output: a command prints once, whoever runs it.
  Ranks();
  /// This process only, whoever started it: what a result of many ranks is compared with.
  [[nodiscard]] static Ranks alone() { return Ranks(Alone{}); }
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] bool is_first() const { return rank_ == 0; }

  /// Every rank's text, in the order of ranks, on the first; nothing on the others.
  [[nodiscard]] std::vector<std::string> gather(const std::string& mine) const;
  /// The first rank's text, on all.
  [[nodiscard]] std::string broadcast(const std::string& text) const;
  /// Runs `work` on each rank. Where it threw a UserError on some, throws that of the lowest on all
  /// of them, so that none waits for one that has left; only the first rank then prints it.
  void together(const std::function<void()>& work) const;

 private:
  struct Alone {};
  explicit Ranks(Alone) {}

  int rank_ = 0;
  int count_ = 1;
  bool started_ = false;
};

/// Has together() thrown here what the first rank reports? Then this process should end without an
/// error of its own: a launcher kills the others at the first one, the reporting rank too.
[[nodiscard]] bool first_rank_reports();

/// Did an MPI launcher start this process?
[[nodiscard]] bool launched_by_mpi();

}  // namespace isobar
