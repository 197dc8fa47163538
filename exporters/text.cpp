#include "exporters/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/label_text.h"
#include "core/native_samples.h"
#include "exporters/names.h"

namespace vitalsd {
namespace {

// HELP escapes backslash and newline, in OpenMetrics the quote too; ours are static and clean, those of embedded
// registries may not be.
void append_help(std::string& out, std::string_view help, bool quotes) {
  for (const char c : help) {
    if (c == '\\' || (c == '"' && quotes)) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

constexpr std::array<std::string_view, 4> kSuffixes = {"", "_bucket", "_sum", "_count"};

// Numbers in `le` and `quantile` are written with a point in OpenMetrics: "1.0".
bool is_number_label(std::string_view name) { return name == "le" || name == "quantile"; }
bool is_whole(std::string_view number) {
  return !number.empty() && number.find_first_not_of("-0123456789") == std::string_view::npos;
}

const Family* find_family(std::span<const Arrangement::Part> parts, std::string_view name) {
  const auto at = std::ranges::lower_bound(parts, name, {}, [](const auto& part) { return part.family->name; });
  return at != parts.end() && at->family->name == name ? at->family : nullptr;
}

// Client libraries write "h_created" as a gauge beside the histogram `h`. In OpenMetrics that is a name of the
// histogram's own, and the two clash.
bool is_created_of_another(std::span<const Arrangement::Part> parts, std::string_view name) {
  constexpr std::string_view kCreated = "_created";
  if (!name.ends_with(kCreated)) return false;
  const std::string_view base = name.substr(0, name.size() - kCreated.size());
  const Family* const other = find_family(parts, base);
  if (other != nullptr && (other->kind == Kind::histogram || other->kind == Kind::summary)) return true;
  const Family* const counter = find_family(parts, std::string(base).append("_total"));
  return counter != nullptr && counter->kind == Kind::counter;
}

bool has_family(std::span<const Arrangement::Part> parts, std::string_view name) {
  return find_family(parts, name) != nullptr;
}

}  // namespace

void append_value(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  std::array<char, 32> digits;
  constexpr double kExact = 9007199254740992.0;  // 2^53: below it every whole number is itself, and cheaper to print
  const bool whole = std::abs(value) < kExact && value == std::trunc(value) && !(value == 0 && std::signbit(value));
  const auto result =
      whole ? std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<std::int64_t>(value))
            : std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), result.ptr);
}

TextEncoder::TextEncoder(std::string_view external_labels, LineStyle style)
    : style_(style), external_labels_(external_labels) {
  append_labels(external_, external_labels, style.dots);
}

void TextEncoder::write_heads(std::span<const Arrangement::Part> parts) {
  heads_.clear();
  ends_.clear();
  std::string_view last;
  for (const Arrangement::Part& part : parts) {
    const Family& family = *part.family;
    if (family.name != last) {
      const std::string_view base = base_name(family.name, family.kind);
      write_head(family, base != family.name && style_.openmetrics && has_family(parts, base));
      last = family.name;
    }
    ends_.push_back(heads_.size());
  }
}

// In OpenMetrics a counter is named without its `_total`; one that has none, or whose base is another family, is
// unknown.
void TextEncoder::write_head(const Family& family, bool base_is_taken) {
  std::string name;
  append_name(name, family.name, style_.dots);
  std::string_view type = type_word(family.kind), shown = name;
  if (style_.openmetrics) {
    const bool is_plain = family.kind == Kind::counter && !base_is_taken && base_name(name, family.kind) != name;
    if (is_plain) shown = base_name(name, family.kind);
    if (family.kind == Kind::untyped || (family.kind == Kind::counter && !is_plain)) type = "unknown";
  }
  heads_.append("# HELP ").append(shown) += ' ';
  append_help(heads_, family.help, style_.openmetrics);
  heads_.append("\n# TYPE ").append(shown).append(" ").append(type).append("\n");
  const std::string_view unit = style_.openmetrics && type != "unknown" ? unit_of(family) : "";
  if (!unit.empty()) heads_.append("# UNIT ").append(shown).append(" ").append(unit).append("\n");
}

void TextEncoder::write_labels(std::string_view text, bool holds_number, std::string& out) const {
  if (!holds_number || !style_.openmetrics) return append_labels(out, text, style_.dots);
  bool first = true;
  for (LabelReader labels(text); labels.next(); first = false) {
    if (!first) out += ',';
    append_name(out, labels.name(), style_.dots);
    out.append("=\"").append(labels.escaped());
    if (is_number_label(labels.name()) && is_whole(labels.escaped())) out += ".0";
    out += '"';
  }
}

std::string_view TextEncoder::external_beside(std::string_view labels) {
  if (external_.empty() || !external_labels_.collide_with(labels)) return external_;
  external_labels_.beside(labels, beside_);
  rest_.clear();
  append_labels(rest_, beside_, style_.dots);
  return rest_;
}

void TextEncoder::write_samples(const Arrangement::Part& part, std::string& out) {
  for (const Sample& sample : part.samples()) {
    if (is_native(sample.part)) continue;
    out += name_;
    out += kSuffixes[static_cast<std::size_t>(sample.part)];
    const std::string_view labels = part.block->label_text(sample.labels);
    if (!labels.empty() || !external_.empty()) {
      const std::string_view external = external_beside(labels);
      out += '{';
      out += external;
      if (!labels.empty() && !external.empty()) out += ',';
      write_labels(labels, sample.part == Part::bucket || part.family->kind == Kind::summary, out);
      out += '}';
    }
    out += ' ';
    append_value(out, sample.value);
    out += '\n';
  }
}

void TextEncoder::encode(const Arrangement& arrangement, std::string& out) {
  const auto parts = arrangement.parts();
  if (shape_ != arrangement.shape()) write_heads(parts);
  shape_ = arrangement.shape();
  std::size_t begin = 0;
  for (std::size_t k = 0; k < parts.size(); begin = ends_[k++]) {
    if (style_.openmetrics && is_created_of_another(parts, parts[k].family->name)) continue;
    out.append(heads_, begin, ends_[k] - begin);
    name_.clear();
    append_name(name_, parts[k].family->name, style_.dots);
    write_samples(parts[k], out);
  }
  if (style_.openmetrics) out += "# EOF\n";
}

void TextEncoder::encode(const Snapshot& snapshot, std::string& out) {
  arrangement_.arrange(snapshot);
  encode(arrangement_, out);
}

}  // namespace vitalsd
