// Collector `systemd`: units and their states, as systemd reports them over D-Bus (org.freedesktop.systemd1(5)).
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "collectors/kit/pattern.h"
#include "collectors/service/systemd_units.h"

namespace vitalsd::systemd {
namespace {

constexpr std::array<std::string_view, 1> kName = {"name"};
constexpr std::array<std::string_view, 1> kState = {"state"};
constexpr std::array<std::string_view, 3> kNameStateType = {"name", "state", "type"};
constexpr std::array<std::string_view, 1> kVersionLabel = {"version"};
constexpr std::array<std::string_view, 1> kVirtualizationLabel = {"virtualization_type"};

constexpr Family kUnitState{"node_systemd_unit_state", Kind::gauge, "Systemd unit", "", kNameStateType};
constexpr Family kSummary{"node_systemd_units", Kind::gauge, "Summary of systemd unit states", "", kState};
constexpr Family kRunning{"node_systemd_system_running", Kind::gauge,
                          "Whether the system is operational (see 'systemctl is-system-running')"};
constexpr Family kVersion{"node_systemd_version", Kind::gauge, "Detected systemd version", "", kVersionLabel};
constexpr Family kVirtualization{"node_systemd_virtualization_info", Kind::gauge, "Detected virtualization technology",
                                 "", kVirtualizationLabel};

struct NumberRow {
  Property property;
  Family family;
};
constexpr std::array kNumbers = {
    NumberRow{
        Property::restarts,
        {"node_systemd_service_restart_total", Kind::counter, "Service unit count of Restart triggers", "", kName}},
    NumberRow{Property::tasks_current,
              {"node_systemd_unit_tasks_current", Kind::gauge, "Current number of tasks per Systemd unit", "", kName}},
    NumberRow{Property::tasks_max,
              {"node_systemd_unit_tasks_max", Kind::gauge, "Maximum number of tasks per Systemd unit", "", kName}},
    NumberRow{Property::start_time,
              {"node_systemd_unit_start_time_seconds", Kind::gauge,
               "Start time of the unit since unix epoch in seconds.", "seconds", kName}},
    NumberRow{Property::last_trigger,
              {"node_systemd_timer_last_trigger_seconds", Kind::gauge, "Seconds since epoch of last trigger.",
               "seconds", kName}},
    NumberRow{Property::accepted,
              {"node_systemd_socket_accepted_connections_total", Kind::counter,
               "Total number of accepted socket connections", "", kName}},
    NumberRow{
        Property::connections,
        {"node_systemd_socket_current_connections", Kind::gauge, "Current number of socket connections", "", kName}},
    NumberRow{Property::refused,
              {"node_systemd_socket_refused_connections_total", Kind::gauge,
               "Total number of refused socket connections", "", kName}},
};
constexpr auto kFamilies =
    family_list<family_total(kUnitState, kSummary, kRunning, kVersion, kVirtualization, kNumbers)>(
        kUnitState, kSummary, kRunning, kVersion, kVirtualization, kNumbers);

constexpr std::array<std::string_view, 5> kStates = {"active", "activating", "deactivating", "inactive", "failed"};

constexpr std::array kOptions = {
    OptionSpec{"unit_include", OptionType::regex, ".+",
               "Units to report: what matches this whole and not unit_exclude."},
    OptionSpec{"unit_exclude", OptionType::regex, ".+\\.(automount|device|mount|scope|slice)",
               "Units to leave out, by the whole name."},
    OptionSpec{"enable_task_metrics", OptionType::boolean, "false",
               "Report how many tasks services have, and may have."},
    OptionSpec{"enable_restarts_metrics", OptionType::boolean, "false", "Report how often services were restarted."},
    OptionSpec{"enable_start_time_metrics", OptionType::boolean, "false", "Report since when units are active."},
    OptionSpec{"private", OptionType::boolean, "false",
               "Ask systemd at its own socket instead of the message bus, which root alone may."},
    OptionSpec{"max_units", OptionType::integer, "10000", "How many units are reported; further ones are left out."},
};

Pattern whole(const Options& options, std::string_view option) {
  return Pattern(option, "^(?:" + options.text(option) + ")$");
}

std::size_t most_of(const Options& options) {
  const std::int64_t most = options.integer("max_units");
  if (most < 1 || most > 100'000) throw OptionError("max_units", "must be from 1 to 100000");
  return static_cast<std::size_t>(most);
}

// "252.39-1~deb12u2" -> 252.39: the first three digits or more, and a fraction.
std::optional<double> number_of(std::string_view version) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t begin = 0; begin < version.size(); ++begin) {
    std::size_t end = begin;
    while (end < version.size() && is_digit(version[end])) ++end;
    if (end - begin < 3) {
      begin = end;
      continue;
    }
    if (end + 1 < version.size() && version[end] == '.' && is_digit(version[end + 1])) {
      for (++end; end < version.size() && is_digit(version[end]);) ++end;
    }
    double number = 0;
    const auto read = std::from_chars(version.data() + begin, version.data() + end, number);
    return read.ec == std::errc() ? std::optional(number) : std::nullopt;
  }
  return std::nullopt;
}

class SystemdCollector final : public Collector {
 public:
  explicit SystemdCollector(const Options& options)
      : wanted_{options.flag("enable_restarts_metrics"), options.flag("enable_task_metrics"),
                options.flag("enable_start_time_metrics")},
        units_(options.flag("private") ? BusPeer::manager : BusPeer::system, most_of(options),
               [include = whole(options, "unit_include"), exclude = whole(options, "unit_exclude")](
                   std::string_view name) { return include.found_in(name) && !exclude.found_in(name); }) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto read = units_.read(context, wanted_); !read) return read;
    publish(units_.manager(), sink);
    for (const auto& [state, count] : units_.summary()) sink.add(kSummary, {state}, static_cast<double>(count));
    for (const Unit& unit : units_.units()) publish(unit, sink);
    return {};
  }

 private:
  static void publish(const Manager& manager, Sink& sink) {
    if (const auto number = number_of(manager.version)) sink.add(kVersion, {manager.version}, *number);
    if (manager.has_virtualization) {
      const std::string_view kind = manager.virtualization;
      sink.add(kVirtualization, {kind.empty() ? "none" : kind}, 1);
    }
    if (!manager.state.empty()) sink.add(kRunning, manager.state == "running" ? 1 : 0);
  }

  static void publish(const Unit& unit, Sink& sink) {
    for (const std::string_view state : kStates) {
      sink.add(kUnitState, {unit.name, state, unit.type}, unit.active == state ? 1 : 0);
    }
    LabelId labels = kNoLabels;
    for (const NumberRow& row : kNumbers) {
      const double value = unit.number(row.property);
      if (std::isnan(value)) continue;
      const std::array<std::string_view, 1> name = {unit.name};
      if (labels == kNoLabels) labels = sink.labels(kName, name);
      sink.add(row.family, labels, value);
    }
  }

  Wanted wanted_;
  Units units_;
};

const Registration kRegistration{{.name = "systemd",
                                  .enabled = false,
                                  .help = "Units of systemd and their states.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<SystemdCollector>}};

}  // namespace
}  // namespace vitalsd::systemd
