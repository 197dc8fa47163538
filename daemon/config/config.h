// The effective configuration: plain values that have been checked. settings.h and load_config.h say how they are
// found.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/options.h"

namespace vitalsd {

struct CollectorConfig {
  bool enabled = false;
  std::chrono::nanoseconds interval{};  ///< between two runs
  std::chrono::nanoseconds timeout{};   ///< of one run
  std::chrono::nanoseconds fresh{};     ///< a scrape first runs the collector if its samples are older
  Options options;                      ///< the collector's own
  bool operator==(const CollectorConfig&) const = default;
};

struct Config {
  struct Web {
    std::vector<std::string> listen_addresses;
    std::string telemetry_path;
    std::string config_file;
    unsigned max_requests = 0;                  ///< scrapes at once; 0: no limit
    std::size_t max_connections = 0;            ///< of each listener
    std::chrono::nanoseconds header_timeout{};  ///< for a request's head to arrive
    std::vector<std::string> probe_addresses;
    bool enable_lifecycle = false;
    bool systemd_socket = false;
    bool operator==(const Web&) const = default;
  } web;
  struct Paths {
    std::string procfs, sysfs, rootfs, udev_data, cgroupfs, state;
    bool operator==(const Paths&) const = default;
  } paths;
  struct Log {
    std::string level, format;
    bool operator==(const Log&) const = default;
  } log;
  std::vector<std::pair<std::string, std::string>> external_labels;  ///< by name
  struct Shutdown {
    std::chrono::nanoseconds timeout{}, hold_for_scrape{};
    std::string push_url;  ///< of a Pushgateway; empty: nothing is pushed
    bool operator==(const Shutdown&) const = default;
  } shutdown;
  std::string exit_with_target;  ///< the name of a target; empty: run until a signal ends the daemon
  struct Reports {
    std::chrono::nanoseconds history{};
    std::size_t keep = 0;  ///< 0: no reports are made
    bool operator==(const Reports&) const = default;
  } reports;
  struct HistoryKept {
    std::chrono::nanoseconds window{};  ///< how far back; 0: no further than reports reach
    std::size_t size = 0;               ///< bytes
    std::vector<std::string> families;  ///< besides those that collectors name; `*` at the end: any ending
    bool operator==(const HistoryKept&) const = default;
  } history;
  struct Rules {
    std::vector<std::string> files;                           ///< in Prometheus' shape; empty: no rules
    std::chrono::nanoseconds interval{};                      ///< of groups that name none
    std::vector<std::pair<std::string, std::string>> labels;  ///< that series have besides in expressions, by name
    bool operator==(const Rules&) const = default;
  } rules;
  struct Alertmanager {
    std::vector<std::string> urls;  ///< empty: alerts are sent nowhere
    std::string username, password_file, bearer_token_file;
    std::chrono::nanoseconds timeout{};  ///< of one request
    std::chrono::nanoseconds resend{};   ///< of an alert that goes on
    std::string generator_url;           ///< shown with each alert; empty: none
    bool operator==(const Alertmanager&) const = default;
  } alertmanager;
  struct Publish {
    bool enabled = false;
    std::string token_file;
    std::string token;               ///< the content of the file; empty: no token
    std::size_t max_size = 0;        ///< bytes of one body
    std::size_t max_series = 0;      ///< of all groups together
    std::chrono::nanoseconds ttl{};  ///< of groups pushed without a time to live; 0: for ever
    bool operator==(const Publish&) const = default;
  } publish;
  struct Spending {
    double cpu = 0;  ///< share of one core in the long run; 0: no limit
    bool operator==(const Spending&) const = default;
  } budget;
  struct Security {
    std::string sandbox;  ///< auto or off
    bool operator==(const Security&) const = default;
  } security;
  std::map<std::string, CollectorConfig, std::less<>> collectors;  ///< all registered collectors, the disabled ones too
  bool operator==(const Config&) const = default;
};

}  // namespace vitalsd
