#include "collectors/kit/made_families.h"

#include <utility>

#include "core/metric_name.h"

namespace vitalsd {

void append_metric_name(std::string& out, std::string_view text) {
  for (const char c : text) out += is_name_part(c) ? c : '_';
}

void append_field_name(std::string& out, std::string_view field) {
  for (const char c : field) {
    if (c != ')') append_metric_name(out, {&c, 1});
  }
}

const Family* MadeFamilies::make(std::string_view name, MadeFamily description) {
  if (made_->size() >= kMost) return nullptr;
  Made& made = made_->emplace_back(Made{std::string(name), std::move(description.help), {}});
  made.family = {made.name, description.kind, made.help, description.unit, description.labels};
  by_name_.emplace(made.name, &made.family);
  return &made.family;
}

}  // namespace vitalsd
