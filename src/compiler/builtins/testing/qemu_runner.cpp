// KernelRunner without a device: kernels and built-in functions become a Linux RISC-V program that
// qemu-riscv64 runs (qemu_kernels.py, qemu_guest.c). It separates faults of the library from faults
// of the simulator. CMake gives ISOBAR_QEMU_BUILD, the command that makes the program.
#include <cstring>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "base/file/file.h"
#include "base/file/temporary_folder.h"
#include "base/subprocess.h"
#include "compiler/builtins/testing/kernel_runner.h"

namespace isobar::compiler {
namespace {

namespace fs = std::filesystem;

class QemuRunner final : public KernelRunner {
 public:
  void build(const std::string& source) override {
    write_text_atomically(folder_ / "kernels.cl", source);
    std::vector<std::string> command;
    std::istringstream words(ISOBAR_QEMU_BUILD);
    for (std::string word; words >> word;) command.push_back(word);
    for (const fs::path& argument :
         {fs::path("--source"), folder_ / "kernels.cl", fs::path("--output"),
          folder_ / "kernels.elf", fs::path("--work"), folder_.path()})
      command.push_back(argument.string());
    const SubprocessResult result = run_subprocess(command);
    if (result.exit_code != 0) throw std::runtime_error(result.errors);
  }

  void run(const std::string& kernel, std::size_t count, std::size_t /*local*/,
           std::span<const std::vector<std::byte>> inputs,
           std::span<std::vector<std::byte>> outputs) override {
    // Buffers lie at multiples of 128 bytes, in the file of inputs as in the guest's memory.
    const auto aligned = [](std::size_t size) { return (size + 127) / 128 * 128; };
    std::vector<std::byte> all;
    std::vector<std::string> command = {"qemu-riscv64",
                                        "-cpu",
                                        "rv64,Zfh=true",
                                        (folder_ / "kernels.elf").string(),
                                        kernel,
                                        std::to_string(count),
                                        (folder_ / "inputs").string()};
    for (const auto& bytes : inputs) {
      all.insert(all.end(), bytes.begin(), bytes.end());
      all.resize(aligned(all.size()));
      command.push_back(std::to_string(aligned(bytes.size())));
    }
    command.emplace_back("0");
    for (const auto& bytes : outputs) command.push_back(std::to_string(aligned(bytes.size())));
    write_file_atomically(folder_ / "inputs", all);
    const SubprocessResult result = run_subprocess(command);
    std::size_t at = 0;
    for (const auto& bytes : outputs) at += aligned(bytes.size());
    if (result.exit_code != 0 || result.output.size() != at)
      throw std::runtime_error(kernel + " under qemu-riscv64: exit code " +
                               std::to_string(result.exit_code) + ", " + result.errors);
    at = 0;
    for (auto& bytes : outputs) {
      std::memcpy(bytes.data(), result.output.data() + at, bytes.size());
      at += aligned(bytes.size());
    }
  }

  std::string device() const override { return "qemu-riscv64"; }
  bool has_half() const override { return true; }
  bool has_double() const override { return true; }

 private:
  const TemporaryFolder folder_{"isobar-qemu"};
};

}  // namespace

std::unique_ptr<KernelRunner> make_kernel_runner() { return std::make_unique<QemuRunner>(); }

}  // namespace isobar::compiler
