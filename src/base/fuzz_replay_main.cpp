// Drives a fuzz target without libFuzzer: replays every file of the corpus folder, then seeded
// mutations of them, so that the ordinary test suite exercises the same entry points. The seed is
// printed; ISOBAR_FUZZ_SEED and ISOBAR_FUZZ_RUNS override it and the number of mutations.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

void mutate(Input& input, std::mt19937_64& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t edits = 1 + below(8); edits > 0; --edits) {
    if (input.empty()) input.push_back(0);
    const std::size_t at = below(input.size());
    switch (below(6)) {
      case 0:
        input[at] = static_cast<std::uint8_t>(random());
        break;
      case 1:
        input[at] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 2:
        input[at] = std::array<std::uint8_t, 4>{0, 0x7f, 0x80, 0xff}[below(4)];
        break;
      case 3:
        input.resize(at);
        break;
      case 4:
        input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), input[below(input.size())]);
        break;
      default:
        input.erase(input.begin() + static_cast<std::ptrdiff_t>(at));
        break;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Input> corpus;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "no corpus: name a folder with at least one file\n");
    return 2;
  }
  const std::uint64_t seed = number_from_environment("ISOBAR_FUZZ_SEED", 20250101);
  const std::uint64_t runs = number_from_environment("ISOBAR_FUZZ_RUNS", 20000);
  std::printf("%zu corpus files, %llu mutations, seed %llu\n", corpus.size(),
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(seed));
  for (const Input& input : corpus) LLVMFuzzerTestOneInput(input.data(), input.size());
  std::mt19937_64 random(seed);
  for (std::uint64_t run = 0; run < runs; ++run) {
    Input input = corpus[random() % corpus.size()];
    mutate(input, random);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  return 0;
}
