#include "daemon/config/checks.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "core/metric_name.h"
#include "core/quantity.h"
#include "daemon/config/masked.h"
#include "daemon/config/value.h"
#include "exporters/http/client.h"
#include "exporters/http/server.h"

namespace vitalsd::conf {
namespace {

constexpr std::array<std::string_view, 10> kFixedRoutes = {"/",
                                                           "/health",
                                                           "/-/healthy",
                                                           "/-/ready",
                                                           "/-/reload",
                                                           "/api/v1/reports",
                                                           "/api/v1/history",
                                                           "/api/v1/series",
                                                           "/api/v1/rules",
                                                           "/api/v1/alerts"};

// Empty when `name` may be an external label.
std::string label_fault(std::string_view name) {
  if (!is_label_name(name)) {
    return quoted(name) + " is no label name: letters, digits and '_', not beginning with a digit";
  }
  if (name.starts_with("__")) return "label names beginning with '__' are reserved: " + quoted(name);
  return {};
}

std::string telemetry_path_fault(std::string_view path) {
  if (!path.starts_with('/')) return "must begin with '/', got " + quoted(path);
  if (std::ranges::find(kFixedRoutes, path) != kFixedRoutes.end()) return quoted(path) + " serves something else";
  const auto bad = [](char c) { return c <= ' ' || c >= 0x7F || c == '?' || c == '#' || c == '%'; };
  if (std::ranges::any_of(path, bad))
    return "must be plain ASCII without blanks, '?', '#' and '%', got " + quoted(path);
  return {};
}

std::string address_fault(const std::string& address, std::map<std::string, Origin>& seen, const Origin& origin) {
  try {
    http::check_address(address);
  } catch (const std::exception& error) {
    return error.what();
  }
  // Port 0 may be given twice: each listener gets another free port.
  if (!address.ends_with(":0") && !seen.emplace(address, origin).second) {
    return "address " + quoted(address) + " is given twice";
  }
  return {};
}

std::string push_url_fault(std::string_view url) {
  if (url.empty()) return {};
  const auto parsed = http::parse_url(url, "/");
  return parsed ? std::string() : quoted(masked_url(url)) + ": " + parsed.error();
}

std::string cores_fault(std::string_view text) {
  constexpr double kLeast = 0.0001;  // cores; the idle loop alone may use as much
  const auto cores = parse_cores(text);
  if (!cores) return "must be a number of cores, such as 20m or 0.02, got " + quoted(text);
  return *cores != 0 && *cores < kLeast ? "must be 0 or at least 0.1m, got " + quoted(text) : std::string();
}

class Checker {
 public:
  Checker(const Settings& settings, const Values& values, Faults& faults)
      : settings_(settings), values_(values), faults_(faults) {}

  void run() {
    addresses();
    scalar("web.telemetry_path", telemetry_path_fault);
    for (const char* path : {"paths.procfs", "paths.sysfs", "paths.rootfs", "paths.udev_data", "paths.cgroupfs"}) {
      scalar(path, [](std::string_view text) { return std::string(text.empty() ? "must not be empty" : ""); });
    }
    scalar("shutdown.push_url", push_url_fault);
    scalar("budget.cpu", cores_fault);
    alertmanager();
    exit_with_target();
    labels("external_labels");
    labels("rules.labels");
    published_labels();
    for (const Setting& setting : settings_.all()) {
      if (setting.type == OptionType::records && needs_name(setting)) record_names(values_[setting.index]);
    }
  }

 private:
  const Assigned& value(std::string_view path) const { return values_[settings_.by_path(path)->index]; }

  template <class Check>
  void scalar(std::string_view path, Check check) {
    const Assigned& assigned = value(path);
    if (assigned.broken) return;
    if (std::string fault = check(assigned.value.text); !fault.empty()) faults_.add(assigned.origin, std::move(fault));
  }

  void addresses() {
    std::map<std::string, Origin> seen;
    for (const char* path : {"web.listen_address", "web.probe_address"}) {
      const Assigned& assigned = value(path);
      for (std::size_t i = 0; i < assigned.value.items.size(); ++i) {
        const std::string& address = assigned.value.items[i];
        std::string fault = address_fault(address, seen, assigned.items[i]);
        if (!fault.empty()) faults_.add(assigned.items[i], std::move(fault));
      }
    }
    const Assigned& listen = value("web.listen_address");
    if (listen.value.items.empty() && !listen.broken && value("web.systemd_socket").value.text != "true") {
      faults_.add(listen.origin, "at least one address is needed");
    }
  }

  void labels(std::string_view path) {
    const Assigned& labels = value(path);
    std::map<std::string_view, bool> seen;
    for (std::size_t i = 0; i < labels.value.items.size(); ++i) {
      const std::string_view item = labels.value.items[i];
      const std::string_view name = item.substr(0, item.find('='));
      std::string fault = label_fault(name);
      if (fault.empty() && !seen.emplace(name, true).second) fault = "label " + quoted(name) + " is given twice";
      if (!fault.empty()) faults_.add(labels.items[i], std::move(fault));
    }
  }

