// GET /: a page for the person who has just opened the address.
#pragma once

#include <string>
#include <string_view>

#include "daemon/web/health.h"

namespace vitalsd {

/// A complete HTML document without scripts or anything loaded from elsewhere.
std::string landing_page(const HealthFacts& facts, std::string_view telemetry_path);

}  // namespace vitalsd
