#include "daemon/config/file_layer.h"

#include <algorithm>
#include <array>

#include "daemon/config/suggest.h"
#include "daemon/config/value.h"
#include "daemon/config/yaml_source.h"

namespace vitalsd::conf {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kExpandedTotal = 4U << 20U;  // bytes of all strings: a short file could ask for gigabytes

class FileLayer {
 public:
  /// Strings are not expanded if `environment` is null.
  FileLayer(const std::string& file, const Settings& settings, const Environment* environment, Faults& faults)
      : file_(file), settings_(settings), environment_(environment), faults_(faults) {}

  Assignments take() { return std::move(assigned_); }

  void section(const YamlNode& node, const std::string& prefix) {
    if (node.kind == Kind::null) return;
    if (node.kind != Kind::mapping) {
      return fault(node,
                   "expected a mapping" + (prefix.empty() ? "" : " in " + quoted(prefix)) + ", got " + kind_of(node));
    }
    const std::vector<std::string_view> keys = settings_.keys_of(prefix);
    for (const auto& entry : node.entries) {
      if (std::ranges::find(keys, entry.key) == keys.end()) {
        unknown(entry, prefix, keys);
        continue;
      }
      const std::string path = prefix.empty() ? entry.key : prefix + "." + entry.key;
      if (const Setting* setting = settings_.by_path(path)) {
        // A section's file may not name another section's file.
        if (environment_ == nullptr && setting->option != nullptr && setting->option->section_file) {
          fault(entry.line, entry.column, quoted(entry.key) + " is not allowed here");
          continue;
        }
        value(*setting, entry.value);
      } else {
        section(entry.value, path);
      }
    }
  }

  void fault(int line, int column, std::string message) { faults_.add(origin(line, column), std::move(message)); }

 private:
  Origin origin(int line, int column) const { return {Origin::Layer::file, file_, line, column}; }
  Origin origin(const YamlNode& node) const { return origin(node.line, node.column); }
  void fault(const YamlNode& node, std::string message) { fault(node.line, node.column, std::move(message)); }

  static std::string kind_of(const YamlNode& node) {
    static constexpr std::array<std::string_view, 4> kKinds = {"nothing", "", "a list", "a mapping"};
    return node.kind == Kind::scalar ? quoted(node.text) : std::string(kKinds[static_cast<std::size_t>(node.kind)]);
  }

  void unknown(const YamlNode::Entry& entry, const std::string& prefix, const std::vector<std::string_view>& keys) {
    std::string hint = suggestion(entry.key, keys);
    if (hint.empty()) hint = elsewhere(entry.key);
    const std::string_view what = prefix == "collectors" ? "unknown collector " : "unknown key ";
    fault(entry.line, entry.column,
          std::string(what) + quoted(entry.key) + (prefix.empty() || !hint.empty() ? "" : " in " + quoted(prefix)) +
              hint);
  }
  // Names the section that has such a key, if another one has it.
  std::string elsewhere(std::string_view key) const {
    for (const Setting& setting : settings_.all()) {
      const std::string_view path = setting.path;
      if (setting.collector == nullptr && path.size() > key.size() && path.ends_with(key) &&
          path[path.size() - key.size() - 1] == '.') {
        return ", did you mean '" + setting.path + "'?";
      }
    }
    return {};
  }

  void value(const Setting& setting, const YamlNode& node) {
    if (node.kind == Kind::null) return;
    Assigned& to = assigned_[setting.index];
    to.origin = origin(node);
    if (setting.mapping) return mapping(setting, node, to);
    if (setting.type == OptionType::records) return records(setting, node, to);
    if (setting.type == OptionType::list && node.kind == Kind::list) {
      for (const YamlNode& item : node.items) scalar(setting, item, "text", to);
      return;
    }
    scalar(setting, node, expectation(setting), to);
  }

  void scalar(const Setting& setting, const YamlNode& node, const std::string& expected, Assigned& to) {
    if (std::string text; expand(node, expected, text, to))
      put_text(setting, std::move(text), origin(node), to, faults_);
  }

