#include "daemon/config/rule_files.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/collector.h"
#include "core/metric_name.h"
#include "core/quantity.h"
#include "daemon/config/suggest.h"
#include "daemon/config/text_place.h"
#include "daemon/config/yaml_source.h"

namespace vitalsd::conf {
namespace {

using Kind = YamlNode::Kind;
using rules::Rule, rules::RuleBook, rules::RuleGroup;

// A recorded series of this name would stand beside, or hide, what the daemon itself reports.
bool is_own(std::string_view name) {
  if (name.starts_with("vitalsd_") || name == "ALERTS" || name == "ALERTS_FOR_STATE") return true;
  return std::ranges::any_of(registered_collectors(), [&](const CollectorSpec& spec) {
    return std::ranges::any_of(spec.families, [&](const Family* family) { return family->name == name; });
  });
}

class Reader {
 public:
  Reader(const std::string& file, std::string_view text, std::chrono::nanoseconds interval, RuleBook& book,
         Faults& faults)
      : file_(file), text_(text), interval_(interval), book_(book), faults_(faults) {}

  void run() {
    std::vector<YamlFault> broken;
    const YamlNode root = parse_yaml(text_, broken);
    for (auto& fault : broken) add(fault.line, fault.column, std::move(fault.message));
    each(root, {"groups"}, [this](const YamlNode::Entry& entry) {
      for (const YamlNode& item : list_of(entry.value)) read_group(item);
    });
  }

 private:
  void add(int line, int column, std::string message, std::string excerpt = {}) {
    faults_.add({Origin::Layer::file, file_, line, column}, std::move(message), std::move(excerpt));
  }
  void add(const YamlNode& node, std::string message) { add(node.line, node.column, std::move(message)); }

  template <class Use>
  void each(const YamlNode& node, const std::vector<std::string_view>& known, Use use) {
    if (node.kind == Kind::null) return;
    if (node.kind != Kind::mapping) return add(node, "expected keys with values");
    for (const auto& entry : node.entries) {
      if (std::ranges::find(known, entry.key) == known.end()) {
        add(entry.line, entry.column, "unknown key " + quoted(entry.key) + suggestion(entry.key, known));
      } else {
        use(entry);
      }
    }
  }

  const std::vector<YamlNode>& list_of(const YamlNode& node) {
    if (node.kind != Kind::list && node.kind != Kind::null) add(node, "expected a list");
    return node.items;
  }

  std::string text_of(const YamlNode& node) {
    if (node.kind == Kind::list || node.kind == Kind::mapping) add(node, "expected text");
    return node.text;
  }

  std::chrono::nanoseconds span_of(const YamlNode& node) {
    const auto span = parse_duration(node.text);
    if (node.kind != Kind::scalar || !span) {
      add(node, "expected a duration such as 5m, got " + quoted(node.text));
      return {};
    }
    return *span;
  }

  void read_group(const YamlNode& node) {
    constexpr std::chrono::seconds kLeast{1};
    RuleGroup group{.file = file_, .interval = interval_};
    const YamlNode* name = nullptr;
    each(node, {"name", "interval", "limit", "rules"}, [&](const YamlNode::Entry& entry) {
      if (entry.key == "name") {
        group.name = text_of(entry.value);
        name = &entry.value;
      } else if (entry.key == "interval") {
        group.interval = span_of(entry.value);
        if (group.interval < kLeast) add(entry.value, "must be at least 1s, got " + quoted(entry.value.text));
      } else if (entry.key == "limit") {
        read_limit(entry.value, group);
      } else {
        for (const YamlNode& item : list_of(entry.value)) read_rule(item, group);
      }
    });
    if (group.name.empty()) return add(node, "a group needs a name");
    const auto same = [&](const RuleGroup& other) { return other.file == file_ && other.name == group.name; };
    if (std::ranges::any_of(book_.groups, same)) add(*name, "group " + quoted(group.name) + " is given twice");
    book_.groups.push_back(std::move(group));
  }

  void read_limit(const YamlNode& node, RuleGroup& group) {
    const char* end = node.text.data() + node.text.size();
    const auto [stop, code] = std::from_chars(node.text.data(), end, group.limit);
    if (code != std::errc{} || stop != end) add(node, "expected a whole number, got " + quoted(node.text));
  }

