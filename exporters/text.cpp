#include "exporters/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace vitalsd {
namespace {

// HELP escapes backslash and newline alone; ours are static and clean, those of embedded registries may not be.
void append_help(std::string& out, std::string_view help) {
  for (const char c : help) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      default: out += c;
    }
  }
}

constexpr std::array<std::string_view, 4> kSuffixes = {"", "_bucket", "_sum", "_count"};

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

void TextEncoder::arrange(const Snapshot& snapshot) {
  entries_.clear();
  for (const auto& block : snapshot) {
    if (!block) continue;
    const auto groups = block->groups();
    for (std::uint32_t i = 0; i < groups.size(); ++i) entries_.push_back({groups[i].family, block.get(), i});
  }
  if (std::ranges::equal(entries_, shape_, [](const Entry& e, const Known& k) { return k.is(*e.family); })) return;
  shape_.clear();
  for (const auto& [family, block, group] : entries_) {
    shape_.push_back({std::string(family->name), std::string(family->help), family->kind});
  }
  order_.resize(entries_.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::ranges::stable_sort(order_, {}, [this](std::uint32_t i) -> std::string_view { return shape_[i].name; });
  write_heads();
}

void TextEncoder::write_heads() {
  heads_.clear();
  ends_.clear();
  std::string_view last;
  for (const std::uint32_t i : order_) {
    const Known& family = shape_[i];
    if (family.name != last) {
      heads_.append("# HELP ").append(family.name).append(" ");
      append_help(heads_, family.help);
      heads_.append("\n# TYPE ").append(family.name).append(" ").append(type_word(family.kind)).append("\n");
      last = family.name;
    }
    ends_.push_back(heads_.size());
  }
}

void TextEncoder::write_samples(const Entry& entry, std::string& out) const {
  const Block::Group& group = entry.block->groups()[entry.group];
  for (const Sample& sample : entry.block->samples(group)) {
    out += entry.family->name;
    out += kSuffixes[static_cast<std::size_t>(sample.part)];
    const std::string_view labels = entry.block->label_text(sample.labels);
    if (!labels.empty() || !external_.empty()) {
      out += '{';
      out += external_;
      if (!labels.empty() && !external_.empty()) out += ',';
      out += labels;
      out += '}';
    }
    out += ' ';
    append_value(out, sample.value);
    out += '\n';
  }
}

void TextEncoder::encode(const Snapshot& snapshot, std::string& out) {
  arrange(snapshot);
  std::size_t begin = 0;
  for (std::size_t k = 0; k < order_.size(); ++k) {
    out.append(heads_, begin, ends_[k] - begin);
    begin = ends_[k];
    write_samples(entries_[order_[k]], out);
  }
}

}  // namespace vitalsd
