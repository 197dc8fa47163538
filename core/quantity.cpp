#include "core/quantity.h"

#include <array>
#include <charconv>
#include <limits>

namespace vitalsd {
namespace {

using std::chrono::nanoseconds;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kSecond = 1000 * kMillisecond;
constexpr std::array<Unit, 7> kDurations = {{{"y", 31'536'000 * kSecond},
                                             {"w", 604'800 * kSecond},
                                             {"d", 86'400 * kSecond},
                                             {"h", 3'600 * kSecond},
                                             {"m", 60 * kSecond},
                                             {"s", kSecond},
                                             {"ms", kMillisecond}}};
constexpr std::array<Unit, 9> kSizes = {{{"", 1},
                                         {"k", 1'000},
                                         {"M", 1'000'000},
                                         {"G", 1'000'000'000},
                                         {"T", 1'000'000'000'000},
                                         {"Ki", 1ULL << 10U},
                                         {"Mi", 1ULL << 20U},
                                         {"Gi", 1ULL << 30U},
                                         {"Ti", 1ULL << 40U}}};

// Takes a number and its unit, such as "12ms", from the front of `text`.
bool take(std::string_view& text, std::uint64_t& count, std::string_view& unit) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  unit = text.substr(0, text.find_first_of("0123456789"));
  text.remove_prefix(unit.size());
  return true;
}

}  // namespace

Result<nanoseconds> parse_duration(std::string_view text) {
  constexpr std::string_view kWhere = "duration";
  if (text == "0") return nanoseconds{0};
  if (text.empty()) return fail(Errc::malformed, kWhere);
  std::uint64_t total = 0;
  auto allowed = kDurations.begin();
  while (!text.empty()) {
    std::uint64_t count = 0;
    std::string_view name;
    if (!take(text, count, name)) return fail(Errc::malformed, kWhere);
    while (allowed != kDurations.end() && allowed->name != name) ++allowed;
    if (allowed == kDurations.end()) return fail(Errc::malformed, kWhere);
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (count > (kMost - total) / allowed->factor) return fail(Errc::too_large, kWhere);
    total += count * allowed->factor;
    ++allowed;
  }
  return nanoseconds{static_cast<std::int64_t>(total)};
}

std::string format_duration(nanoseconds duration) {
  auto left = static_cast<std::uint64_t>(duration.count());
  std::string text;
  for (const auto& [name, factor] : kDurations) {
    // As Prometheus prints them: years and weeks are used only where nothing else is needed.
    if ((name == "y" || name == "w") && left % factor != 0) continue;
    if (left >= factor) text += std::to_string(left / factor) + std::string(name);
    left %= factor;
  }
  return text.empty() ? "0s" : text;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::string_view kWhere = "size";
  std::uint64_t count = 0;
  std::string_view name;
  if (!take(text, count, name) || !text.empty()) return fail(Errc::malformed, kWhere);
  for (const auto& [unit, factor] : kSizes) {
    if (unit != name) continue;
    if (count > std::numeric_limits<std::uint64_t>::max() / factor) return fail(Errc::too_large, kWhere);
    return count * factor;
  }
  return fail(Errc::malformed, kWhere);
}

Result<double> parse_cores(std::string_view text) {
  constexpr std::string_view kWhere = "cores";
  constexpr double kMost = 1e6;
  const bool thousandths = text.ends_with('m');
  if (thousandths) text.remove_suffix(1);
  double number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (ec != std::errc{} || end != text.data() + text.size()) return fail(Errc::malformed, kWhere);
  if (!(number >= 0)) return fail(Errc::malformed, kWhere);  // rejects NaN, too
  if (number > kMost) return fail(Errc::too_large, kWhere);
  return thousandths ? number / 1000 : number;
}

}  // namespace vitalsd