  void mapping(const Setting& setting, const YamlNode& node, Assigned& to) {
    if (node.kind != Kind::mapping) return wrong(node, expectation(setting), to);
    for (const auto& entry : node.entries) {
      if (entry.value.kind == Kind::null) continue;
      std::string text;
      if (!expand(entry.value, "text", text, to)) continue;
      put_text(setting, entry.key + "=" + text, origin(entry.line, entry.column), to, faults_);
    }
  }

  void records(const Setting& setting, const YamlNode& node, Assigned& to) {
    if (node.kind != Kind::list) return wrong(node, expectation(setting), to);
    for (const YamlNode& item : node.items) {
      if (item.kind != Kind::mapping) {
        wrong(item, "a record such as {name: x, ...}", to);
        continue;
      }
      if (Record record; read_record(setting, item, record, to)) {
        put_record(setting, std::move(record), origin(item), to, faults_);
      }
    }
  }

  bool read_record(const Setting& setting, const YamlNode& node, Record& record, Assigned& to) {
    bool good = true;
    for (const auto& entry : node.entries) {
      if (std::string unknown_key = record_key_fault(setting, entry.key); !unknown_key.empty()) {
        fault(entry.line, entry.column, std::move(unknown_key));
        to.broken = true;
        good = false;
      } else if (entry.value.kind != Kind::null) {
        const RecordField* field = record_field(setting, entry.key);
        good = (field != nullptr && field->list ? read_list(*field, entry.value, record.lists[entry.key], to)
                                                : expand(entry.value, "text", record.texts[entry.key], to)) &&
               good;
      }
    }
    return good;
  }

  bool read_list(const RecordField& field, const YamlNode& node, std::vector<std::string>& list, Assigned& to) {
    if (field.mapping && node.kind == Kind::mapping) return read_mapping(node, list, to);
    if (node.kind != Kind::list) {
      wrong(node, field.mapping ? "a mapping of names to values" : "a list", to);
      return false;
    }
    bool good = true;
    for (const YamlNode& item : node.items) good = expand(item, "text", list.emplace_back(), to) && good;
    return good;
  }

  bool read_mapping(const YamlNode& node, std::vector<std::string>& list, Assigned& to) {
    bool good = true;
    for (const auto& entry : node.entries) {
      std::string text;
      good = expand(entry.value, "text", text, to) && good;
      list.push_back(entry.key + "=" + text);
    }
    return good;
  }

  bool expand(const YamlNode& node, const std::string& expected, std::string& text, Assigned& to) {
    if (node.kind != Kind::scalar) {
      wrong(node, expected, to);
      return false;
    }
    if (environment_ == nullptr) {
      text = node.text;
      return true;
    }
    auto expanded = interpolate(node.text, *environment_);
    if (expanded) expanded_ += expanded->size();
    if (expanded && expanded_ > kExpandedTotal) {
      expanded = std::unexpected("the file expands to more than 4 MiB");
    }
    if (!expanded) {
      to.broken = true;
      fault(node, std::move(expanded.error()));
      return false;
    }
    text = std::move(*expanded);
    return true;
  }

  void wrong(const YamlNode& node, const std::string& expected, Assigned& to) {
    to.broken = true;
    fault(node, "expected " + expected + ", got " + kind_of(node));
  }

  const std::string& file_;
  const Settings& settings_;
  const Environment* environment_;
  Faults& faults_;
  Assignments assigned_;
  std::size_t expanded_ = 0;
};

}  // namespace

namespace {

Assignments read_layer(FileLayer layer, std::string_view text, const std::string& section) {
  std::vector<YamlFault> broken;
  const YamlNode root = parse_yaml(text, broken);
  for (YamlFault& fault : broken) layer.fault(fault.line, fault.column, std::move(fault.message));
  layer.section(root, section);
  return layer.take();
}

}  // namespace

Assignments read_file_layer(const std::string& file, std::string_view text, const Settings& settings,
                            const Environment& environment, Faults& faults) {
  return read_layer({file, settings, &environment, faults}, text, "");
}

Assignments read_section_file(const std::string& file, std::string_view text, const std::string& section,
                              const Settings& settings, Faults& faults) {
  return read_layer({file, settings, nullptr, faults}, text, section);
}

}  // namespace vitalsd::conf
