#include "collectors/automation/command_spec.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "collectors/formats/json_values.h"
#include "collectors/formats/passwd.h"
#include "core/metric_name.h"
#include "core/quantity.h"
#include "core/record_reader.h"
#include "core/scan.h"
#include "core/whole_file.h"

namespace vitalsd {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 4> kFormats = {"prometheus", "number", "json", "nagios"};
constexpr std::size_t kMostArguments = 1024, kMostVariables = 1024, kNameLimit = 128;

struct LimitName {
  std::string_view name;
  int resource;
};
constexpr std::array kLimits = {
    LimitName{"as", RLIMIT_AS},         LimitName{"core", RLIMIT_CORE},   LimitName{"cpu", RLIMIT_CPU},
    LimitName{"data", RLIMIT_DATA},     LimitName{"fsize", RLIMIT_FSIZE}, LimitName{"memlock", RLIMIT_MEMLOCK},
    LimitName{"nofile", RLIMIT_NOFILE}, LimitName{"nproc", RLIMIT_NPROC}, LimitName{"stack", RLIMIT_STACK}};

// Reads one record; every refusal names the command.
class Reader : private RecordReader {
 public:
  Reader(const Record& record, std::size_t index)
      : RecordReader(record, "commands[" + std::to_string(index) + "]", "command") {}

  CommandSpec read() {
    spec_.name = text("name");
    if (spec_.name.empty() || spec_.name.size() > kNameLimit) refuse("needs a name of at most 128 bytes");
    read_command();
    spec_.interval = duration("interval", spec_.interval, 100ms, 24h * 366);
    spec_.timeout = duration("timeout", spec_.timeout, 1ms, 24h);
    spec_.grace = duration("grace", spec_.grace, 0ms, 1min);
    read_environment();
    if (has("directory")) spec_.directory = text("directory");
    if (!spec_.directory.starts_with('/')) refuse("directory must be an absolute path, not " + quote(spec_.directory));
    if (has("user")) spec_.user = user(text("user"));
    spec_.nice = static_cast<int>(number("nice", 0, 0, 19));
    read_limits();
    if (has("umask")) spec_.umask = mask(text("umask"));
    spec_.output_limit = size("output_limit", spec_.output_limit, std::size_t{64} << 20U);
    spec_.series = static_cast<std::size_t>(number("series", 1000, 1, 1'000'000));
    spec_.keeps_values = one_of("on_failure", {"drop", "keep"}) == 1;
    spec_.help = text("help");
    read_format();
    read_labels();
    for (const std::string& path : list("writes")) {
      if (!path.starts_with('/')) refuse("writes must be absolute paths, not " + quote(path));
    }
    return std::move(spec_);
  }

 private:
  std::int64_t number(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most) const {
    if (!has(key)) return otherwise;
    const auto value = parse_number<std::int64_t>(text(key), "number");
    if (value && *value >= least && *value <= most) return *value;
    refuse(std::string(key) + " must be a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
           ", not " + quote(text(key)));
  }
  std::size_t size(std::string_view key, std::size_t otherwise, std::size_t most) const {
    if (!has(key)) return otherwise;
    const auto value = parse_size(text(key));
    if (value && *value > 0 && *value <= most) return *value;
    refuse(std::string(key) + " must be a size of at most 64Mi, not " + quote(text(key)));
  }
  std::size_t one_of(std::string_view key, std::span<const std::string_view> words) const {
    if (!has(key)) return 0;
    const auto found = std::ranges::find(words, text(key));
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    std::string known;
    for (const std::string_view word : words) known.append(known.empty() ? "" : ", ").append(word);
    refuse(std::string(key) + " must be one of " + known + ", not " + quote(text(key)));
  }
  std::size_t one_of(std::string_view key, std::initializer_list<std::string_view> words) const {
    return one_of(key, std::span(words.begin(), words.size()));
  }

