#include "collectors/process/targets/target_spec.h"

#include <algorithm>
#include <set>

#include "collectors/formats/pid/pid_file.h"
#include "core/scan.h"
#include "core/utf8.h"

namespace vitalsd {
namespace {

constexpr std::string_view kOption = "watch";
constexpr std::size_t kCommLength = 15;  // TASK_COMM_LEN without the terminator
constexpr std::size_t kNameLimit = 128;
constexpr std::size_t kShortId = 12, kWholeId = 64;

[[noreturn]] void refuse(const std::string& name, std::string_view why) {
  throw OptionError(kOption, "target \"" + name + "\": " + std::string(why));
}

// Each function checks a selector's value and brings it into its normal form.
void prepare_pid(TargetSpec& spec) {
  const auto pid = parse_number<std::int32_t>(spec.value, "pid");
  if (!pid || *pid < 1 || *pid > kMaxPid)
    refuse(spec.name, "pid must be a number from 1 to 4194304, not \"" + spec.value + "\"");
  spec.pid = *pid;
}

void prepare_pidfile(TargetSpec& spec) {
  if (!spec.value.starts_with('/')) refuse(spec.name, "pidfile must be an absolute path, not \"" + spec.value + "\"");
  spec.value.erase(0, spec.value.find_first_not_of('/'));
  if (spec.value.empty()) refuse(spec.name, "pidfile must name a file, not the root directory");
}

void prepare_comm(TargetSpec& spec) { spec.value.resize(std::min(spec.value.size(), kCommLength)); }

void prepare_exe(TargetSpec&) {}

void prepare_cmdline(TargetSpec& spec) {
  try {
    spec.pattern.emplace(kOption, spec.value);
  } catch (const OptionError& error) {
    refuse(spec.name, std::string("cmdline is ") + error.what());
  }
}

void prepare_cgroup(TargetSpec& spec) {
  if (!spec.value.starts_with('/')) spec.value.insert(0, 1, '/');
  while (spec.value.size() > 1 && spec.value.ends_with('/')) spec.value.pop_back();
}

void prepare_unit(TargetSpec& spec) {
  if (spec.value.find('/') != std::string::npos) refuse(spec.name, "unit must be a unit's name, without a slash");
  if (spec.value.find('.') == std::string::npos) spec.value += ".service";
}

void prepare_container(TargetSpec& spec) {
  if (const std::size_t scheme = spec.value.find("://"); scheme != std::string::npos) spec.value.erase(0, scheme + 3);
  for (char& c : spec.value) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  const bool hex = spec.value.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex || spec.value.size() < kShortId || spec.value.size() > kWholeId) {
    refuse(spec.name, "container must be 12 to 64 hex digits of its id (names are known to the engine alone)");
  }
}

void prepare_pod_container(TargetSpec& spec) {
  const auto place = parse_number<std::uint32_t>(spec.value, "place");
  if (!place || *place < 1 || *place > 64)
    refuse(spec.name, "pod_container must be a number from 1 to 64, not \"" + spec.value + "\"");
  spec.place = *place;
}

using Prepare = void (*)(TargetSpec&);
constexpr std::array<Prepare, kTargetFields.size()> kPrepare = {prepare_pid,  prepare_pidfile,   prepare_comm,
                                                                prepare_exe,  prepare_cmdline,   prepare_cgroup,
                                                                prepare_unit, prepare_container, prepare_pod_container};

void check_name(const std::string& name) {
  if (name.empty()) throw OptionError(kOption, "a target needs a name");
  if (name.size() > kNameLimit) refuse(name.substr(0, 32) + "...", "the name is longer than 128 bytes");
  for (std::string_view rest(name); !rest.empty();) {
    const std::size_t length = utf8_length(rest);
    if (length == 0) refuse("?", "the name is not UTF-8");
    if (length == 1 && static_cast<unsigned char>(rest.front()) < 0x20)
      refuse("?", "the name has a control character in it");
    rest.remove_prefix(length);
  }
}

std::string selector_names() {
  std::string names;
  for (const RecordField& field : kTargetFields) names += (names.empty() ? "" : ", ") + std::string(field.name);
  return names;
}

TargetSpec read_spec(const Record& record) {
  TargetSpec spec;
  if (const auto name = record.texts.find("name"); name != record.texts.end()) spec.name = name->second;
  check_name(spec.name);
  unsigned selectors = 0;
  for (const auto& [key, value] : record.texts) {
    if (key == "name") continue;
    const auto field = std::ranges::find(kTargetFields, key, &RecordField::name);
    if (field == kTargetFields.end())
      refuse(spec.name, "unknown selector \"" + key + "\"; there are " + selector_names());
    if (value.empty()) refuse(spec.name, key + " is empty");
    if (value.find('\0') != std::string::npos) refuse(spec.name, key + " has a NUL in it");
    ++selectors;
    spec.selector = static_cast<Selector>(field - kTargetFields.begin());
    spec.value = value;
  }
  if (selectors != 1)
    refuse(spec.name,
           (selectors == 0 ? "needs a selector, one of " : "needs one selector alone, one of ") + selector_names());
  kPrepare[static_cast<std::size_t>(spec.selector)](spec);
  return spec;
}

}  // namespace

std::vector<TargetSpec> read_target_specs(const std::vector<Record>& records) {
  std::vector<TargetSpec> specs;
  std::set<std::string, std::less<>> names;
  specs.reserve(records.size());
  for (const Record& record : records) {
    specs.push_back(read_spec(record));
    if (!names.insert(specs.back().name).second) refuse(specs.back().name, "there are two of this name");
  }
  return specs;
}

}  // namespace vitalsd
