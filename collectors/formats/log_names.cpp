#include "collectors/formats/log_names.h"

#include <algorithm>

namespace vitalsd::log_names {
namespace {

using std::string_view;

constexpr string_view kSuffix = ".log";
constexpr std::size_t kIdSize = 64, kMostLabel = 63, kMostSubdomain = 253, kUidDigits = 32, kMostUid = 36;

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Letters and digits, and dashes between them.
bool is_part(string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_uid(string_view text) {
  if (text.size() > kMostUid) return false;
  const auto digits = std::ranges::count_if(text, is_digit);
  const auto dashes = std::ranges::count(text, '-');
  return digits == kUidDigits && static_cast<std::size_t>(digits + dashes) == text.size();
}

/// What is before the next '_', which is cut off with it.
string_view cut(string_view& text) {
  const std::size_t end = std::min(text.find('_'), text.size());
  const string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

}  // namespace

bool is_label(string_view text) { return text.size() <= kMostLabel && is_part(text); }

bool is_subdomain(string_view text) {
  if (text.empty() || text.size() > kMostSubdomain) return false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    if (!is_part(text.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

std::optional<OfContainer> container(string_view file) {
  if (!file.ends_with(kSuffix)) return std::nullopt;
  file.remove_suffix(kSuffix.size());
  OfContainer found;
  found.pod = cut(file);
  found.ns = cut(file);
  if (file.size() < kIdSize + 2) return std::nullopt;
  found.id = file.substr(file.size() - kIdSize);
  file.remove_suffix(kIdSize);
  if (!file.ends_with('-') || !std::ranges::all_of(found.id, is_digit)) return std::nullopt;
  file.remove_suffix(1);
  found.container = file;
  if (!is_subdomain(found.pod) || !is_label(found.ns) || !is_label(found.container)) return std::nullopt;
  return found;
}

std::optional<OfPod> pod(string_view folder) {
  OfPod found;
  found.ns = cut(folder);
  found.pod = cut(folder);
  found.uid = folder;
  if (!is_label(found.ns) || !is_subdomain(found.pod) || !is_uid(found.uid)) return std::nullopt;
  return found;
}

}  // namespace vitalsd::log_names
