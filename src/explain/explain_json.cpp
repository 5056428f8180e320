#include <nlohmann/json.hpp>

#include "base/json_document.h"
#include "explain/explain_text.h"

namespace isobar::explain {
namespace {

using Json = nlohmann::ordered_json;

double ms(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

/// The figures that all readers ask for; sums over ranks are means of one rank.
void put_figures(Json& json, const TimelineFigures& f, double ranks) {
  json["span_ms"] = ms(f.span) / ranks;
  json["compute_busy_ms"] = ms(f.compute_busy) / ranks;
  json["communication_ms"] = ms(f.communication) / ranks;
  json["exposed_communication_ms"] = ms(f.exposed_communication) / ranks;
  json["exposed_copy_ms"] = ms(f.exposed_copy) / ranks;
  json["idle_ms"] = ms(f.idle) / ranks;
  json["host_bound_ms"] = ms(f.host_bound) / ranks;
  json["lent_sms"] = f.lent_sms;
}

const char* group_name(KernelGroup group) {
  switch (group) {
    case KernelGroup::kGemm:
      return "gemm";
    case KernelGroup::kAttention:
      return "attention";
    case KernelGroup::kVector:
      return "vector";
    case KernelGroup::kCommunication:
      return "communication";
    case KernelGroup::kCopy:
      return "copy";
  }
  return "";
}

Json classes_json(const Explanation& e, double ranks) {
  Json list = Json::array();
  for (const ClassTotals& c : e.classes)
    if (c.launches > 0)
      list.push_back({{"name", c.klass.name},
                      {"group", group_name(c.klass.group)},
                      {"launches", c.launches},
                      {"busy_ms", ms(c.busy) / ranks},
                      {"tflop", static_cast<double>(c.flops) / 1e12 / ranks}});
  return list;
}

/// By the convention.
std::uint64_t counted(const Explanation& e, const Rank& rank) {
  const bool full = e.attention == model::AttentionConvention::kFull;
  return rank.flops.total() + (full ? rank.flops.masked : 0);
}

Json ranks_json(const Explanation& e) {
  Json list = Json::array();
  for (const Rank& rank : e.ranks) {
    Json one{{"file", rank.file}, {"device", rank.device}, {"steps", rank.steps}};
    if (rank.rank >= 0) one["rank"] = rank.rank;
    put_figures(one, rank.figures, 1);
    one["model_tflop"] =
        rank.flops.known ? Json(static_cast<double>(counted(e, rank)) / 1e12) : Json();
    list.push_back(std::move(one));
  }
  return list;
}

Json advice_json(const Explanation& e) {
  Json list = Json::array();
  for (const Advice& advice : e.advice)
    list.push_back({{"cause", advice.cause},
                    {"gain_us", advice.gain_us},
                    {"finding", advice.finding},
                    {"remedy", advice.remedy},
                    {"evidence", advice.evidence}});
  return list;
}

Json causes_json(const std::vector<CauseKernels>& causes) {
  Json list = Json::array();
  for (const CauseKernels& cause : causes) {
    Json kernels = Json::array();
    for (const CauseKernel& kernel : cause.kernels)
      kernels.push_back({{"name", kernel.name},
                         {"class", kernel.klass},
                         {"charge", kernel.charge},
                         {"launches", kernel.launches},
                         {"busy_ms", ms(kernel.busy)}});
    list.push_back(
        {{"path", cause.path}, {"charge", cause.charge}, {"kernels", std::move(kernels)}});
  }
  return list;
}

}  // namespace

std::string to_json(const Explanation& e, const std::vector<CauseKernels>& causes) {
  const auto ranks = static_cast<double>(e.ranks.size());
  Json json{{"backend", e.backend}, {"device", e.device_name}, {"ranks", e.ranks.size()},
            {"events", e.events},   {"bytes", e.bytes},        {"steps", e.ranks.front().steps}};
  put_figures(json, e.totals(), ranks);
  json["sms"] = e.peak.sms;
  json["model_tflop"] =
      e.flops_known ? Json(static_cast<double>(e.model_flops) / 1e12 / ranks) : Json();
  json["model_flops_method"] = e.flops_method;
  json["mfu"] = e.mfu ? Json(*e.mfu) : Json();
  json["mfu_attention"] = model::name_of(e.attention);
  json["mfu_convention"] = e.mfu ? Json(e.mfu_convention) : Json();
  json["chip"] = e.peak.chip.empty() ? Json() : Json(e.peak.chip);
  json["peak_tflops"] = e.peak.flops > 0 ? Json(e.peak.flops / 1e12) : Json();
  json["notes"] = e.notes;
  json["classes"] = classes_json(e, ranks);
  json["advice"] = advice_json(e);
  json["per_rank"] = ranks_json(e);
  if (!causes.empty()) json["explained_causes"] = causes_json(causes);
  json["ledger"] = Json::parse(e.ledger->to_json());
  // Names come from users' kernels: bytes that are not UTF-8 are replaced, not thrown over.
  return json_document(json, 2);
}

}  // namespace isobar::explain
