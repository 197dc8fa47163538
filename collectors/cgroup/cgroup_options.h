// The options of the collector `cgroups`, and what is made of them.
//   cgroup_options::labels(options)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "collectors/cgroup/cgroup_labels.h"
#include "collectors/cgroup/cgroup_naming.h"
#include "collectors/cgroup/neighbours.h"
#include "core/options.h"

namespace vitalsd::cgroup_options {

std::span<const OptionSpec> specs();

/// All throw OptionError.
std::size_t at_least(std::int64_t least, const Options& options, std::string_view name);
inline std::size_t positive(const Options& options, std::string_view name) { return at_least(1, options, name); }
Neighbours::Mode neighbours(const Options& options);
/// With the constant labels of the downward API, if these are wanted.
CgroupLabels labels(const Options& options);
/// None if no names are wanted. The directories are the daemon's own settings (paths.pod_logs, paths.container_logs),
/// which it hands over under the same names; without them, none are looked at.
std::optional<CgroupNaming> naming(const Options& options);

}  // namespace vitalsd::cgroup_options
