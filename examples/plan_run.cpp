// Plans the training of a model on so many chips: the best layouts, and the days that a run takes.
// `isobar plan --model MODEL --chip CHIP --chips N` says all of it.
#include <isobar/isobar.h>

#include <cstdio>
#include <string>

int main(int argc, char** argv) try {
  if (argc != 4) return std::fprintf(stderr, "usage: plan_run MODEL CHIP CHIPS\n"), 2;
  isobar::PlanRequest request;
  request.model = argv[1];
  request.chip = argv[2];
  request.chips = static_cast<std::uint32_t>(std::stoul(argv[3]));
  request.batch = 256;
  request.tokens = 300e9;
  request.runners_up = 2;
  const isobar::Plan plan = isobar::plan_training(request);

  for (const isobar::PlannedLayout& layout : plan.layouts)
    std::printf("%8.4g s  MFU %.1f %%  %.0f GB  %s\n", layout.step_seconds, 100 * layout.mfu,
                layout.memory_bytes / 1e9, layout.description.c_str());
  std::printf("%.1f days, of which %.1f %% train\n", plan.run->days, 100 * plan.run->goodput);
  for (const isobar::Cause& cause : plan.ledger.causes)
    std::printf("%6.1f %%  %s\n", 100 * *plan.ledger.share(cause.name), cause.name.c_str());
  return plan.ledger.unattributed() == 0 ? 0 : 1;
} catch (const isobar::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
