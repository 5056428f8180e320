#include "base/ranks.h"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace isobar {
namespace {

/// An MPI call that fails leaves the job in no state to continue; the default handler has ended it
/// already, unless somebody changed the handler.
void check(int code, const char* call) {
  if (code != MPI_SUCCESS) fail("{} failed with code {} (see the launcher's messages)", call, code);
}

int length_of(const std::string& text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    fail("a result of {} bytes is too long for one MPI message (run on more ranks)", text.size());
  return static_cast<int>(text.size());
}

void silence(std::FILE* stream) {
  // Where even /dev/null cannot be opened the stream is closed, which is silent as well.
  static_cast<void>(std::freopen("/dev/null", "w", stream));
}

bool first_reports = false;  // of this process

}  // namespace

bool launched_by_mpi() {
  // What launchers tell the processes they start: Open MPI, PMIx (Slurm, PRRTE), PMI-1 and 2 (MPICH
  // and its kin).
  constexpr std::array kSigns{"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
  return std::ranges::any_of(kSigns, [](const char* sign) { return std::getenv(sign) != nullptr; });
}

Ranks::Ranks() {
  if (!launched_by_mpi()) return;
  check(MPI_Init(nullptr, nullptr), "MPI_Init");
  started_ = true;
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(MPI_COMM_WORLD, &count_), "MPI_Comm_size");
  if (!is_first()) silence(stdout);
}

Ranks::~Ranks() {
  if (started_) MPI_Finalize();
}

std::vector<std::string> Ranks::gather(const std::string& mine) const {
  if (!started_) return {mine};
  const int length = length_of(mine);
  std::vector<int> lengths(static_cast<std::size_t>(count_));
  check(MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, MPI_COMM_WORLD),
        "MPI_Gather");
  std::vector<int> starts(lengths.size());
  std::exclusive_scan(lengths.begin(), lengths.end(), starts.begin(), 0);
  std::string all(is_first() ? static_cast<std::size_t>(starts.back()) +
                                   static_cast<std::size_t>(lengths.back())
                             : 0,
                  '\0');
  check(MPI_Gatherv(mine.data(), length, MPI_CHAR, all.data(), lengths.data(), starts.data(),
                    MPI_CHAR, 0, MPI_COMM_WORLD),
        "MPI_Gatherv");
  std::vector<std::string> texts;
  if (is_first())
    for (std::size_t i = 0; i < lengths.size(); ++i)
      texts.push_back(
          all.substr(static_cast<std::size_t>(starts[i]), static_cast<std::size_t>(lengths[i])));
  return texts;
}

std::string Ranks::broadcast(const std::string& text) const {
  if (!started_) return text;
  int length = is_first() ? length_of(text) : 0;
  check(MPI_Bcast(&length, 1, MPI_INT, 0, MPI_COMM_WORLD), "MPI_Bcast");
  std::string received = is_first() ? text : std::string(static_cast<std::size_t>(length), '\0');
  check(MPI_Bcast(received.data(), length, MPI_CHAR, 0, MPI_COMM_WORLD), "MPI_Bcast");
  return received;
}

void Ranks::together(const std::function<void()>& work) const {
  std::string error;
  try {
    work();
  } catch (const UserError& thrown) {
    error = thrown.what();
  }
  std::string first;
  for (const std::string& each : gather(error))
    if (first.empty()) first = each;
  first = broadcast(first);
  if (first.empty()) return;
  if (!is_first()) {
    silence(stderr);
    first_reports = true;
  }
  throw UserError(first);
}

bool first_rank_reports() { return first_reports; }

}  // namespace isobar
