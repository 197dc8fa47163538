// The reference of all settings and metric families as Markdown, made from the tables that the daemon runs on.
#pragma once

#include <span>
#include <string>

#include "core/collector.h"

namespace vitalsd {

std::string reference_markdown();

namespace conf {
std::string reference(std::span<const CollectorSpec> collectors);
}

}  // namespace vitalsd
