// Launches an OpenCL C kernel on a simulated chip, checks what it computed and says where its
// cycles went. The same kernel in any OpenCL program, under `isobar run --fidelity timed --profile
// -- PROGRAM`, gives the same numbers.
#include <isobar/isobar.h>

#include <cstdio>

const char* const kSource = R"(
kernel void scale_add(global const float* x, global float* y, float a) {
  size_t i = get_global_id(0);
  y[i] = a * x[i] + y[i];
})";

int main(int argc, char** argv) try {
  const isobar::Chip chip(argc > 1 ? argv[1] : "isobar-nano",
                          {.fidelity = isobar::Fidelity::kTimed});
  std::vector<float> x(16384), y(x.size(), 1.0F);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);

  isobar::Buffer on_chip_x = chip.buffer(x), on_chip_y = chip.buffer(y);
  const isobar::Program program = chip.build(kSource);
  const isobar::Launch launch = program.launch("scale_add", {.global = {x.size()}, .local = {64}},
                                               {on_chip_x, on_chip_y, 2.0F});

  const std::vector<float> result = on_chip_y.read<float>();
  for (std::size_t i = 0; i < x.size(); ++i)
    if (result[i] != 2.0F * x[i] + 1.0F) return std::printf("wrong at %zu\n", i), 1;

  std::printf("%s on %s: %llu cycles\n", launch.kernel.c_str(), chip.figures().name.c_str(),
              static_cast<unsigned long long>(launch.cycles));
  for (const isobar::Cause& group : launch.ledger.causes)
    std::printf("%6.1f %%  %s\n", 100 * *launch.ledger.share(group.name), group.name.c_str());
  return launch.ledger.unattributed() == 0 ? 0 : 1;
} catch (const isobar::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
