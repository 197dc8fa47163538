#include "collectors/formats/mountinfo.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/lines.h"

namespace vitalsd::mountinfo {
namespace {

// The character of three octal digits after a backslash, as fs/seq_file.c mangle_path() writes them.
std::optional<char> octal(std::string_view digits) {
  if (digits.size() < 3) return {};
  unsigned value = 0;
  for (const char digit : digits.substr(0, 3)) {
    if (digit < '0' || digit > '7') return {};
    value = value * 8 + static_cast<unsigned>(digit - '0');
  }
  if (value == 0 || value > 0xFF) return {};
  return static_cast<char>(value);
}

// `arena` has room for the whole text, so views into it stay valid.
std::string_view unescape(std::string_view text, std::string& arena) {
  if (text.find('\\') == std::string_view::npos) return text;
  const std::size_t begin = arena.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto character = text[i] == '\\' ? octal(text.substr(i + 1)) : std::nullopt;
    arena += character.value_or(text[i]);
    if (character) i += 3;
  }
  return std::string_view(arena).substr(begin);
}

bool has_read_only(std::string_view options) {
  while (!options.empty()) {
    const std::size_t comma = std::min(options.find(','), options.size());
    if (options.substr(0, comma) == "ro") return true;
    options.remove_prefix(std::min(comma + 1, options.size()));
  }
  return false;
}

Mount read_line(Scan& line, std::string& arena) {
  Mount mount;
  mount.id = line.integer();
  mount.parent = line.integer();
  Scan device(line.word(), "mountinfo");
  const auto major = parse_number<std::uint32_t>(device.until(':'), "mountinfo");
  const auto minor = parse_number<std::uint32_t>(device.rest(), "mountinfo");
  if (!major || !minor) line.set_failed();
  mount.major = major.value_or(0);
  mount.minor = minor.value_or(0);
  line.word();  // the mounted directory of the file system
  mount.point = unescape(line.word(), arena);
  const std::string_view options = line.word();
  while (line.ok() && line.word() != "-") {
  }
  mount.type = unescape(line.word(), arena);
  // The source may be empty; then two blanks follow each other.
  std::string_view rest = line.rest();
  if (rest.empty()) line.set_failed();
  rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
  const std::size_t blank = std::min(rest.find(' '), rest.size());
  mount.source = unescape(rest.substr(0, blank), arena);
  mount.options = rest.substr(std::min(blank + 1, rest.size()));
  mount.read_only = has_read_only(options) || has_read_only(mount.options);
  if (!mount.point.starts_with('/')) line.set_failed();
  return mount;
}

void mark_covered(Mounts& mounts) {
  auto& all = mounts.all;
  auto& order = mounts.order;
  order.resize(all.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto id = [&all](std::uint32_t i) { return all[i].id; };
  std::ranges::sort(order, {}, id);
  for (const Mount& mount : all) {
    const auto under = std::ranges::lower_bound(order, mount.parent, {}, id);
    if (under == order.end() || all[*under].id != mount.parent || &all[*under] == &mount) continue;
    if (all[*under].point == mount.point) all[*under].covered = true;
  }
  // Among the remaining mounts at one point, only the last is visible: a mount above them hides the others.
  std::ranges::sort(order, [&all](std::uint32_t a, std::uint32_t b) {
    const int compared = all[a].point.compare(all[b].point);
    return compared != 0 ? compared < 0 : a < b;
  });
  const Mount* shown = nullptr;
  for (std::size_t i = order.size(); i-- > 0;) {
    Mount& mount = all[order[i]];
    if (mount.covered) continue;
    if (shown != nullptr && shown->point == mount.point) {
      mount.covered = true;
    } else {
      shown = &mount;
    }
  }
}

}  // namespace

Result<void> parse(std::string_view text, Mounts& out, FaultSink& faults) {
  out.all.clear();
  out.unescaped.clear();
  out.unescaped.reserve(text.size());
  Lines lines(text, "mountinfo", faults);
  while (out.all.size() < kMostMounts && lines.next()) {
    const Mount mount = read_line(*lines, out.unescaped);
    if (lines.keep()) out.all.push_back(mount);
  }
  mark_covered(out);
  return lines.result();
}

}  // namespace vitalsd::mountinfo
