// Which group a push is for, as its path says it: a job and further labels.
//   push_path::parse("/metrics/job/backup/host@base64/YS9i") is {{"host", "a/b"}, {"job", "backup"}}
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace vitalsd {

/// The labels that name a group, among them `job`, which is not empty.
using GroupLabels = std::map<std::string, std::string, std::less<>>;

namespace push_path {

inline constexpr std::string_view kOwn = "/api/v1/publish/";                ///< JOB{/LABEL/VALUE}
inline constexpr std::string_view kGateway = "/metrics/job/";               ///< the same in Pushgateway's form
inline constexpr std::string_view kGatewayBase64 = "/metrics/job@base64/";  ///< with a JOB in base64url
inline constexpr std::size_t kMostLabels = 16;

/// `path` is as it came, percent-encoded. A label whose name ends in @base64 has its value in base64url, where padding
/// may be left out and "=" alone is an empty value. The error is one line for the client.
std::expected<GroupLabels, std::string> parse(std::string_view path);

}  // namespace push_path

/// "job=\"backup\",host=\"a\"": for people and logs, the job first.
std::string describe(const GroupLabels& labels);

}  // namespace vitalsd
