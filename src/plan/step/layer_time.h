// The time one micro-batch spends in one layer on one chip, by cause: the layer's operators
// (model/operators.h) cut as the layout says, lowered to kernels, plus the communication inside the
// layer. These times do not depend on how many stages, replicas or micro-batches there are, so they
// are computed once per (micro-batch, tensor, context, expert, recipe) and a plan is assembled from
// them (step_time.h).
#pragma once

#include <vector>

#include "model/transformer_counts.h"
#include "plan/kernel/kernel_cost.h"
#include "plan/network/machine.h"
#include "plan/step/coefficients.h"
#include "plan/step/layout.h"
#include "plan/step/parts.h"

namespace isobar::plan {

/// Forward and backward of one micro-batch through something.
struct PassTime {
  Parts forward, backward;     // backward with its recomputation
  double weight_gradient = 0;  // seconds of backward that only weight gradients take
  double hidden_exchange = 0;  // seconds of experts' all-to-all behind another micro-batch
};

struct MicroBatchTime {
  std::vector<PassTime> layers_before;  // prefix sums: [i] is all layers below i
  std::vector<double> forward_before, backward_before, weight_before;  // their totals
  PassTime embedding, head;  // head with prediction modules
  PassTime prediction;       // of the head: multi-token prediction
  double tokens = 0;         // of one chip, after context parallelism
};

/// What stays the same over a search.
struct Setting {
  const model::TransformerShape* shape = nullptr;
  const ChipFigures* chip = nullptr;
  const Network* network = nullptr;
  const Coefficients* coefficients = nullptr;
  const KernelCost* kernels =
      nullptr;  // asked in place of the calibrated fractions, if there is one
};

[[nodiscard]] MicroBatchTime micro_batch_time(const Setting& setting, const Layout& layout);

}  // namespace isobar::plan
