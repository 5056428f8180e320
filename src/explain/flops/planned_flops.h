// A step's FLOPs from the description of its model (--model), in place of what the trace tells.
//
//   --tokens given   the model's FLOPs per token x tokens / chips: embedding, layers, output layer
//   otherwise        each backward launch of attention is one layer that was passed forward and
//                    back: heads x sequence of its grid over the model's heads are its tokens. The
//                    output layer is not counted then, since nothing shows that it ran.
#pragma once

#include "explain/explanation.h"

namespace isobar::explain {

/// Replaces `flops` of one device. Throws UserError where neither tokens nor attention is known.
void plan_flops(ModelFlops& flops, const Request& request, const Window& window,
                const SeenAttention& seen, const Timeline& timeline, const KernelTable& table,
                const std::vector<std::uint32_t>& classes, const Trace& trace);

}  // namespace isobar::explain
