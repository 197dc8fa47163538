#include "collectors/process/groups/group_rules.h"

#include <algorithm>

namespace vitalsd {
namespace {

constexpr std::string_view kDefaultName = "{{.ExeBase}}";

const std::vector<std::string>* list_of(const Record& record, std::string_view field) {
  const auto found = record.lists.find(field);
  return found == record.lists.end() ? nullptr : &found->second;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// FNV-1a over all texts in the rules, with an end mark after each.
std::uint64_t fingerprint_of(const Options& options) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    hash = (hash ^ 0x100U) * 0x100000001B3ULL;
  };
  for (const Record& record : options.records("process_names")) {
    for (const auto& [field, text] : record.texts) (add(field), add(text));
    for (const auto& [field, texts] : record.lists) {
      add(field);
      for (const std::string& text : texts) add(text);
    }
    add("");
  }
  add(options.text("procnames"));
  add(options.text("namemapping"));
  return hash;
}

}  // namespace

GroupRules::GroupRules(const Options& options) : fingerprint_(fingerprint_of(options)) {
  const auto& records = options.records("process_names");
  for (std::size_t i = 0; i < records.size(); ++i) {
    rules_.push_back(read_rule(records[i], "process_names[" + std::to_string(i) + "]"));
    const std::string* literal = rules_.back().name.literal();
    if (literal != nullptr && std::ranges::find(literals_, *literal) == literals_.end()) literals_.push_back(*literal);
  }
  read_namemapping(options.text("namemapping"));
  read_procnames(options.text("procnames"));
  if (!rules_.empty() && !mapped_.empty()) {
    throw OptionError(options.text("procnames").empty() ? "namemapping" : "procnames",
                      "cannot be combined with process_names: write it as a rule there");
  }
}

bool GroupRules::names_outright(std::string_view name) const {
  return mapped_.contains(name) || std::ranges::find(literals_, name) != literals_.end();
}

GroupRules::Rule GroupRules::read_rule(const Record& record, const std::string& option) {
  Rule rule;
  const std::vector<std::string>* cmdlines = list_of(record, "cmdline");
  if (const auto* comms = list_of(record, "comm")) rule.comms.emplace(comms->begin(), comms->end());
  if (const auto* exes = list_of(record, "exe")) {
    rule.exes.emplace();
    for (const std::string& exe : *exes) {
      const bool whole = exe.find('/') != std::string::npos;
      rule.exes->insert_or_assign(whole ? std::string(base_name(exe)) : exe, whole ? exe : "");
    }
  }
  if (cmdlines != nullptr) {
    for (const std::string& text : *cmdlines) {
      try {
        rule.cmdlines.emplace_back(option, text);
      } catch (const OptionError& error) {
        throw OptionError(option, "cmdline \"" + text + "\" is " + error.what());
      }
    }
  }
  if (!rule.comms && !rule.exes && cmdlines == nullptr) {
    throw OptionError(option, "a rule needs one of comm, exe, cmdline");
  }
  const auto given = record.texts.find("name");
  const std::string_view name = given == record.texts.end() || given->second.empty() ? kDefaultName : given->second;
  auto parsed = NameTemplate::parse(name);
  if (!parsed) throw OptionError(option, "name \"" + std::string(name) + "\": " + parsed.error());
  rule.name = std::move(*parsed);
  return rule;
}

void GroupRules::read_procnames(const std::string& text) {
  for (std::string& name : split(text)) {
    if (!name.empty()) mapped_.try_emplace(std::move(name));
  }
}

void GroupRules::read_namemapping(const std::string& text) {
  if (text.empty()) return;
  std::vector<std::string> parts = split(text);
  if (parts.size() % 2 != 0)
    throw OptionError("namemapping", "takes pairs of a name and an expression: NAME,REGEX,...");
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    if (parts[i].empty() || parts[i + 1].empty()) throw OptionError("namemapping", "a name or an expression is empty");
    mapped_.insert_or_assign(std::move(parts[i]), Pattern("namemapping", parts[i + 1]));
  }
}

bool GroupRules::fits(const Rule& rule, const ProcessFacts& facts, std::string_view command, Captures& captures) {
  if (rule.comms && !rule.comms->contains(facts.comm)) return false;
  if (rule.exes) {
    if (facts.arguments.empty()) return false;
    const auto found = rule.exes->find(facts.exe_base());
    if (found == rule.exes->end() || (!found->second.empty() && found->second != facts.exe_full())) return false;
  }
  std::vector<std::string_view> groups;
  for (const Pattern& pattern : rule.cmdlines) {
    if (!pattern.match(command, groups)) return false;
    for (const auto& [index, name] : pattern.group_names()) {
      captures.insert_or_assign(name, std::string(groups[static_cast<std::size_t>(index)]));
    }
  }
  return true;
}

bool GroupRules::match_mapped(const ProcessFacts& facts, std::string_view command, std::string& name) const {
  const auto found = mapped_.find(facts.comm);
  if (found == mapped_.end()) return false;
  name = facts.comm;
  if (!found->second) return true;
  std::vector<std::string_view> groups;
  if (!found->second->match(command, groups)) return false;
  const auto taken =
      std::find_if(groups.begin() + 1, groups.end(), [](std::string_view text) { return !text.empty(); });
  if (taken == groups.end()) return false;
  name.append(":").append(*taken);
  return true;
}

bool GroupRules::match(const ProcessFacts& facts, std::string& name) const {
  std::string command;
  for (const std::string& argument : facts.arguments) {
    command.append(&argument == &facts.arguments.front() ? "" : " ").append(argument);
  }
  for (const Rule& rule : rules_) {
    Captures captures;
    if (!fits(rule, facts, command, captures)) continue;
    rule.name.render(facts, captures, name);
    return true;
  }
  return match_mapped(facts, command, name);
}

bool GroupRules::uses(NameTemplate::Field field) const noexcept {
  return std::ranges::any_of(rules_, [field](const Rule& rule) { return rule.name.uses(field); });
}

}  // namespace vitalsd
