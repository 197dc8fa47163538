#include "collectors/process/groups/facts_reader.h"

#include "collectors/formats/passwd.h"
#include "collectors/formats/pid/pid_cgroup.h"
#include "collectors/formats/pid/pid_status.h"

namespace vitalsd {
namespace {

constexpr std::size_t kUsersLimit = 10'000;  // how many names are cached

// Each argument ends in a NUL, but a process that overwrote them with its title may have none, or many at the end.
void split_arguments(std::string_view text, std::vector<std::string>& arguments) {
  arguments.clear();
  text = text.substr(0, text.find_last_not_of('\0') + 1);
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    arguments.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace

FactsReader::FactsReader(const GroupRules& rules)
    : username_(rules.uses(NameTemplate::Field::username)),
      cwd_(rules.uses(NameTemplate::Field::cwd)),
      cgroups_(rules.uses(NameTemplate::Field::cgroups)) {}

Result<void> FactsReader::read(CollectContext& context, const ProcessSample& sample, std::uint64_t boot_time,
                               ProcessFacts& facts) {
  const FileSource& files = *context.host.procfs;
  const std::int32_t pid = sample.id.pid;
  const auto ticks = static_cast<std::uint64_t>(context.host.units.ticks_per_second);
  facts.pid = pid;
  facts.comm = std::string_view(sample.comm);
  facts.start_seconds = static_cast<std::int64_t>(boot_time + sample.id.start / ticks);
  facts.start_nanoseconds = static_cast<std::uint32_t>(sample.id.start % ticks * (1'000'000'000 / ticks));
  const auto command = files.read(path_(pid, "cmdline"), context.buffer);
  if (!command && command.error().code == Errc::vanished) return fail(command.error());
  split_arguments(command.value_or(std::string_view()), facts.arguments);

  facts.cgroups.clear();
  if (cgroups_) {
    const auto text = files.read(path_(pid, "cgroup"), context.buffer);
    pid_cgroup::any_path(text.value_or(std::string_view()), [&](std::string_view path) {
      facts.cgroups.emplace_back(path);
      return false;
    });
  }
  facts.cwd.clear();
  if (cwd_) facts.cwd = files.link(path_(pid, "cwd"), context.buffer).value_or(std::string_view());
  facts.username.clear();
  if (username_ && sample.has & Has::uid) {
    facts.username = user_name(context, sample.uid);
  } else if (username_) {
    const auto text = files.read(path_(pid, "status"), context.buffer);
    NoFaults unheard;
    const auto status = text ? pid_status::parse(*text, unheard) : Result<PidStatus>(fail(text.error()));
    if (status && status->euid) facts.username = user_name(context, static_cast<std::uint32_t>(*status->euid));
  }
  return {};
}

std::string_view FactsReader::user_name(CollectContext& context, std::uint32_t uid) {
  if (users_.size() >= kUsersLimit) users_.clear();
  const auto [known, added] = users_.try_emplace(uid);
  if (!added) return known->second;
  const auto text = context.host.rootfs->read("etc/passwd", context.buffer);
  known->second = passwd::name_of(text.value_or(std::string_view()), uid);
  if (known->second.empty()) known->second = std::to_string(uid);
  return known->second;
}

}  // namespace vitalsd
