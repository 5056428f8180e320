#include "plan/step/parts.h"

namespace isobar::plan {

const PartText& text_of(Part part) {
  static constexpr std::array<PartText, kPartCount> kTexts{{
      {"useful", "matrix products", "the model's FLOPs at the 16-bit peak"},
      {"useful", "attention", "the causal half at the 16-bit peak: the half that is computed"},
      {"computation", "matrix products below peak",
       "tiles, waves, clocks, start-up; less the time that narrow formats save"},
      {"computation", "attention below peak", "softmax between two products, causal edges"},
      {"computation", "memory-bound kernels", "norms, activations, residuals, routing"},
      {"computation", "casts", "quantising and transposing operands of narrow products"},
      {"computation", "recomputation", "forward work done twice to save memory"},
      {"computation", "busiest expert", "waiting for the most loaded expert"},
      {"computation", "host", "the device waits for launches"},
      {"computation", "lent cores", "taken by communication that overlaps with computation"},
      {"communication", "tensor parallel", "exposed collectives within layers"},
      {"communication", "context parallel", "exposed exchange of keys and values"},
      {"communication", "expert parallel", "exposed all-to-all of tokens"},
      {"communication", "pipeline messages", "activations and gradients between stages"},
      {"waiting", "pipeline bubble", "filling and draining the pipeline"},
      {"waiting", "uneven stages", "waiting for the longest stage"},
      {"communication", "data parallel", "exposed communication of gradients and parameters"},
      {"update", "optimiser", "memory traffic of the update"},
      {"update", "fixed cost of a step", "loop, data, loss scaling, logging"},
      {"waiting", "stragglers", "jitter and slow chips; grows with the number of chips"},
  }};
  return kTexts.at(static_cast<std::size_t>(part));
}

}  // namespace isobar::plan
