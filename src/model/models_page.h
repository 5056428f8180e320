// docs/MODELS.md: the models that come with Isobar, counted, beside what others counted; and how to
// describe one's own.
#pragma once

#include <filesystem>
#include <string>

namespace isobar::model {

/// Of the model files in `folder`, whose number of parameters somebody published.
[[nodiscard]] std::string models_page(const std::filesystem::path& folder);

/// 671 B, 124 M, 37.6 B: three digits.
[[nodiscard]] std::string format_count(double count);

}  // namespace isobar::model
