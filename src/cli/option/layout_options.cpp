#include "cli/option/layout_options.h"

#include <map>
#include <span>

#include "base/error.h"
#include "cli/option/number_check.h"

namespace isobar::cli {
namespace {

using plan::ContextExchange;
using plan::Precision;
using plan::Recompute;
using plan::Schedule;

constexpr int kMost = 1 << 20;  // of any degree

template <class T>
T choice(const std::string& option, const std::string& text,
         const std::map<std::string, T>& names) {
  const auto found = names.find(text);
  if (found != names.end()) return found->second;
  std::string known;
  for (const auto& [name, value] : names) known += (known.empty() ? "" : ", ") + name;
  fail("{} is \"{}\", but there are {}", option, text, known);
}

template <class T>
void keep(std::optional<T>& kept, const std::string& option, const std::string& text,
          const std::map<std::string, T>& names) {
  if (!text.empty()) kept = choice(option, text, names);
}

/// One of a few enumerators that name_of() names.
template <class T>
void keep(std::optional<T>& kept, const std::string& option, const std::string& text,
          std::span<const T> all) {
  std::map<std::string, T> names;
  for (const T each : all) names.emplace(name_of(each), each);
  keep(kept, option, text, names);
}

void keep(std::optional<bool>& kept, const std::string& option, const std::string& text) {
  keep<bool>(kept, option, text, {{"on", true}, {"off", false}});
}

std::vector<Precision> precisions_of(const std::vector<std::string>& given) {
  static const std::map<std::string, Precision> kNames{{"bf16", Precision::kBf16},
                                                       {"fp8", Precision::kFp8Tensor},
                                                       {"fp8-block", Precision::kFp8Block},
                                                       {"mxfp8", Precision::kMxfp8},
                                                       {"nvfp4", Precision::kNvfp4}};
  std::vector<Precision> list;
  list.reserve(given.size());
  for (const std::string& name : given) list.push_back(choice("--precision", name, kNames));
  return list.empty() ? std::vector{Precision::kBf16} : list;
}

}  // namespace

void LayoutOptions::add_to(CLI::App& command) {
  command.option_defaults()->group("Layout (fixed, not searched)");
  const auto degree = [&](const char* name, std::uint32_t& value, const char* text) {
    command.add_option(name, value, text)->check(whole_number(1, kMost));
  };
  degree("--tp", fixed_.tensor, "Degree of tensor parallelism");
  degree("--pp", fixed_.pipeline, "Degree of pipeline parallelism: number of stages");
  degree("--ep", fixed_.expert, "Degree of expert parallelism");
  degree("--cp", fixed_.context, "Degree of context parallelism");
  degree("--vpp", fixed_.virtual_stages, "Chunks per pipeline stage (interleaved schedule)");
  degree("--micro-batch", fixed_.micro_batch, "Sequences per micro-batch");
  command.add_option("--zero", zero_, "ZeRO stage, 0 to 3 (3: FSDP)")->check(whole_number(0, 3));
  command
      .add_option(
          "--shard-group", shard_group_,
          "HSDP: number of replicas that share one copy of the weights; 0: all of them (with ZeRO "
          "stage 3)")
      ->check(whole_number(0, kMost));
  const auto words = [&](const char* name, std::string& value, const char* known,
                         const char* text) {
    command.add_option(name, value, text)->type_name(known);
  };
  words("--offload", offload_, "on|off", "Optimiser states in the host's memory");
  words("--recompute", recompute_, "none|selective|full", "Recomputation of activations");
  words("--schedule", schedule_, "1f1b|interleaved|zb-h1|dualpipe", "Pipeline schedule");
  words("--cp-exchange", exchange_, "ring|all-to-all",
        "Exchange of keys and values in context parallelism");
  words("--sequence-parallel", sequence_parallel_, "on|off",
        "Sequence parallelism, in addition to tensor parallelism");
  words("--async-tp", async_tensor_, "on|off",
        "Overlap of tensor-parallel communication with matrix products");
  words("--overlap", overlap_, "on|off",
        "Overlap of gradient and parameter communication with the backward pass");
  command
      .add_option("--precision", precisions_,
                  "Number formats of the linear layers to try (default: bf16)")
      ->type_name("bf16|fp8|fp8-block|mxfp8|nvfp4")
      ->delimiter(',');
}

void LayoutOptions::check_pipeline() const {
  const bool plain = schedule_.empty() || schedule_ == "1f1b";
  if (fixed_.pipeline == 1 && !plain)
    fail("--schedule {} needs a pipeline, but --pp is 1", schedule_);
  if (fixed_.pipeline == 1 && fixed_.virtual_stages > 1)
    fail("--vpp {} needs a pipeline, but --pp is 1", fixed_.virtual_stages);
  if (fixed_.virtual_stages > 1 && !schedule_.empty() && schedule_ != "interleaved")
    fail("--vpp {} belongs to --schedule interleaved, not {}", fixed_.virtual_stages, schedule_);
}

void LayoutOptions::apply(plan::PlanRequest& request) const {
  check_pipeline();
  request.fixed = fixed_;
  request.precisions = precisions_of(precisions_);
  plan::Choices& choices = request.choices;
  if (zero_ >= 0) choices.zero = static_cast<std::uint32_t>(zero_);
  if (shard_group_ >= 0) choices.shard_group = static_cast<std::uint32_t>(shard_group_);
  if (shard_group_ > 0 && zero_ < 0) choices.zero = 3;
  keep<Recompute>(choices.recompute, "--recompute", recompute_,
                  {{"none", Recompute::kNone},
                   {"selective", Recompute::kSelective},
                   {"full", Recompute::kFull}});
  keep<Schedule>(choices.schedule, "--schedule", schedule_, std::span(plan::kSchedules));
  if (fixed_.virtual_stages > 1) choices.schedule = Schedule::kInterleaved;
  keep<ContextExchange>(
      choices.exchange, "--cp-exchange", exchange_,
      {{"ring", ContextExchange::kRing}, {"all-to-all", ContextExchange::kAllToAll}});
  keep(choices.offload, "--offload", offload_);
  keep(choices.sequence_parallel, "--sequence-parallel", sequence_parallel_);
  keep(choices.overlaps_tensor, "--async-tp", async_tensor_);
  keep(choices.overlaps_data, "--overlap", overlap_);
}

}  // namespace isobar::cli
