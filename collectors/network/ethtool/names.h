// Names of metrics made of a driver's names of its counters, as node_exporter makes them.
#pragma once

#include <string>
#include <string_view>

namespace vitalsd::ethtool {

/// What is no letter and no digit becomes one underscore, with those around it: "Queue[0] AllocFails" ->
/// "Queue_0_AllocFails".
void sanitize(std::string& out, std::string_view name);
/// Of a sanitized name: "Queue_0_AllocFails" -> "node_ethtool_queue_0_allocfails", "rx_errors" ->
/// "node_ethtool_received_errors".
void metric_name(std::string& out, std::string_view sanitized);

}  // namespace vitalsd::ethtool
