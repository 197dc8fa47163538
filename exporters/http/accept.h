// What a client's Accept asks for.
#pragma once

#include <string_view>

#include "exporters/format.h"

namespace vitalsd::http {

/// The form that the client likes best, as client_golang's expfmt.NegotiateIncludingOpenMetrics finds it: by quality,
/// then by order; OpenMetrics without a version is 0.0.1, text without one 0.0.4. Where nothing is known, text 0.0.4;
/// where no known escaping is asked for, underscores. Items that are malformed, or of quality 0, count for nothing.
Form accepted_form(std::string_view accept) noexcept;

}  // namespace vitalsd::http
