// Reads the facts that rules need to know of a process: once per process, and only those that the rules use.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "collectors/kit/pid_path.h"
#include "collectors/process/groups/group_rules.h"
#include "collectors/process/sources/process_sample.h"
#include "core/collector.h"

namespace vitalsd {

class FactsReader {
 public:
  explicit FactsReader(const GroupRules& rules);

  /// Vanished if the process has ended. What cannot be read is left empty, as it is for kernel threads.
  Result<void> read(CollectContext& context, const ProcessSample& sample, std::uint64_t boot_time, ProcessFacts& facts);

 private:
  std::string_view user_name(CollectContext& context, std::uint32_t uid);

  bool username_, cwd_, cgroups_;
  std::map<std::uint32_t, std::string> users_;
  PidPath path_;
};

}  // namespace vitalsd