  void read_command() {
    spec_.arguments = list("command");
    if (spec_.arguments.empty()) refuse("needs a command: a list of the program and its arguments");
    if (spec_.arguments.size() > kMostArguments) refuse("has more than 1024 arguments");
    if (!spec_.arguments.front().starts_with('/')) {
      refuse("the program must be an absolute path, not " + quote(spec_.arguments.front()));
    }
  }

  void read_environment() {
    for (const auto& [name, value] : pairs("environment")) {
      if (name.empty()) refuse("environment: a variable needs a name");
      spec_.environment.push_back(name + "=" + value);
    }
    if (spec_.environment.size() > kMostVariables) refuse("has more than 1024 variables in its environment");
  }

  void read_limits() {
    for (const auto& [name, value] : pairs("limits")) {
      const auto known = std::ranges::find(kLimits, name, &LimitName::name);
      if (known == kLimits.end()) refuse("limits: there is no " + quote(name));
      const auto limit = parse_size(value);
      if (!limit) refuse("limits: " + name + " must be a number or a size, not " + quote(value));
      spec_.limits.emplace_back(known->resource, static_cast<rlim_t>(*limit));
    }
  }

  mode_t mask(const std::string& value) const {
    unsigned bits = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), bits, 8);
    if (code != std::errc{} || end != value.data() + value.size() || bits > 0777) {
      refuse("umask must be an octal number of at most 777, not " + quote(value));
    }
    return static_cast<mode_t>(bits);
  }

  CommandUser user(const std::string& value) const {
    const std::size_t colon = value.find(':');
    const auto uid = parse_number<std::uint32_t>(value.substr(0, colon), "uid");
    if (uid && colon == std::string::npos) return {*uid, *uid};
    if (uid) {
      const auto gid = parse_number<std::uint32_t>(value.substr(colon + 1), "gid");
      if (gid) return {*uid, *gid};
    }
    std::string buffer;
    constexpr std::size_t kLimit = std::size_t{4} << 20U;
    const auto users = read_file("/etc/passwd", buffer, kLimit, "/etc/passwd");
    if (!users) refuse("user " + quote(value) + " cannot be looked up: " + describe(users.error()));
    const auto account = passwd::account_of(*users, value);
    if (!account) refuse("there is no user " + quote(value) + " in /etc/passwd; UID:GID is possible, too");
    return {account->uid, account->gid};
  }

  void metric_name(const std::string& name) const {
    if (!is_metric_name(name)) refuse(quote(name) + " is no name of a metric");
  }

  void read_format() {
    spec_.format = static_cast<OutputFormat>(one_of("format", kFormats));
    spec_.metric = text("metric");
    spec_.values = pairs("values");
    const bool is_number = spec_.format == OutputFormat::number, is_json = spec_.format == OutputFormat::json;
    if (is_number == spec_.metric.empty()) refuse("the format number, and it alone, needs a metric");
    if (is_json == spec_.values.empty()) refuse("the format json, and it alone, needs values");
    if (is_number) metric_name(spec_.metric);
    for (const auto& [metric, pointer] : spec_.values) {
      metric_name(metric);
      if (!is_json_pointer(pointer)) refuse(quote(pointer) + " is no JSON pointer (RFC 6901)");
    }
  }

  void read_labels() {
    spec_.labels = pairs("labels");
    for (const auto& [name, value] : spec_.labels) {
      const bool reserved = name.starts_with("__") || name == "le" || name == "quantile" || name == "command";
      if (reserved || !is_label_name(name)) refuse(quote(name) + " may not be a label of its metrics");
    }
  }

  CommandSpec spec_;
};

}  // namespace

std::vector<CommandSpec> read_command_specs(const std::vector<Record>& records) {
  std::vector<CommandSpec> specs;
  specs.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) specs.push_back(Reader(records[i], i).read());
  return specs;
}

bool names_user(const std::vector<Record>& records) {
  return std::ranges::any_of(records, [](const Record& record) { return record.texts.contains("user"); });
}

}  // namespace vitalsd
