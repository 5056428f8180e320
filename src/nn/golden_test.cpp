// Parity with PyTorch: from the same weights and batches, the first 10 losses, gradient norms and
// all gradients of step 1 agree within 1e-4 relative. A tensor's relative error is max |ours -
// theirs| / max |theirs|. golden/make_golden.py made the numbers and documents the files.
#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "base/file/file.h"
#include "nn/gpt/gpt.h"
#include "nn/testing/test_device.h"

namespace isobar::nn {
namespace {

constexpr double kTolerance = 1e-4;

std::uint32_t mixed(std::uint32_t index, std::uint32_t stream) {
  std::uint32_t z = index + stream * 0x9E3779B9U;
  z = (z ^ (z >> 16U)) * 0x85EBCA6BU;
  z = (z ^ (z >> 13U)) * 0xC2B2AE35U;
  return z ^ (z >> 16U);
}

std::vector<float> initial(std::uint32_t stream, const model::ParameterInfo& info) {
  std::vector<float> values(info.elements());
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    const float u = static_cast<float>(mixed(i, stream) >> 8U) * 0x1p-24F - 0.5F;
    values[i] = info.name.ends_with(".bias") ? u * 0.1F
                : info.shape.size() == 1     ? 1.0F + u * 0.25F
                                             : u * 0.125F;
  }
  return values;
}

class Golden : public ::testing::TestWithParam<const char*> {
 protected:
  Golden()
      : folder_(ISOBAR_SOURCE_DIR "/src/nn/golden/"),
        golden_(nlohmann::json::parse(read_text(folder_ + GetParam() + ".json"))) {}

  [[nodiscard]] model::GptShape shape() const {
    model::GptShape s{.layers = golden_["layers"],
                      .heads = golden_["heads"],
                      .width = golden_["width"],
                      .context = golden_["context"],
                      .vocabulary = golden_["vocabulary"]};
    s.bias = golden_["bias"];
    s.tied_embeddings = golden_["tied"];
    s.gelu = golden_["gelu"] == "tanh" ? model::Gelu::kTanh : model::Gelu::kExact;
    return s;
  }
  [[nodiscard]] std::vector<float> gradient(const nlohmann::json& tensor, std::size_t count) const {
    const std::vector<std::byte> blob = read_file(folder_ + GetParam() + ".gradients");
    std::vector<std::int16_t> stored(count);
    const std::size_t offset = tensor["offset"].get<std::size_t>() * 2;
    EXPECT_LE(offset + 2 * count, blob.size());
    std::memcpy(stored.data(), blob.data() + offset, 2 * count);
    std::vector<float> values(count);
    std::ranges::transform(stored, values.begin(), [&](std::int16_t v) {
      return static_cast<float>(v * tensor["largest"].get<double>() / 32767);
    });
    return values;
  }
  void compare_gradients(Gpt& gpt) const {
    ASSERT_EQ(golden_["gradients"].size(), gpt.parameters().size());
    for (std::size_t i = 0; i < gpt.parameters().size(); ++i) {
      const nlohmann::json& tensor = golden_["gradients"][i];
      ASSERT_EQ(tensor["name"], gpt.parameters()[i].name);
      const std::vector<float> ours = gpt.read(tensor["name"], Kind::kGradient);
      const std::vector<float> theirs = gradient(tensor, ours.size());
      double worst = 0;
      for (std::size_t k = 0; k < ours.size(); ++k)
        worst = std::max(worst, std::abs(double{ours[k]} - double{theirs[k]}));
      EXPECT_LE(worst, kTolerance * tensor["largest"].get<double>()) << tensor["name"];
    }
  }

  std::string folder_;
  nlohmann::json golden_;
};

TEST_P(Golden, TenStepsMatchPyTorch) {
  const model::GptShape s = shape();
  const std::uint32_t batch = golden_["batch"];
  Gpt gpt(test_context(), s, batch, 0);
  for (std::uint32_t i = 0; i < gpt.parameters().size(); ++i)
    gpt.write(gpt.parameters()[i].name, Kind::kWeight, initial(i, gpt.parameters()[i]));

  const AdamW settings{golden_["beta1"], golden_["beta2"], golden_["epsilon"],
                       golden_["weight_decay"]};
  for (std::uint32_t step = 0; step < 10; ++step) {
    std::vector<std::int32_t> inputs(std::size_t{batch} * s.context), targets(inputs.size());
    for (std::uint32_t i = 0; i < inputs.size(); ++i) {
      const std::uint32_t token = mixed(i, 1000 + step) % s.vocabulary;
      inputs[i] = static_cast<std::int32_t>(token);
      targets[i] = static_cast<std::int32_t>((token * 3 + 1) % s.vocabulary);
    }
    const double loss = golden_["losses"][step], norm = golden_["gradient_norms"][step];
    EXPECT_NEAR(gpt.loss_and_gradients(inputs, targets), loss, kTolerance * loss) << step;
    if (step == 0) compare_gradients(gpt);
    EXPECT_NEAR(gpt.step(settings, golden_["learning_rate"], golden_["gradient_clip"]), norm,
                kTolerance * norm)
        << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, ::testing::Values("gpt-nano", "odd"),
                         [](const auto& param_info) {
                           std::string name = param_info.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace isobar::nn
