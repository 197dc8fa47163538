#include "exporters/names.h"

#include "core/label_text.h"

namespace vitalsd {

void append_name(std::string& out, std::string_view name, bool dots) {
  if (!dots) {
    out += name;
    return;
  }
  for (const char c : name) out.append(c == '_' ? 2 : 1, c);
}

void append_labels(std::string& out, std::string_view label_text, bool dots) {
  if (!dots) {
    out += label_text;
    return;
  }
  bool first = true;
  for (LabelReader labels(label_text); labels.next(); first = false) {
    if (!first) out += ',';
    append_name(out, labels.name(), dots);
    out.append("=\"").append(labels.escaped()) += '"';
  }
}

std::string_view base_name(std::string_view name, Kind kind) noexcept {
  constexpr std::string_view kTotal = "_total";
  if (kind == Kind::counter && name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
  return name;
}

std::string_view unit_of(const Family& family) noexcept {
  const std::string_view base = base_name(family.name, family.kind), unit = family.unit;
  const bool is_there =
      !unit.empty() && base.size() > unit.size() && base.ends_with(unit) && base[base.size() - unit.size() - 1] == '_';
  return is_there ? unit : std::string_view();
}

}  // namespace vitalsd