  void read_rule(const YamlNode& node, RuleGroup& group) {
    if (rules_ == RuleBook::kMostRules) return add(node, "too many rules, 2000 are allowed");
    ++rules_;
    Rule rule;
    bool named = false;
    const std::size_t faults = faults_.count();
    const YamlNode* name = nullptr;
    const YamlNode* for_alerts = nullptr;
    each(node, {"alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations", "affects"},
         [&](const YamlNode::Entry& entry) {
           const YamlNode& value = entry.value;
           if (entry.key == "alert" || entry.key == "record") {
             if (named) add(entry.line, entry.column, "a rule has either 'alert' or 'record'");
             named = true;
             name = &value;
             rule.is_alert = entry.key == "alert";
             rule.name = text_of(value);
           } else if (entry.key == "expr") {
             read_expression(value, rule);
           } else if (entry.key == "labels") {
             rule.labels = texts_of(value);
           } else {
             for_alerts = &value;
             if (entry.key == "for") rule.hold = span_of(value);
             if (entry.key == "keep_firing_for") rule.keep_firing = span_of(value);
             if (entry.key == "annotations") rule.annotations = texts_of(value);
             if (entry.key == "affects") rule.affects = affects_of(value);
           }
         });
    if (rule.name.empty()) add(node, "a rule needs 'alert' or 'record' with a name");
    if (rule.query.empty()) add(node, "a rule needs 'expr'");
    if (!rule.is_alert && for_alerts != nullptr) add(*for_alerts, "this key is for alerts alone");
    if (!rule.is_alert && name != nullptr && !is_metric_name(rule.name)) {
      add(*name, quoted(rule.name) + " is no name of a metric");
    }
    if (!rule.is_alert && name != nullptr && is_own(rule.name)) {
      add(*name, quoted(rule.name) + " is a family of the daemon's own");
    }
    if (faults_.count() == faults) group.rules.push_back(std::move(rule));
  }

  rules::Affects affects_of(const YamlNode& node) {
    for (const auto affects : {rules::Affects::none, rules::Affects::health, rules::Affects::ready}) {
      if (node.text == name_of(affects)) return affects;
    }
    add(node, "expected one of none, health, ready, got " + quoted(node.text));
    return {};
  }

  void read_expression(const YamlNode& node, Rule& rule) {
    rule.query = text_of(node);
    while (rule.query.ends_with('\n')) rule.query.pop_back();
    if (rule.query.empty()) return;
    auto parsed = rules::parse_expression(rule.query);
    if (parsed) {
      rule.expression = *std::move(parsed);
    } else {
      add_at(node, rule.query, parsed.error(), "the expression: ");
    }
  }

  Rule::Texts texts_of(const YamlNode& node) {
    Rule::Texts texts;
    if (node.kind != Kind::mapping && node.kind != Kind::null) add(node, "expected keys with values");
    for (const auto& entry : node.entries) {
      if (!is_label_name(entry.key) || entry.key == rules::kNameLabel) {
        add(entry.line, entry.column, quoted(entry.key) + " is no name of a label");
      }
      const std::string text = text_of(entry.value);
      auto parsed = rules::parse_template(text);
      if (parsed) {
        texts.emplace_back(entry.key, *std::move(parsed));
      } else {
        add_at(entry.value, text, parsed.error(), "");
      }
    }
    return texts;
  }

  void add_at(const YamlNode& node, std::string_view scalar, const rules::ExpressionFault& fault,
              std::string_view what) {
    const TextPlace place = place_of(text_, {node.line, node.column}, scalar, fault.offset);
    add(place.line, place.column, std::string(what) + fault.message, excerpt_of(text_, place));
  }

  const std::string& file_;
  std::string_view text_;
  std::chrono::nanoseconds interval_;
  RuleBook& book_;
  Faults& faults_;
  std::size_t rules_ = 0;
};

}  // namespace

void read_rule_file(const std::string& file, std::string_view text, std::chrono::nanoseconds interval,
                    rules::RuleBook& book, Faults& faults) {
  Reader(file, text, interval, book, faults).run();
}

std::shared_ptr<const rules::RuleBook> load_rule_files(const std::vector<std::string>& files,
                                                       const std::vector<Origin>& origins,
                                                       std::chrono::nanoseconds interval, const ReadFile& read_file,
                                                       Faults& faults) {
  auto book = std::make_shared<rules::RuleBook>();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto text = read_file(files[i]);
    if (text) {
      read_rule_file(files[i], *text, interval, *book, faults);
    } else {
      faults.add(i < origins.size() ? origins[i] : Origin{Origin::Layer::standard, "rules.files"}, text.error());
    }
  }
  return book;
}

}  // namespace vitalsd::conf
