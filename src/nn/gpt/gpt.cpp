// The public face of the model: what waits, what does not, and the state for checkpoints.
#include "nn/gpt/gpt.h"

#include <algorithm>

#include "base/error.h"
#include "nn/gpt/gpt_impl.h"

namespace isobar::nn {
namespace {

/// Before the first buffer is made: a device that pretends to have its memory would take the
/// host's.
void check_memory(const DeviceInfo& device, const model::GptShape& shape, std::uint32_t batch) {
  constexpr double kGiga = 1e9;
  const MemoryNeeds needs = memory_needs(shape, batch);
  const auto whole = static_cast<double>(device.handle.getInfo<CL_DEVICE_GLOBAL_MEM_SIZE>());
  const auto one = static_cast<double>(device.handle.getInfo<CL_DEVICE_MAX_MEM_ALLOC_SIZE>());
  if (needs.total() > whole)
    fail(
        "the model does not fit: it takes {:.3g} GB ({:.3g} of weights, gradients and moments, "
        "{:.3g} "
        "of activations for a batch of {}), but {} has {:.3g} GB (a smaller batch, context or "
        "model)",
        needs.total() / kGiga, needs.state / kGiga, needs.activations / kGiga, batch,
        device.full_name(), whole / kGiga);
  constexpr double kMostElements = UINT32_MAX;  // an index of the kernels
  const double most = std::min(one, kMostElements * sizeof(float));
  if (needs.largest > most)
    fail(
        "the model does not fit: one of its arrays takes {:.3g} GB, but on {} one may have {:.3g} "
        "GB "
        "(a smaller batch, context or model)",
        needs.largest / kGiga, device.full_name(), most / kGiga);
}

}  // namespace

Gpt::Gpt(ClContext& cl, const model::GptShape& shape, std::uint32_t batch, std::uint64_t seed) {
  model::check(shape, "the model");
  if (shape.vocabulary == 0) fail("the model: vocabulary is 0 (the tokeniser's size belongs here)");
  if (batch == 0) fail("the model: batch is 0 (at least one sequence is needed)");
  check_memory(cl.device(), shape, batch);
  impl_ = std::make_unique<Impl>(cl, shape, batch, seed);
}

Gpt::~Gpt() {
  // An upload in flight reads this object's memory. A failed one (the code says so) reads no more.
  if (const cl_event uploaded = impl_->feed.uploaded()) clWaitForEvents(1, &uploaded);
}

void Gpt::enqueue_gradients(std::span<const std::int32_t> inputs,
                            std::span<const std::int32_t> targets) {
  const std::uint32_t sequences = impl_->feed_batch(inputs, targets);
  impl_->marks.start();
  impl_->forward(sequences, true);
  impl_->loss(sequences, impl_->results.from(0, 1));
  impl_->backward(sequences);
  impl_->cl.queue().flush();
}

void Gpt::enqueue_step(const AdamW& settings, float learning_rate, float gradient_clip) {
  impl_->optimise(settings, learning_rate, gradient_clip);
  impl_->marks.set(impl_->cl, "update", 1, 1);
  impl_->cl.queue().flush();
}

StepResult Gpt::finish() {
  const std::vector<float> results = download(impl_->cl, impl_->results);
  return {results[0], results[1]};
}

float Gpt::loss_and_gradients(std::span<const std::int32_t> inputs,
                              std::span<const std::int32_t> targets) {
  enqueue_gradients(inputs, targets);
  return finish().loss;
}

float Gpt::step(const AdamW& settings, float learning_rate, float gradient_clip) {
  enqueue_step(settings, learning_rate, gradient_clip);
  return finish().gradient_norm;
}

float Gpt::evaluate(std::span<const std::int32_t> inputs, std::span<const std::int32_t> targets) {
  const std::uint32_t sequences = impl_->feed_batch(inputs, targets);
  const Tensor result = impl_->results.from(3, 1);
  impl_->marks.start();
  impl_->forward(sequences, false);
  impl_->loss(sequences, result);
  return download(impl_->cl, result)[0];
}

std::vector<float> Gpt::logits(std::span<const std::int32_t> tokens) {
  const std::uint32_t context = impl_->shape.context;
  if (tokens.empty() || tokens.size() > context)
    fail("{} tokens were given, but the model reads 1 to {}", tokens.size(), context);
  // What follows the tokens does not reach back to them, so any filling will do.
  std::vector<std::int32_t> padded(context, 0);
  std::ranges::copy(tokens, padded.begin());
  impl_->marks.start();
  impl_->forward(impl_->feed_batch(padded, padded), false);
  const auto row = static_cast<std::uint32_t>(tokens.size() - 1);
  return download(impl_->cl, impl_->logits.from(row * padded_vocabulary(impl_->shape),
                                                impl_->shape.vocabulary));
}

std::optional<PassProgress> Gpt::progress() const { return impl_->marks.progress(); }

void Marks::start() {
  const std::lock_guard lock(guard_);
  marks_.clear();
}

void Marks::set(ClContext& cl, const char* phase, std::uint32_t done, std::uint32_t all) {
  cl::Event reached;
  cl.queue().enqueueMarkerWithWaitList(nullptr, &reached);
  const std::lock_guard lock(guard_);
  marks_.push_back({{phase, done, all}, reached});
}

std::optional<PassProgress> Marks::progress() const {
  const std::lock_guard lock(guard_);
  for (const Mark& mark : marks_) {
    cl_int status = CL_COMPLETE;
    // A failed command's status is negative: it is not waited for.
    (void)mark.reached.getInfo(CL_EVENT_COMMAND_EXECUTION_STATUS, &status);
    if (status > CL_COMPLETE) return PassProgress{mark.at.phase, mark.at.done - 1, mark.at.all};
  }
  return std::nullopt;
}

const std::vector<model::ParameterInfo>& Gpt::parameters() const { return impl_->store.infos(); }

std::vector<float> Gpt::read(const std::string& name, Kind kind) {
  return impl_->store.read(name, kind);
}

void Gpt::write(const std::string& name, Kind kind, std::span<const float> values) {
  impl_->store.write(name, kind, values);
  if (kind != Kind::kWeight) return;
  impl_->weights_changed = true;
  ++impl_->weights_version;
}

std::uint64_t Gpt::steps_done() const { return impl_->steps_done; }
void Gpt::set_steps_done(std::uint64_t steps) {
  impl_->steps_done = steps;
  impl_->weights_changed = true;  // nothing derived from another state stays
}
const model::GptShape& Gpt::shape() const { return impl_->shape; }
std::uint32_t Gpt::batch() const { return impl_->batch; }
std::uint64_t Gpt::seed() const { return impl_->seed; }

}  // namespace isobar::nn
