// Says where the peak of a real training step went, from a trace of the PyTorch profiler: the MFU,
// the largest losses, and what to try. `isobar explain TRACE` says all of it.
#include <isobar/isobar.h>

#include <cstdio>

int main(int argc, char** argv) try {
  if (argc != 2) return std::fprintf(stderr, "usage: explain_trace TRACE\n"), 2;
  const isobar::Explanation explanation = isobar::explain_trace({.traces = {argv[1]}});

  std::printf("step %.3f ms on %s\n", 1e3 * explanation.step_seconds, explanation.device.c_str());
  if (explanation.mfu) std::printf("MFU  %.1f %%\n", 100 * *explanation.mfu);
  for (const isobar::Cause& cause : explanation.ledger.causes)
    std::printf("%6.1f %%  %s\n", 100 * *explanation.ledger.share(cause.name), cause.name.c_str());
  for (const isobar::Advice& advice : explanation.advice)
    std::printf("up to %.3f ms: %s\n", 1e3 * advice.gain_seconds, advice.remedy.c_str());
  return explanation.ledger.unattributed() == 0 ? 0 : 1;
} catch (const isobar::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
