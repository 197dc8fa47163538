#include "collectors/kit/field_families.h"

#include <algorithm>

#include "collectors/kit/made_families.h"

namespace vitalsd {
FieldFamilies::FieldFamilies(std::span<const KnownField> known, const Shape& shape,
                             std::function<bool(std::string_view)> wants)
    : known_(known), shape_(shape), wants_(std::move(wants)) {}

const Family* FieldFamilies::find(std::size_t line, const Field& field) {
  if (line < lines_.size() && lines_[line].bytes == field.bytes && lines_[line].name == field.name) {
    return lines_[line].family;
  }
  lines_.resize(std::min(line, lines_.size()));
  const Family* family = resolve(field);
  // A repeated name would publish the same series twice, which scrapers reject.
  if (family != nullptr && std::ranges::find(lines_, family, &Line::family) != lines_.end()) family = nullptr;
  lines_.push_back({std::string(field.name), field.bytes, family});
  return family;
}

void FieldFamilies::publish(std::span<const Field> fields, Sink& sink) {
  sink.keep(owner());
  for (std::size_t line = 0; line < fields.size(); ++line) {
    if (const Family* family = find(line, fields[line])) sink.add(*family, fields[line].value);
  }
}

const Family* FieldFamilies::resolve(const Field& field) {
  if (wants_ && !wants_(field.name)) return nullptr;
  const auto known = std::ranges::lower_bound(known_, field.name, {}, &KnownField::name);
  if (known != known_.end() && known->name == field.name && (known->family.unit == "bytes") == field.bytes) {
    return &known->family;
  }
  return make(field);
}

const Family* FieldFamilies::make(const Field& field) {
  std::string name(shape_.prefix);
  append_field_name(name, field.name);
  if (field.bytes) name += "_bytes";
  const auto same = std::ranges::find(known_, name, [](const KnownField& k) { return k.family.name; });
  if (same != known_.end()) return &same->family;
  const auto made = std::ranges::find(*made_, name, &Made::name);
  if (made != made_->end()) return &made->family;
  if (made_->size() == kMostMade) return nullptr;

  Made& entry = made_->emplace_back();
  entry.name = std::move(name);
  entry.help.append(shape_.help_before);
  const std::string_view word = std::string_view(entry.name).substr(shape_.prefix.size());
  if (shape_.add_help != nullptr) {
    shape_.add_help(entry.help, word);
  } else {
    entry.help.append(word);
  }
  entry.help.append(".");
  entry.family = {entry.name, shape_.kind, entry.help, field.bytes ? "bytes" : ""};
  return &entry.family;
}

}  // namespace vitalsd