  // Pushed series have these labels already, and no series may have a label twice.
  void published_labels() {
    if (value("publish.enabled").value.text != "true") return;
    const Assigned& labels = value("external_labels");
    for (std::size_t i = 0; i < labels.value.items.size(); ++i) {
      const std::string_view item = labels.value.items[i];
      const std::string_view name = item.substr(0, item.find('='));
      if (name != "job" && name != "instance") continue;
      faults_.add(labels.items[i], "with publish.enabled, " + quoted(name) + " is a label of what is pushed");
    }
  }

  void alertmanager() {
    const Assigned& urls = value("alertmanager.urls");
    for (std::size_t i = 0; i < urls.value.items.size(); ++i) {
      std::string fault = push_url_fault(urls.value.items[i]);
      if (urls.value.items[i].find_first_of("?#@") != std::string::npos) fault = "takes no query, fragment or user";
      if (!fault.empty()) faults_.add(urls.items[i], std::move(fault));
    }
    const bool has_user = !value("alertmanager.username").value.text.empty();
    const Assigned& password = value("alertmanager.password_file");
    const Assigned& token = value("alertmanager.bearer_token_file");
    if (has_user == password.value.text.empty()) {
      faults_.add(has_user ? value("alertmanager.username").origin : password.origin,
                  "alertmanager.username and alertmanager.password_file go together");
    }
    if (!token.value.text.empty() && !password.value.text.empty()) {
      faults_.add(token.origin, "either a password or a bearer's token, not both");
    }
  }

  void exit_with_target() {
    const Assigned& wanted = value("exit_with_target");
    if (wanted.broken || wanted.value.text.empty()) return;
    const auto is_it = [&](const auto& record) {
      const auto name = record.texts.find("name");
      return name != record.texts.end() && name->second == wanted.value.text;
    };
    const Assigned& watch = value("collectors.targets.watch");
    if (watch.broken || std::ranges::any_of(watch.value.records, is_it)) return;
    faults_.add(wanted.origin, "no target in collectors.targets.watch has the name " + quoted(wanted.value.text));
  }

  void record_names(const Assigned& records) {
    std::map<std::string_view, bool> seen;
    for (std::size_t i = 0; i < records.value.records.size(); ++i) {
      const std::string& name = records.value.records[i].texts.find("name")->second;
      if (!seen.emplace(name, true).second) faults_.add(records.items[i], "name " + quoted(name) + " is given twice");
    }
  }

  const Settings& settings_;
  const Values& values_;
  Faults& faults_;
};

bool is_broken(const Settings& settings, const Values& values, const CollectorSpec& collector) {
  return std::ranges::any_of(settings.all(), [&](const Setting& setting) {
    return setting.collector == &collector && values[setting.index].broken;
  });
}

// The origin of an option that is named "watch", or "watch[2]" for its third item.
Origin origin_of(const Settings& settings, const Values& values, const CollectorSpec& spec, std::string_view option) {
  const std::size_t bracket = option.find('[');
  const std::string path = "collectors." + std::string(spec.name) + "." + std::string(option.substr(0, bracket));
  const Setting* setting = settings.by_path(path);
  if (setting == nullptr) return {Origin::Layer::standard, "collectors." + std::string(spec.name)};
  const Assigned& assigned = values[setting->index];
  if (bracket != std::string_view::npos) {
    std::size_t item = 0;
    for (const char c : option.substr(bracket + 1)) {
      if (c < '0' || c > '9' || item > assigned.items.size()) break;
      item = item * 10 + static_cast<std::size_t>(c - '0');
    }
    if (item < assigned.items.size()) return assigned.items[item];
  }
  return assigned.origin.layer == Origin::Layer::standard ? Origin{Origin::Layer::standard, path} : assigned.origin;
}

}  // namespace

void check_values(const Settings& settings, const Values& values, Faults& faults) {
  Checker(settings, values, faults).run();
}

void check_collectors(const Settings& settings, const Values& values, const Config& config, Faults& faults) {
  for (const CollectorSpec& spec : settings.collectors()) {
    const CollectorConfig& collector = config.collectors.find(spec.name)->second;
    if (!collector.enabled || spec.make == nullptr || is_broken(settings, values, spec)) continue;
    try {
      spec.make(collector.options);
    } catch (const OptionError& error) {
      faults.add(origin_of(settings, values, spec, error.option()), error.what());
    } catch (const std::exception& error) {
      faults.add({Origin::Layer::standard, "collectors." + std::string(spec.name)}, error.what());
    }
  }
}

}  // namespace vitalsd::conf
