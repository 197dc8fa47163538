// Which endpoint is merged into our exposition: one record of collectors.merge.sources, checked.
//   {name: app, target: http://127.0.0.1:8080/metrics, interval: 15s}
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "daemon/probe/probe_spec.h"

namespace vitalsd {

inline constexpr std::array<RecordField, 17> kMergeFields = {{
    {"target", "Whose metrics to pass on: http://, https://, or unix:/SOCKET:/PATH."},
    {"interval", "Time from one request's start to the next (15s)."},
    {"timeout", "How long a request may take (5s); at most the interval."},
    {"label", "Label that its series get, with the name of the source as the value; empty: none (source)."},
    {"labels", "Further labels that its series get, as a mapping.", true, true},
    {"honor_labels",
     "Whether a label that its series have already is kept; else it is renamed exported_NAME, as by Prometheus "
     "(false)."},
    {"max_size", "How large its answer may be (4Mi); a larger one counts as a failure."},
    {"max_series", "How many series it may have (10000); more count as a failure."},
    {"headers", "HTTP fields to send, as a mapping.", true, true, true},
    {"host", "The Host field (the target's host)."},
    {"username", "User of HTTP Basic authentication; takes a password_file."},
    {"password_file", "File with the password."},
    {"bearer_token_file", "File with the token of the Authorization field."},
    {"ca_file", "PEM file with the authorities that sign the server's certificate (the system's)."},
    {"server_name", "Name that the server's certificate must have (the target's host)."},
    {"insecure", "Whether any certificate is accepted (false)."},
    {"ip_protocol", "ip4, ip6 or any (any)."},
}};

struct MergeSpec {
  ProbeSpec fetch;                                          ///< how it is asked; also its name and its record
  std::vector<std::pair<std::string, std::string>> labels;  ///< that its series get, by name
  bool honor_labels = false;
  std::size_t max_series = 10'000;
};

/// Checks the records. Throws OptionError("sources[N]") that names the source and what to do.
std::vector<MergeSpec> read_merge_specs(const std::vector<Record>& records);

}  // namespace vitalsd
