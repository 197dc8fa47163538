// How forms write what a Block holds: names under an escaping, and what OpenMetrics calls a counter and a unit.
#pragma once

#include <string>
#include <string_view>

#include "core/family.h"

namespace vitalsd {

/// With `dots`, each underscore becomes two (prometheus/common, model.EscapeName); ours have nothing else to escape.
void append_name(std::string& out, std::string_view name, bool dots);

/// The labels of a Block, with their names under the escaping.
void append_labels(std::string& out, std::string_view label_text, bool dots);

/// Of a counter the name without `_total`, where it has it; of any other the name.
std::string_view base_name(std::string_view name, Kind kind) noexcept;

/// The family's unit where its base name ends in it, as OpenMetrics demands; else empty.
std::string_view unit_of(const Family& family) noexcept;

}  // namespace vitalsd
