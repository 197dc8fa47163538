// A report as some ten lines that a person reads first: what happened, who was largest, which limits there were, what
// changed in the minutes before.
#pragma once

#include <string>
#include <string_view>

namespace vitalsd {

/// `json` is a report as it was kept. Empty if it is none. Bytes that would move a terminal's cursor or colour it are
/// shown as `?`: names of processes are written by strangers.
std::string report_text(std::string_view json);

}  // namespace vitalsd
