#include "collectors/formats/kstat.h"

#include <cstdint>

#include "core/lines.h"

namespace vitalsd::kstat {
namespace {

constexpr std::string_view kFormat = "kstat";

bool is_heading(std::string_view line) {
  Scan words(line, kFormat);
  return words.optional_word() == "name" && words.optional_word() == "type" && words.optional_word() == "data" &&
         words.skip_blanks().at_end();
}

// The lines below the heading.
Result<std::string_view> body_of(std::string_view text) {
  for (Scan scan(text, kFormat); !scan.at_end();) {
    if (is_heading(scan.line())) return scan.rest();
  }
  return fail(Errc::malformed, kFormat);
}

}  // namespace

Result<void> parse(std::string_view text, std::vector<Kstat>& out, std::string_view& dataset, FaultSink& faults) {
  out.clear();
  dataset = {};
  const auto body = body_of(text);
  if (!body) return fail(body.error());
  Lines lines(*body, kFormat, faults);
  while (out.size() < kMostKstats && lines.next()) {
    const std::string_view name = lines->word();
    const std::string_view type = lines->word();
    if (name == "dataset_name" && lines->ok()) {
      dataset = lines->skip_blanks().line();
      lines.skip();
    } else if (type == "4") {
      const auto value = static_cast<double>(lines->integer<std::uint64_t>());
      if (lines.keep(name)) out.push_back({name, value});
    } else if (type == "3") {
      const auto value = static_cast<double>(lines->integer<std::int64_t>());
      if (lines.keep(name)) out.push_back({name, value});
    } else if (lines->ok()) {
      lines.skip();  // a text or a character, not a number
    } else {
      lines.reject(name);
    }
  }
  return {};
}

Result<void> parse_io(std::string_view text, std::vector<Kstat>& out) {
  out.clear();
  for (Scan scan(text, kFormat); !scan.at_end();) {
    Scan names(scan.line(), kFormat);
    for (std::string_view name = names.optional_word(); !name.empty(); name = names.optional_word()) {
      if (out.empty() && name != "nread") break;
      if (out.size() == kMostKstats) return fail(Errc::malformed, kFormat);
      out.push_back({name, 0});
    }
    if (out.empty()) continue;
    Scan values(scan.line(), kFormat);
    for (Kstat& each : out) each.value = static_cast<double>(values.integer<std::uint64_t>());
    if (!values.ok() || !values.skip_blanks().at_end()) break;
    return {};
  }
  out.clear();
  return fail(Errc::malformed, kFormat);
}

}  // namespace vitalsd::kstat
