// The families of process groups, with process-exporter's names and our own, and the functions that publish them.
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

/// Publishes all groups and the tracker's own counters.
void publish_groups(Sink& sink, const GroupTracker& tracker, const Units& units);

/// Publishes the number of lost exit events; not called where the kernel sends none.
void publish_exit_events(Sink& sink, std::uint64_t lost);

/// Publishes the name of the samples' source, and why it was chosen.
void publish_source(Sink& sink, std::string_view source, std::string_view reason);

}  // namespace vitalsd
