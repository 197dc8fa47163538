// Whether a run may ask over netlink: what it waits for there is a lock of the kernel that others may hold for long.
//   if (NetlinkSource* netlink = netlink_of(context)) ... else read the files
#pragma once

#include "core/collector.h"
#include "core/netlink.h"

namespace vitalsd {

/// Null where the host has none, and for runs on the loop. A run that asks counts as one that opened a file, so that
/// the next one is made on the pool, too.
inline NetlinkSource* netlink_of(const CollectContext& context) {
  if (!context.host.netlink) return nullptr;
  if (OpenRule* const rule = context.host.opening.get(); rule != nullptr) {
    rule->opened = true;
    if (rule->kept_only || rule->no_waiting) return nullptr;
  }
  return context.host.netlink.get();
}

/// Reports that netlink failed and that the files are read instead, which say the same but for what they do not have.
inline void report_netlink(CollectContext& context, std::string_view collector, const Error& error) {
  context.faults.partial("netlink", collector, error, {});
}

}  // namespace vitalsd
