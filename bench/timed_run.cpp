#include "bench/timed_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "base/file/temporary_folder.h"
#include "base/subprocess.h"

namespace isobar::bench {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

TimedKernel kernel_from(const json& row) {
  TimedKernel kernel;
  kernel.name = row.at("kernel");
  kernel.launches = row.at("launches");
  kernel.cycles = row.at("cycles");
  kernel.warp_instructions = row.at("warp_instructions");
  kernel.flops = row.at("flops_fp16").get<double>() + row.at("flops_fp32").get<double>() +
                 row.at("flops_fp64").get<double>();
  kernel.seconds = row.at("device_picoseconds").get<double>() * 1e-12;
  kernel.host_cpu_seconds = row.at("host_cpu_nanoseconds").get<double>() * 1e-9;
  kernel.host_seconds = row.at("host_nanoseconds").get<double>() * 1e-9;
  kernel.timed_launches = row.at("timed_launches");
  kernel.margin_seconds = row.at("margin_picoseconds").get<double>() * 1e-12;
  kernel.work_groups = row.at("work_groups");
  kernel.timed_work_groups = row.at("timed_work_groups");
  kernel.dram_read_bytes = row.at("dram_read_bytes");
  kernel.dram_write_bytes = row.at("dram_write_bytes");
  for (const json& part : row.at("energy_picojoules")) kernel.joules += part.get<double>() * 1e-12;
  const json& ledger = row.at("ledger");
  kernel.capacity = ledger.at("capacity");
  kernel.unattributed = ledger.at("unattributed");
  const auto total = static_cast<double>(kernel.capacity);
  for (const json& group : ledger.at("causes")) {
    const std::string name = group.at("name");
    if (!group.contains("children")) {
      kernel.shares[name] = group.at("charge").get<double>() / total;
      continue;
    }
    for (const json& cause : group.at("children"))
      kernel.shares[name + "/" + cause.at("name").get<std::string>()] =
          cause.at("charge").get<double>() / total;
  }
  return kernel;
}

}  // namespace

std::string TimedKernel::largest_stall() const {
  std::string worst = "none";
  double most = 0;
  for (const auto& [path, share] : shares) {
    if (path.starts_with("issued/") || share <= most) continue;
    most = share;
    worst = path;
  }
  return fmt::format("{} {:.0f} %", worst, 100 * most);
}

std::vector<TimedKernel> run_timed(const TimedRun& run) {
  const TemporaryFolder folder("isobar-bench");
  const fs::path profile = folder.path() / "profile.json";
  const std::string isobar = (installation_root() / "bin" / "isobar").string();
  const SubprocessResult result =
      run_subprocess({isobar, "run", "--chip", run.chip, "--fidelity", run.fidelity, "--threads",
                      std::to_string(run.threads), "--json", profile.string(), "--", isobar,
                      "bench", run.client, "--only", run.what});
  if (result.exit_code != 0)
    fail("{} {} on {} ended with exit code {}:\n{}{}", run.client, run.what, run.chip,
         result.exit_code, result.output, result.errors);
  std::vector<TimedKernel> kernels;
  try {
    const json all = json::parse(read_text(profile));
    for (const json& row : all.at("kernels")) kernels.push_back(kernel_from(row));
  } catch (const json::exception& error) {
    fail("{}: not a kernel profile: {}", profile.string(), error.what());
  }
  return kernels;
}

}  // namespace isobar::bench
