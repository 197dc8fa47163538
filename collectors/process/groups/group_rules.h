// The rules that assign processes to groups: process-exporter's process_names and its two older forms.
//   GroupRules rules(options); if (rules.match(facts, name)) ...
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kit/pattern.h"
#include "collectors/process/groups/name_template.h"
#include "core/options.h"

namespace vitalsd {

inline constexpr std::array<RecordField, 3> kGroupRuleFields = {{
    {"comm", "The kernel's name of the process, any of these.", true},
    {"exe", "The first argument: a whole path, or the last part of one; any of these.", true},
    {"cmdline", "Regular expressions, all of which the arguments match, joined by blanks.", true},
}};

class GroupRules {
 public:
  /// Reads process_names, or procnames and namemapping. Throws OptionError.
  explicit GroupRules(const Options& options);

  /// Whether a rule matches. Sets `name` to the group that the first such rule gives.
  bool match(const ProcessFacts& facts, std::string& name) const;

  /// Whether rules or names use this field, so that unused ones are not read.
  bool uses(NameTemplate::Field field) const noexcept;
  /// A hash of the rules. Assignments that were saved under another fingerprint are invalid.
  std::uint64_t fingerprint() const noexcept { return fingerprint_; }
  /// Whether a rule gives exactly this name; there are at most as many such groups as rules.
  bool names_outright(std::string_view name) const;
  /// The group names that process_names gives literally, each once.
  const std::vector<std::string>& literal_names() const noexcept { return literals_; }

 private:
  // All fields that are present must match.
  struct Rule {
    std::optional<std::set<std::string, std::less<>>> comms;
    std::optional<std::map<std::string, std::string, std::less<>>>
        exes;  // the last part of the path -> the whole path, or empty
    std::vector<Pattern> cmdlines;
    NameTemplate name;
  };

  static Rule read_rule(const Record& record, const std::string& option);
  void read_procnames(const std::string& text);
  void read_namemapping(const std::string& text);
  static bool fits(const Rule& rule, const ProcessFacts& facts, std::string_view command, Captures& captures);
  bool match_mapped(const ProcessFacts& facts, std::string_view command, std::string& name) const;

  std::vector<Rule> rules_;
  std::map<std::string, std::optional<Pattern>, std::less<>>
      mapped_;  // by comm; without a pattern the comm is the name
  std::vector<std::string> literals_;
  std::uint64_t fingerprint_;
};

}  // namespace vitalsd
