#include "collectors/formats/pid/pid_smaps.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/scan.h"

namespace vitalsd::pid_smaps {
namespace {

constexpr std::string_view kFormat = "pid smaps_rollup";
constexpr std::uint64_t kKib = 1024;

bool take(Scan line, std::uint64_t& bytes) {
  const auto value = line.integer();
  if (!line.ok() || value > std::numeric_limits<std::uint64_t>::max() / kKib) return false;
  bytes = value * kKib;
  return true;
}

}  // namespace

Result<PidSmaps> parse(std::string_view text) {
  PidSmaps smaps;
  bool pss = false;
  bool swap_pss = false;
  for (Scan scan(text, kFormat); !scan.at_end();) {
    const std::string_view line = scan.line();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const Scan value(line.substr(colon + 1), kFormat);
    if (line.substr(0, colon) == "Pss") pss = take(value, smaps.pss);
    if (line.substr(0, colon) == "SwapPss") swap_pss = take(value, smaps.swap_pss);
  }
  if (!pss || !swap_pss) return fail(Errc::malformed, kFormat);
  return smaps;
}

void Sum::add(std::string_view piece) noexcept {
  any_ = any_ || !piece.empty();
  while (!piece.empty()) {
    const std::size_t end = std::min(piece.find('\n'), piece.size());
    const std::string_view part = piece.substr(0, std::min(end, line_.size() - size_));
    std::ranges::copy(part, line_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += part.size();
    if (end == piece.size()) return;
    end_line();
    piece.remove_prefix(end + 1);
  }
}

void Sum::end_line() noexcept {
  struct Key {
    std::string_view name;
    std::uint64_t PidSmaps::* member;
    std::uint64_t Sum::* lines;
  };
  constexpr std::array kKeys = {Key{"Pss:", &PidSmaps::pss, &Sum::pss_lines_},
                                Key{"SwapPss:", &PidSmaps::swap_pss, &Sum::swap_lines_}};
  const std::string_view line(line_.data(), std::exchange(size_, 0));
  for (const Key& key : kKeys) {
    if (!line.starts_with(key.name)) continue;
    std::uint64_t bytes = 0;
    std::uint64_t& sum = sum_.*key.member;
    broken_ = broken_ || !take(Scan(line.substr(key.name.size()), kFormat), bytes) ||
              __builtin_add_overflow(sum, bytes, &sum);
    ++(this->*key.lines);
  }
}

Result<std::optional<PidSmaps>> Sum::result() noexcept {
  if (!any_) return std::nullopt;
  if (broken_ || size_ != 0 || pss_lines_ == 0 || pss_lines_ != swap_lines_) return fail(Errc::malformed, "pid smaps");
  return sum_;
}

}  // namespace vitalsd::pid_smaps
