#include "model/models_page.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/file/file.h"

namespace isobar::model {
namespace {

TEST(ModelsPage, IsTheOneInDocs) {
  const std::filesystem::path page = ISOBAR_SOURCE_DIR "/docs/MODELS.md";
  const std::string made = models_page(ISOBAR_SOURCE_DIR "/models");
  if (std::getenv("ISOBAR_UPDATE_PAGES") != nullptr) write_text_atomically(page, made);
  EXPECT_EQ(read_text(page), made) << "run ISOBAR_UPDATE_PAGES=1 model_test and commit "
                                      "docs/MODELS.md";
}

TEST(ModelsPage, CountsHaveThreeDigits) {
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(124'439'808), "124 M");
  EXPECT_EQ(format_count(6.74e9), "6.74 B");
  EXPECT_EQ(format_count(37.55e9), "37.5 B");
  EXPECT_EQ(format_count(999.6e9), "1.00 T");
}

}  // namespace
}  // namespace isobar::model
