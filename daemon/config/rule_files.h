// Reads the files that rules.files names: rules in Prometheus' shape, with the key `affects` besides.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/config/fault.h"
#include "daemon/config/loader.h"
#include "daemon/rules/language/rule.h"

namespace vitalsd::conf {

/// Each file with the origin of its name. Faults have the place in the file, those of expressions with the line and a
/// caret. `interval` is that of groups that name none.
std::shared_ptr<const rules::RuleBook> load_rule_files(const std::vector<std::string>& files,
                                                       const std::vector<Origin>& origins,
                                                       std::chrono::nanoseconds interval, const ReadFile& read_file,
                                                       Faults& faults);

/// Adds the groups of one file.
void read_rule_file(const std::string& file, std::string_view text, std::chrono::nanoseconds interval,
                    rules::RuleBook& book, Faults& faults);

}  // namespace vitalsd::conf
