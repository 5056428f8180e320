#include "cluster/ranks.h"

#include <cstdlib>

#ifdef ISOBAR_HAVE_MPI
#include <mpi.h>
#endif

namespace isobar::cluster {
namespace {

std::vector<std::string> alone(std::size_t count,
                               const std::function<std::string(std::size_t)>& work) {
  std::vector<std::string> results;
  for (std::size_t i = 0; i < count; ++i) results.push_back(work(i));
  return results;
}

#ifdef ISOBAR_HAVE_MPI
/// Open MPI's, MPICH's and Slurm's launchers each leave one of these.
bool was_launched() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"})
    if (std::getenv(name) != nullptr) return true;
  return false;
}

void send_text(const std::string& text) {
  MPI_Send(text.data(), static_cast<int>(text.size()), MPI_CHAR, 0, 0, MPI_COMM_WORLD);
}

std::string receive_text(int from) {
  MPI_Status status;
  MPI_Probe(from, 0, MPI_COMM_WORLD, &status);
  int size = 0;
  MPI_Get_count(&status, MPI_CHAR, &size);
  std::string text(static_cast<std::size_t>(size), '\0');
  MPI_Recv(text.data(), size, MPI_CHAR, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return text;
}

std::vector<std::string> shared(std::size_t count,
                                const std::function<std::string(std::size_t)>& work) {
  MPI_Init(nullptr, nullptr);
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const auto stride = static_cast<std::size_t>(ranks);
  std::vector<std::string> results(rank == 0 ? count : 0);
  for (auto i = static_cast<std::size_t>(rank); i < count; i += stride) {
    std::string result = work(i);
    if (rank == 0) {
      results[i] = std::move(result);
    } else {
      send_text(result);
    }
  }
  if (rank == 0)
    for (std::size_t i = 0; i < count; ++i)
      if (i % stride != 0) results[i] = receive_text(static_cast<int>(i % stride));
  MPI_Finalize();
  return results;
}
#endif

}  // namespace

std::vector<std::string> share_among_ranks(std::size_t count,
                                           const std::function<std::string(std::size_t)>& work) {
#ifdef ISOBAR_HAVE_MPI
  if (was_launched()) return shared(count, work);
#endif
  return alone(count, work);
}

}  // namespace isobar::cluster
