#include "base/rank_shares.h"

#include <nlohmann/json.hpp>

#include "base/ranks.h"
#include "base/text/json_text.h"

namespace isobar {

std::vector<std::string> share_among_ranks(std::size_t count,
                                           const std::function<std::string(std::size_t)>& work) {
  const Ranks ranks;
  const auto stride = static_cast<std::size_t>(ranks.count());
  nlohmann::json mine = nlohmann::json::array();
  ranks.together([&] {
    for (auto i = static_cast<std::size_t>(ranks.rank()); i < count; i += stride)
      mine.push_back(work(i));
  });
  std::vector<nlohmann::json> of_ranks;
  for (const std::string& text : ranks.gather(json_text(mine)))
    of_ranks.push_back(nlohmann::json::parse(text));
  std::vector<std::string> results;
  if (ranks.is_first())
    for (std::size_t i = 0; i < count; ++i)
      results.push_back(of_ranks[i % stride][i / stride].get<std::string>());
  return results;
}

}  // namespace isobar
