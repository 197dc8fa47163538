// The families of process groups, process-exporter's by name and our own, and how they are filled.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "collectors/process/groups/group_tracker.h"
#include "core/family.h"
#include "core/sink.h"
#include "core/units.h"

namespace vitalsd {

std::span<const Family* const> group_families();
/// Of these, the ones that the daemon's history keeps.
std::span<const Family* const> remembered_group_families();

/// Writes all groups, and what the tracker counts of its own work.
void publish_groups(Sink& sink, const GroupTracker& tracker, const Units& units);

/// How the kernel's events of ended processes fared; not called where there are none.
void publish_exit_events(Sink& sink, std::uint64_t lost);

/// Which source the samples come from, and why.
void publish_source(Sink& sink, std::string_view source, std::string_view reason);

}  // namespace vitalsd
