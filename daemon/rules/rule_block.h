// The block of samples that rules publish: ALERTS, recorded values, and how their evaluation went.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.h"
#include "daemon/rules/rule_groups.h"

namespace vitalsd {

/// What became of the alerts that an Alertmanager was to be sent.
struct NoticeCounts {
  std::string alertmanager;  ///< its URL, with secrets masked
  std::uint64_t sent = 0, errors = 0, dropped = 0;
  std::size_t waiting = 0;
};

class RuleBlock {
 public:
  /// `external` are names of labels that every exposition adds: no series may have them twice.
  void configure(std::vector<std::string> external) { external_ = std::move(external); }
  /// Everything as it is now.
  std::shared_ptr<const Block> collect(const RuleGroups& groups, std::span<const NoticeCounts> notices = {});

  static std::span<const Family* const> families();

 private:
  struct RecordedFamilies;
  void add(Block& block, const Family& family, rules::LabelSet labels, double value) const;
  const Family& recorded(const std::string& name);

  std::vector<std::string> external_;
  std::shared_ptr<Block> current_, spare_;
  std::shared_ptr<RecordedFamilies> recorded_;
};

}  // namespace vitalsd
