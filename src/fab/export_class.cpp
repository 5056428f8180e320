#include "fab/export_class.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace isobar::fab {
namespace {

// From when each rule applied.
constexpr Date kOctober2022{20221021}, kOctober2023{20231117}, kDecember2024{20241202},
    kFoundry{20250116}, kReview{20260115};

void find_performance(const ExportFacts& facts, ExportResult& out) {
  for (const FormatPeak& peak : facts.peaks) {
    const double tpp = peak.tera_operations * peak.bits;
    if (out.tpp && tpp <= *out.tpp) continue;
    out.tpp = tpp;
    out.format = std::string(peak.name);
  }
  if (!out.tpp) {
    out.why.emplace_back("TPP cannot be computed: the data sheet has no peak");
    return;
  }
  out.why.push_back(
      fmt::format("TPP {:.0f}: the largest of TOP/s x bits, in {}", *out.tpp, out.format));
  if (facts.planar == true) {
    out.density = 0;
    out.why.emplace_back("performance density 0: no logic with non-planar transistors");
  } else if (facts.non_planar_area) {
    const double density = *out.tpp / *facts.non_planar_area;
    out.density = density;
    out.why.push_back(fmt::format("performance density {:.2f}: TPP over {:.0f} mm2", density,
                                  *facts.non_planar_area));
  } else {
    out.why.emplace_back("performance density cannot be computed: the die area is not published");
  }
}

std::string class_of_october_2022(const ExportFacts& facts, double tpp, ExportResult& out) {
  constexpr double kIo = 600, kTpp = 4800;
  constexpr std::string_view kRule = "87 FR 62186";
  if (tpp < kTpp) {
    out.why.push_back(fmt::format("TPP below 4800: not 3A090 ({})", kRule));
    return "none";
  }
  if (!facts.bidirectional_io) {
    out.why.push_back(fmt::format("TPP of 4800 or more; the I/O rate is not known ({})", kRule));
    return "unknown";
  }
  const bool fast = *facts.bidirectional_io >= kIo;
  out.why.push_back(fmt::format("TPP of 4800 or more and I/O of {:.0f} GB/s, {} 600: {} ({})",
                                *facts.bidirectional_io, fast ? "at least" : "below",
                                fast ? "3A090" : "not 3A090", kRule));
  return fast ? "3A090" : "none";
}

std::string class_of_october_2023(const ExportFacts& facts, double tpp, ExportResult& out) {
  constexpr std::string_view kRule = "88 FR 73458";
  const auto answer = [&](std::string_view reason, std::string name) {
    out.why.push_back(
        fmt::format("{}: {} ({})", reason, name == "none" ? "not 3A090" : name, kRule));
    return name;
  };
  if (tpp >= 4800) return answer("TPP of 4800 or more", "3A090.a");
  if (tpp < 1600) return answer("TPP below 1600", "none");
  if (facts.data_centre == false)
    return answer("TPP below 4800 and not for data centres, note 2", "none");
  if (!out.density) return answer("TPP of 1600 to 4800 and no performance density", "unknown");
  const double density = *out.density;
  if (density >= 5.92) return answer("TPP of 1600 or more, density of 5.92 or more", "3A090.a");
  if (density >= 3.2) return answer("TPP of 1600 or more, density of 3.2 to 5.92", "3A090.b");
  if (tpp >= 2400 && density >= 1.6)
    return answer("TPP of 2400 to 4800, density of 1.6 to 5.92", "3A090.b");
  return answer(tpp >= 2400 ? "density below 1.6" : "TPP below 2400, density below 3.2", "none");
}

std::string hbm_answer(const ExportFacts& facts) {
  if (!facts.hbm) return "no HBM";
  if (!facts.stack_bandwidth || !facts.stack_area) return "the bandwidth of a stack is not known";
  const double density = *facts.stack_bandwidth / *facts.stack_area;
  return fmt::format(
      "{:.2f} GB/s/mm2 per stack: {}; a stack inside a chip's package counts with the chip "
      "(89 FR 96790)",
      density, density > 2 ? "3A090.c if sold alone" : "not 3A090.c");
}

std::string foundry_answer(const ExportFacts& facts, Date date) {
  constexpr std::string_view kRule = "90 FR 5298";
  if (!facts.nanometres && !facts.planar) return "the node is not published";
  const bool advanced = facts.nanometres.value_or(1000) <= 16 || facts.planar == false;
  if (!advanced) return fmt::format("planar and above 16 nm: no presumption ({})", kRule);
  if (!facts.transistors)
    return fmt::format("presumed 3A090.a; the transistor count is not known ({})", kRule);
  const double billions = *facts.transistors / 1e9;
  const double without_hbm = date < Date{20270101} ? 30 : (date < Date{20290101} ? 35 : 40);
  const double limit = facts.hbm ? 30 : without_hbm;
  return fmt::format(
      "presumed 3A090.a; {:.1f} billion transistors, {} the limit of {:.0f} billion: a trusted "
      "packager's count {} overcome the presumption ({})",
      billions, billions < limit ? "below" : "not below", limit,
      billions < limit ? "can" : "cannot", kRule);
}

std::string review_answer(const ExportFacts& facts, const ExportResult& out, Date date) {
  if (out.chip_class == "none") return "no licence by 3A090";
  if (out.chip_class == "unknown") return "not known";
  constexpr std::string_view kRule = "91 FR 1684";
  if (date < kReview || (out.chip_class != "3A090.a" && out.chip_class != "3A090.b"))
    return "presumption of denial (China, Macau and D:5)";
  if (!facts.dram_bandwidth) return "the DRAM bandwidth is not known";
  const double tpp = out.tpp.value_or(0);  // a chip with a class has one
  const bool below = tpp < 21000 && *facts.dram_bandwidth < 6500;
  return fmt::format("{}: TPP {:.0f} ({} 21000), DRAM {:.0f} GB/s ({} 6500) ({})",
                     below ? "case by case, China and Macau, with the rule's certifications"
                           : "presumption of denial",
                     tpp, tpp < 21000 ? "below" : "not below", *facts.dram_bandwidth,
                     *facts.dram_bandwidth < 6500 ? "below" : "not below", kRule);
}

}  // namespace

Date parse_date(std::string_view text) {
  const auto digits = [&](std::size_t from, std::size_t count) {
    int value = 0;
    for (std::size_t i = from; i < from + count; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const int year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
    if (year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= 31)
      return {year * 10000 + month * 100 + day};
  }
  fail("\"{}\" is not a date (write it as 2023-11-17)", text.substr(0, 40));
}

std::string format_date(Date date) {
  return fmt::format("{:04}-{:02}-{:02}", date.yyyymmdd / 10000, date.yyyymmdd / 100 % 100,
                     date.yyyymmdd % 100);
}

Date newest_rule() { return kReview; }

ExportResult export_class(const ExportFacts& facts, Date date) {
  ExportResult out;
  find_performance(facts, out);
  if (date < kOctober2022) {
    out.chip_class = "none";
    out.why.emplace_back("before 21 October 2022 there was no 3A090");
    return out;
  }
  if (!out.tpp)
    out.chip_class = "unknown";
  else
    out.chip_class = date < kOctober2023 ? class_of_october_2022(facts, *out.tpp, out)
                                         : class_of_october_2023(facts, *out.tpp, out);
  if (date >= kDecember2024) out.hbm = hbm_answer(facts);
  if (date >= kFoundry) out.foundry = foundry_answer(facts, date);
  out.review = review_answer(facts, out, date);
  return out;
}

}  // namespace isobar::fab
