#include "daemon/publish/push_path.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/block.h"
#include "core/label_text.h"
#include "core/metric_name.h"
#include "core/utf8.h"
#include "exporters/http/percent.h"

namespace vitalsd {
namespace push_path {
namespace {

constexpr std::string_view kBase64 = "@base64";

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  if (!http::append_percent_decoded(out, text, http::Plus::is_itself)) return {};
  return out;
}

int base64url_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1) return {};
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int digit = base64url_digit(c);
    if (digit < 0) return {};
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xFFU);
  }
  return out;
}

bool is_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || text.front() == '\0') return false;
    text.remove_prefix(length);
  }
  return true;
}

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

std::unexpected<std::string> refuse(std::string_view what, std::string_view part) {
  std::string text(what);
  text += ": \"";
  append_escaped_label(text, part);
  return std::unexpected(text + '"');
}

std::expected<std::string, std::string> value_of(std::string_view raw, bool base64) {
  auto value = percent_decoded(raw);
  if (value && base64) value = base64url_decoded(*value);
  if (!value) return refuse(base64 ? "no base64url" : "a % without two hexadecimal digits", raw);
  if (!is_text(*value)) return refuse("no UTF-8 text", raw);
  return *std::move(value);
}

}  // namespace

std::expected<GroupLabels, std::string> parse(std::string_view path) {
  const bool base64 = path.starts_with(kGatewayBase64);
  const auto* const prefix = base64 ? &kGatewayBase64 : path.starts_with(kGateway) ? &kGateway : &kOwn;
  if (!path.starts_with(*prefix)) return refuse("no path of a push", path);
  auto parts = parts_of(path.substr(prefix->size()));
  if (parts.size() == 2 && parts.back().empty()) parts.pop_back();  // a slash behind the job
  auto job = value_of(parts.front(), base64);
  if (!job) return std::unexpected(job.error());
  if (job->empty()) return std::unexpected("a job name is required");
  if (parts.size() % 2 == 0) return refuse("a label without a value, or an empty one, which is name@base64/=", path);
  if (parts.size() / 2 >= kMostLabels) return std::unexpected("too many labels");
  GroupLabels labels;
  for (std::size_t i = 1; i < parts.size(); i += 2) {
    auto name = percent_decoded(parts[i]);
    const bool encoded = name && name->ends_with(kBase64);
    if (encoded) name->resize(name->size() - kBase64.size());
    if (!name || !is_label_name(*name) || name->starts_with("__")) return refuse("improper label name", parts[i]);
    auto value = value_of(parts[i + 1], encoded);
    if (!value) return std::unexpected(value.error());
    if (*name != "job" && !labels.emplace(*name, *std::move(value)).second) return refuse("a label twice", *name);
  }
  labels.emplace("job", *std::move(job));
  return labels;
}

}  // namespace push_path

std::string describe(const GroupLabels& labels) {
  std::string text = label_text_of("job", labels.find("job")->second);
  for (const auto& [name, value] : labels) {
    if (name != "job") text.append(",").append(label_text_of(name, value));
  }
  return text;
}

}  // namespace vitalsd
