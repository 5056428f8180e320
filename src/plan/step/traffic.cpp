#include "plan/step/traffic.h"

#include "plan/step/memory.h"
#include "plan/step/step_time.h"

namespace isobar::plan {
namespace {

class List {
 public:
  List(const Setting& setting, const Layout& layout)
      : setting_(setting),
        layout_(layout),
        network_(*setting.network),
        reach_{setting.coefficients->of(setting.chip->generation).link,
               setting.coefficients->network},
        tokens_(static_cast<double>(layout.micro_batch) * layout.sequence / layout.context) {}

  std::vector<Transfer> take() {
    add_tensor();
    add_context();
    add_experts();
    add_pipeline();
    add_data();
    return std::move(list_);
  }

 private:
  [[nodiscard]] Group group(std::uint32_t size, std::uint32_t stride) const {
    return group_of(size, stride, network_.domain());
  }

  void add(std::string what, std::string_view algorithm, Group members, double bytes,
           double seconds) {
    list_.push_back({std::move(what), std::string(algorithm), members, bytes, seconds,
                     outermost_level(network_, members).name});
  }
  void add_all_reduce(std::string what, Group members, double bytes) {
    if (members.size <= 1) return;
    const ChosenAlgorithm chosen = fastest_all_reduce(network_, members, bytes, reach_);
    add(std::move(what), name_of(chosen.algorithm), members, bytes, chosen.seconds);
  }
  void add_all_gather(std::string what, Group members, double bytes) {
    if (members.size <= 1) return;
    add(std::move(what),
        name_of(members.domains() > 1 ? Algorithm::kHierarchical : Algorithm::kRing), members,
        bytes, all_gather(network_, members, bytes, reach_));
  }

  void add_tensor() {
    add_all_reduce("tensor parallel, per region of a layer", group(layout_.tensor, 1),
                   2 * tokens_ * setting_.shape->width);
  }

  void add_context() {
    if (layout_.context <= 1) return;
    const model::TransformerShape& shape = *setting_.shape;
    const Group members = group(layout_.context, layout_.tensor);
    const double heads = std::max(1.0, static_cast<double>(shape.kv_heads) / layout_.tensor);
    const double bytes = 2 * tokens_ * heads * 2 * shape.head_width;
    if (layout_.exchange == ContextExchange::kRing) {
      add_all_gather("context parallel, keys and values of a layer", members,
                     bytes * layout_.context);
    } else {
      add("context parallel, keys and values of a layer", "all-to-all", members, bytes,
          all_to_all(network_, members, bytes, reach_));
    }
  }

  void add_experts() {
    if (layout_.expert <= 1) return;
    const model::Experts& experts = setting_.shape->experts;
    const double reached = setting_.coefficients->expert_link;
    ExpertTraffic traffic;
    traffic.tokens = tokens_ / layout_.tensor;
    traffic.active = experts.active;
    traffic.domain_limit = experts.groups > experts.active_groups ? experts.active_groups : 0;
    traffic.token_bytes =
        2.0 * (experts.latent_width > 0 ? experts.latent_width : setting_.shape->width);
    const Group members = group(layout_.expert, 1);
    add("experts' tokens, one way, 16 bits, even load", "all-to-all", members,
        traffic.tokens * traffic.token_bytes * traffic.active,
        expert_exchange(network_, members, traffic, {reached, reached}));
  }

  void add_pipeline() {
    if (layout_.pipeline <= 1) return;
    const std::uint32_t stride = layout_.chips() / layout_.pipeline;
    add("pipeline, one message", "send", group(2, stride),
        2 * tokens_ * setting_.shape->width / layout_.tensor,
        pipeline_message(setting_, layout_, tokens_));
  }

  void add_data() {
    const ChipWeights weights =
        chip_weights(model_bytes(*setting_.shape, layout_), *setting_.shape, layout_);
    const std::uint32_t replicas = layout_.data * layout_.context;
    const Group plain = group(replicas, layout_.tensor);
    const Group experts =
        group(std::max(1U, replicas * layout_.tensor / layout_.expert), layout_.expert);
    const double gradient = layout_.stack.gradient_bytes;
    if (layout_.zero == 0) {
      add_all_reduce("gradients, once per step", plain, gradient * weights.plain);
      if (weights.experts > 0)
        add_all_reduce("experts' gradients, once per step", experts, gradient * weights.experts);
    } else if (layout_.zero < 3) {
      add_all_gather("gradients scattered, once per step", plain, gradient * weights.plain);
      add_all_gather("weights gathered, once per step", plain, 2 * weights.plain);
      if (weights.experts > 0)
        add_all_gather("experts' gradients scattered, once per step", experts,
                       gradient * weights.experts);
    } else {
      add_sharded(plain, weights.plain + weights.experts, gradient);
    }
  }

  void add_sharded(Group plain, double weights, double gradient) {
    const Group shard =
        layout_.shard_group > 0 ? group(layout_.shard_group, layout_.tensor) : plain;
    add_all_gather("weights gathered, twice per micro-batch", shard, 2 * weights);
    add_all_gather("gradients scattered, per micro-batch", shard, gradient * weights);
    if (layout_.shard_group > 0)
      add_all_reduce("gradients between copies, once per step",
                     group(plain.size / shard.size, layout_.tensor * shard.size),
                     gradient * weights / shard.size);
  }

  const Setting& setting_;
  const Layout& layout_;
  const Network& network_;
  Reach reach_;
  double tokens_;
  std::vector<Transfer> list_;
};

}  // namespace

std::vector<Transfer> transfers(const Setting& setting, const Layout& layout) {
  return List(setting, layout).take();
}

}  // namespace isobar::plan
