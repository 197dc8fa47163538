#include "collectors/formats/os_release.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "core/lines.h"

namespace vitalsd {
namespace {

struct Key {
  std::string_view name;
  std::string OsRelease::* member;
};
constexpr std::array kKeys = {
    Key{"BUILD_ID", &OsRelease::build_id},
    Key{"ID", &OsRelease::id},
    Key{"ID_LIKE", &OsRelease::id_like},
    Key{"IMAGE_ID", &OsRelease::image_id},
    Key{"IMAGE_VERSION", &OsRelease::image_version},
    Key{"NAME", &OsRelease::name},
    Key{"PRETTY_NAME", &OsRelease::pretty_name},
    Key{"VARIANT", &OsRelease::variant},
    Key{"VARIANT_ID", &OsRelease::variant_id},
    Key{"VERSION", &OsRelease::version},
    Key{"VERSION_CODENAME", &OsRelease::version_codename},
    Key{"VERSION_ID", &OsRelease::version_id},
    Key{"SUPPORT_END", &OsRelease::support_end},
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The value after "=", without quotes. In double quotes a backslash escapes only what a shell would expand.
std::optional<std::string> unquoted(std::string_view text) {
  std::string out;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && next != '\0' &&
               (quote == 0 || std::string_view("\"$`\\").find(next) != std::string_view::npos)) {
      out += next;
      ++i;
    } else {
      out += c;
    }
  }
  if (quote != 0) return std::nullopt;
  return out;
}

}  // namespace

std::optional<double> OsRelease::major_minor() const {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto major = std::ranges::find_if_not(version_id, is_digit);
  auto end = major;
  if (end != version_id.end() && *end == '.') end = std::find_if_not(end + 1, version_id.end(), is_digit);
  double number = 0;
  const auto parsed = std::from_chars(version_id.data(), version_id.data() + (end - version_id.begin()), number);
  if (major == version_id.begin() || parsed.ec != std::errc{} || number <= 0) return std::nullopt;
  return number;
}

std::optional<double> OsRelease::support_end_seconds() const {
  const std::string_view text(support_end);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = parse_number<unsigned>(text.substr(0, 4), "os-release");
  const auto month = parse_number<unsigned>(text.substr(5, 2), "os-release");
  const auto day = parse_number<unsigned>(text.substr(8, 2), "os-release");
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day));
  if (!date.ok()) return std::nullopt;
  return std::chrono::duration<double>(std::chrono::sys_days(date).time_since_epoch()).count();
}

Result<OsRelease> os_release::parse(std::string_view text, FaultSink& faults) {
  OsRelease release;
  Lines lines(text, "os-release", faults);
  while (lines.next()) {
    const std::string_view line = trimmed(lines.whole());
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    const auto known = std::ranges::find(kKeys, line.substr(0, equals), &Key::name);
    if (known == kKeys.end()) continue;
    auto value = unquoted(line.substr(equals + 1));
    if (!value) lines->set_failed();
    if (lines.keep(known->name)) release.*known->member = std::move(*value);
  }
  if (const auto result = lines.result(); !result) return fail(result.error());
  return release;
}

}  // namespace vitalsd
