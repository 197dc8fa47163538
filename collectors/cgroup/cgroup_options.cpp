#include "collectors/cgroup/cgroup_options.h"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace vitalsd::cgroup_options {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"include", OptionType::regex, "",
               "Cgroups to report, by path; what is above them is read for its limits."},
    OptionSpec{"exclude", OptionType::regex, "", "Cgroups to leave out, by path."},
    OptionSpec{"max_cgroups", OptionType::integer, "2000", "Look at no more than this many."},
    OptionSpec{"max_depth", OptionType::integer, "12", "Look no deeper than this below the root."},
    OptionSpec{"network", OptionType::boolean, "true",
               "Report the network devices of each network namespace, with the innermost cgroup around it."},
    OptionSpec{
        "connections", OptionType::boolean, "false",
        "With `network`, count TCP connections by state and what waits in UDP queues: a line is read for each socket."},
    OptionSpec{"per_cpu", OptionType::boolean, "false",
               "Report the CPU time of each CPU instead of their sum (version 1)."},
    OptionSpec{"processes", OptionType::boolean, "false",
               "Look at each process: descriptors, sockets, limit of open files."},
    OptionSpec{"max_processes", OptionType::integer, "1000", "Look at no more processes than this in a round."},
    OptionSpec{"max_descriptors", OptionType::integer, "10000",
               "Look at no more descriptors than this in a round, to find sockets."},
    OptionSpec{
        "neighbours", OptionType::text, "auto",
        "Read the other containers of the pod through /proc/PID/root, which needs a shared pid namespace and their "
        "user: auto (where we see our own cgroup alone), on or off."},
    OptionSpec{"stall_watches", OptionType::integer, "32",
               "Have the kernel tell at once when a cgroup without others below it makes no progress, for at most this "
               "many (version 2); 0: none."},
    OptionSpec{
        "linger", OptionType::duration, "5m",
        "Report what a cgroup that has gone had counted of events (OOM kills, reached limits, throttling) for this "
        "long: longer than from scrape to scrape."},
    OptionSpec{"downward_api", OptionType::boolean, "false",
               "Add the labels pod, namespace, node and container from the environment variables POD_NAME, "
               "POD_NAMESPACE, NODE_NAME and CONTAINER_NAME."},
    OptionSpec{
        "labels", OptionType::text, "names",
        "Which labels a container and a pod get beside id: names (namespace, pod, container, image and name where "
        "they are known, else the ids), ids (container_id, pod_uid and qos) or both."},
};

struct FromEnvironment {
  const char* variable;
  const char* label;
};
constexpr std::array kDownwardApi = {FromEnvironment{"POD_NAME", "pod"}, FromEnvironment{"POD_NAMESPACE", "namespace"},
                                     FromEnvironment{"NODE_NAME", "node"},
                                     FromEnvironment{"CONTAINER_NAME", "container"}};

struct LabelMode {
  std::string_view text;
  CgroupLabels::Mode mode;
};
constexpr std::array kLabelModes = {LabelMode{"names", CgroupLabels::Mode::names},
                                    LabelMode{"ids", CgroupLabels::Mode::ids},
                                    LabelMode{"both", CgroupLabels::Mode::both}};

CgroupLabels::Mode label_mode(const Options& options) {
  const std::string& text = options.text("labels");
  for (const LabelMode& each : kLabelModes) {
    if (text == each.text) return each.mode;
  }
  throw OptionError("labels", "must be names, ids or both, not \"" + text + "\"");
}

std::string path(const Options& options, std::string_view name) {
  try {
    return options.text(name);
  } catch (const std::out_of_range&) {
    return {};
  }
}

}  // namespace

std::span<const OptionSpec> specs() { return kOptions; }

std::size_t at_least(std::int64_t least, const Options& options, std::string_view name) {
  const auto value = options.integer(name);
  if (value < least) throw OptionError(name, "must be at least " + std::to_string(least));
  return static_cast<std::size_t>(value);
}

Neighbours::Mode neighbours(const Options& options) {
  const std::string& text = options.text("neighbours");
  if (text == "auto") return Neighbours::Mode::automatic;
  if (text == "on" || text == "true") return Neighbours::Mode::on;
  if (text == "off" || text == "false") return Neighbours::Mode::off;
  throw OptionError("neighbours", "must be auto, on or off, not \"" + text + "\"");
}

CgroupLabels labels(const Options& options) {
  CgroupLabels labels(label_mode(options));
  if (!options.flag("downward_api")) return labels;
  for (const auto& [variable, label] : kDownwardApi) {
    if (const char* value = std::getenv(variable)) labels.add_constant(label, value);
  }
  return labels;
}

std::optional<CgroupNaming> naming(const Options& options) {
  if (label_mode(options) == CgroupLabels::Mode::ids) return std::nullopt;
  return CgroupNaming(PodNames(path(options, "paths.pod_logs"), path(options, "paths.container_logs")));
}

}  // namespace vitalsd::cgroup_options
