// The FLOPs of a step by the convention of model/mfu_convention.h, and the shares of the peak that
// they are: MFU, and HFU, which counts what is recomputed as well. Table, ledger and chain of a
// plan take them from here.
#pragma once

#include "model/mfu_convention.h"
#include "plan/step/layout.h"

namespace isobar::plan {

/// Of one step, over all chips.
struct StepFlops {
  model::CountedFlops counted;   // by the convention
  model::CountedFlops computed;  // the same with attention as it is computed: halved
  double again = 0;              // recomputed, by the convention
  double prediction = 0;         // multi-token prediction: in no figure, but in the time
};
[[nodiscard]] StepFlops step_flops(const model::TransformerShape& shape, const Layout& layout,
                                   model::AttentionConvention convention);

struct Utilisation {
  double mfu = 0, hfu = 0;
};
/// Over `peak` FLOP/s of each chip.
[[nodiscard]] Utilisation utilisation(const model::TransformerShape& shape, const Layout& layout,
                                      double seconds, double peak,
                                      model::AttentionConvention convention);

}  // namespace isobar::plan
