#include "nn/parameter_store.h"

#include <Random123/philox.h>
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "base/error.h"
#include "nn/launch.h"

namespace isobar::nn {
namespace {

constexpr std::uint32_t kVocabularyMultiple = 128;
constexpr std::uint32_t kInitialSite = 0xFFFF'FFFF;  // Philox counters apart from dropout's

/// Normal numbers by Box and Muller from Philox4x32-10: numbers 4 i to 4 i + 3 of parameter p come
/// from counter (i, p, 0, site), so that each is a function of the seed and its place alone.
std::vector<float> normal(std::uint64_t elements, double deviation, std::uint32_t parameter,
                          std::uint64_t seed) {
  std::vector<float> values(elements);
  const r123::Philox4x32::key_type key{
      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)}};
  for (std::uint64_t first = 0; first < elements; first += 4) {
    const r123::Philox4x32::ctr_type words = r123::Philox4x32()(
        {{static_cast<std::uint32_t>(first / 4), parameter, 0, kInitialSite}}, key);
    for (std::uint64_t i = 0; i < 4 && first + i < elements; ++i) {
      const double u = (words[i & 2U] + 1.0) * 0x1p-32;  // (0, 1]
      const double angle = 2 * std::numbers::pi * words[(i & 2U) + 1] * 0x1p-32;
      const double radius = deviation * std::sqrt(-2 * std::log(u));
      values[first + i] =
          static_cast<float>(radius * ((i & 1U) == 0 ? std::cos(angle) : std::sin(angle)));
    }
  }
  return values;
}

}  // namespace

std::uint32_t padded_vocabulary(const model::GptShape& shape) {
  return divide_up(shape.vocabulary, kVocabularyMultiple) * kVocabularyMultiple;
}

namespace {

/// A parameter's elements with its padding.
std::uint64_t stored_of(const model::ParameterInfo& info, const model::GptShape& shape) {
  const bool by_token = info.name == "wte.weight" || info.name == "lm_head.weight";
  const std::uint64_t elements =
      by_token ? std::uint64_t{padded_vocabulary(shape)} * shape.width : info.elements();
  return (elements + kLanes - 1) / kLanes * kLanes;
}

}  // namespace

std::uint64_t ParameterStore::stored_elements(const model::GptShape& shape) {
  std::uint64_t all = 0;
  for (const model::ParameterInfo& info : model::parameters(shape)) all += stored_of(info, shape);
  return all;
}

ParameterStore::ParameterStore(ClContext& cl, const model::GptShape& shape, std::uint64_t seed)
    : cl_(cl), infos_(model::parameters(shape)) {
  std::uint32_t end = 0;
  for (const bool decays : {true, false}) {
    for (std::size_t i = 0; i < infos_.size(); ++i) {
      if (infos_[i].decays != decays) continue;
      const auto stored = static_cast<std::uint32_t>(stored_of(infos_[i], shape));
      places_[infos_[i].name] = {end, stored, i};
      end += stored;
    }
    if (decays) decaying_ = end;
  }
  for (int kind = 0; kind < 4; ++kind) buffers_.push_back(allocate(cl, end));
  initialise(shape, seed);
}

void ParameterStore::initialise(const model::GptShape& shape, std::uint64_t seed) {
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    const std::string& name = infos_[i].name;
    const std::uint64_t elements = infos_[i].elements();
    if (name.ends_with(".bias")) continue;  // zero already
    if (infos_[i].shape.size() == 1) {
      write(name, Kind::kWeight, std::vector<float>(elements, 1.0F));
      continue;
    }
    const bool into_residual = name.ends_with("c_proj.weight");
    const double deviation = into_residual ? 0.02 / std::sqrt(2.0 * shape.layers) : 0.02;
    write(name, Kind::kWeight, normal(elements, deviation, static_cast<std::uint32_t>(i), seed));
  }
}

const ParameterStore::Place& ParameterStore::place(const std::string& name) const {
  const auto found = places_.find(name);
  if (found == places_.end())
    fail("the model has no parameter \"{}\" (its first is \"{}\", its last \"{}\")", name,
         infos_.front().name, infos_.back().name);
  return found->second;
}

Tensor ParameterStore::tensor(const std::string& name, Kind kind) const {
  const Place& at = place(name);
  return all(kind).from(at.offset, at.stored);
}

std::vector<float> ParameterStore::read(const std::string& name, Kind kind) {
  const Place& at = place(name);
  const auto elements = static_cast<std::uint32_t>(infos_[at.info].elements());
  return download(cl_, all(kind).from(at.offset, elements));
}

void ParameterStore::write(const std::string& name, Kind kind, std::span<const float> values) {
  const Place& at = place(name);
  const std::uint64_t elements = infos_[at.info].elements();
  if (values.size() != elements)
    fail("parameter \"{}\" has {} elements, but {} were given (another model's checkpoint?)", name,
         elements, values.size());
  upload(cl_, all(kind).from(at.offset, static_cast<std::uint32_t>(elements)), values);
}

}  // namespace isobar::nn
