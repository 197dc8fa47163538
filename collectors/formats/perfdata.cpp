#include "collectors/formats/perfdata.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>

namespace vitalsd {
namespace {

struct Unit {
  std::string_view uom, name;
  double scale;
};
constexpr double kKi = 1024;
constexpr std::array kUnits = {
    Unit{"s", "seconds", 1},
    Unit{"ms", "seconds", 1e-3},
    Unit{"us", "seconds", 1e-6},
    Unit{"ns", "seconds", 1e-9},
    Unit{"%", "ratio", 1e-2},
    Unit{"B", "bytes", 1},
    Unit{"KB", "bytes", kKi},
    Unit{"MB", "bytes", kKi* kKi},
    Unit{"GB", "bytes", kKi* kKi* kKi},
    Unit{"TB", "bytes", kKi* kKi* kKi* kKi},
    Unit{"KiB", "bytes", kKi},
    Unit{"MiB", "bytes", kKi* kKi},
    Unit{"GiB", "bytes", kKi* kKi* kKi},
    Unit{"TiB", "bytes", kKi* kKi* kKi* kKi},
    Unit{"c", "", 1},
};
constexpr std::size_t kLongestLabel = 256, kLongestUnit = 16;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_unit(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%' || c == '/'; });
}
bool starts_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && ((text.front() >= '0' && text.front() <= '9') || text.front() == '.');
}

// A number at the front of `text`, which is consumed.
std::optional<double> take_number(std::string_view& text) {
  if (!starts_number(text)) return {};
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (code != std::errc{}) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// The whole of `text` as a number; nothing where it is empty, as what a plugin does not say is.
bool read_end(std::string_view text, double scale, double& out) {
  if (text.empty()) return true;
  const auto value = take_number(text);
  if (!value || !text.empty()) return false;
  out = *value * scale;
  return true;
}

// "10" is from 0 to 10, "10:" from 10 up, "~:10" up to 10; the 0 that is not written is not reported either.
bool read_range(std::string_view text, double scale, PerfDatum::Ends& out) {
  if (text.empty()) return true;
  const bool inside = text.starts_with('@');
  if (inside) text.remove_prefix(1);
  PerfDatum::Ends ends;
  const std::size_t colon = text.find(':');
  std::string_view low = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
  if (low == "~") low = {};
  const std::string_view high = colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (!read_end(low, scale, ends.low) || !read_end(high, scale, ends.high)) return false;
  if (!inside) out = ends;
  return true;
}

class Parser {
 public:
  Parser(std::string_view text, FaultSink& faults, std::vector<PerfDatum>& out)
      : rest_(text), faults_(faults), out_(out) {}

  void run() {
    for (skip(); !rest_.empty(); skip()) {
      if (out_.size() >= kMostPerfData) return lose("perfdata", Errc::too_large);
      PerfDatum datum;
      const Label label = read_label(datum.label);
      if (label != Label::read) lose(datum.label, Errc::malformed);
      if (label == Label::endless) return;  // where the next one begins cannot be known
      if (label == Label::alone) continue;
      const std::string_view value = take_word();
      if (value.starts_with('U')) continue;
      if (!read_value(value, datum)) {
        lose(datum.label, Errc::malformed);
      } else if (!seen_.insert(datum.label).second) {
        lose(datum.label + " (twice)", Errc::malformed);
      } else {
        out_.push_back(std::move(datum));
      }
    }
  }

 private:
  enum class Label : std::uint8_t { read, alone, endless };

  void lose(std::string_view label, Errc code) {
    faults_.partial(label, "perfdata", {code, 0, "perfdata"}, "mend the plugin");
  }
  void skip() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  std::string_view take_word() {
    const auto end = std::ranges::find_if(rest_, is_blank);
    const std::string_view word(rest_.begin(), end);
    rest_.remove_prefix(word.size());
    return word;
  }

  // In quotes, where '' is a quote, or as it is; and the '=' behind it.
  Label read_label(std::string& label) {
    if (rest_.front() != '\'') {
      while (!rest_.empty() && rest_.front() != '=' && !is_blank(rest_.front())) take_into(label);
      if (!rest_.starts_with('=')) return Label::alone;
    } else {
      rest_.remove_prefix(1);
      while (!rest_.empty() && (rest_.front() != '\'' || rest_.starts_with("''"))) {
        if (rest_.front() == '\'') rest_.remove_prefix(1);
        take_into(label);
      }
      if (!rest_.starts_with("'=")) return Label::endless;
      rest_.remove_prefix(1);
    }
    rest_.remove_prefix(1);
    return Label::read;
  }
  void take_into(std::string& label) {
    if (label.size() < kLongestLabel) label += rest_.front();
    rest_.remove_prefix(1);
  }

  static bool read_value(std::string_view text, PerfDatum& datum) {
    std::array<std::string_view, 5> fields;
    for (std::string_view& field : fields) {
      const std::size_t end = std::min(text.find(';'), text.size());
      field = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!text.empty() || datum.label.empty()) return false;
    const auto value = take_number(fields[0]);
    if (!value || fields[0].size() > kLongestUnit || !is_unit(fields[0])) return false;
    const auto known = std::ranges::find(kUnits, fields[0], &Unit::uom);
    const double scale = known == kUnits.end() ? 1 : known->scale;
    datum.unit = known == kUnits.end() ? fields[0] : known->name;
    datum.is_counter = fields[0] == "c";
    datum.value = *value * scale;
    return read_range(fields[1], scale, datum.warning) && read_range(fields[2], scale, datum.critical) &&
           read_end(fields[3], scale, datum.least) && read_end(fields[4], scale, datum.most);
  }

  std::string_view rest_;
  FaultSink& faults_;
  std::vector<PerfDatum>& out_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<PerfDatum> parse_perfdata(std::string_view output, FaultSink& faults) {
  const std::size_t line_end = std::min(output.find('\n'), output.size());
  const std::string_view first = output.substr(0, line_end), later = output.substr(line_end);
  std::string text;
  if (const std::size_t bar = first.find('|'); bar != std::string_view::npos) text = first.substr(bar + 1);
  if (const std::size_t bar = later.find('|'); bar != std::string_view::npos)
    text.append("\n").append(later.substr(bar + 1));
  std::vector<PerfDatum> all;
  Parser(text, faults, all).run();
  return all;
}

}  // namespace vitalsd
