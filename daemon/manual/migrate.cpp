#include "daemon/manual/migrate.h"

#include <algorithm>
#include <map>
#include <optional>

#include "daemon/config/config_file.h"
#include "daemon/config/loader.h"
#include "daemon/config/print_config.h"
#include "daemon/config/settings.h"
#include "daemon/manual/migrate_rows.h"

namespace vitalsd::conf {
namespace {

bool is_yes(std::string_view value) {
  return value == "true" || value == "t" || value == "T" || value == "1" || value == "TRUE" || value == "True";
}

class Migration {
 public:
  Migration(std::span<const CollectorSpec> collectors, const Exporter& exporter, std::span<const std::string> arguments)
      : collectors_(collectors), settings_(collectors), exporter_(exporter), arguments_(arguments) {}

  Migrated run() {
    while (next_ < arguments_.size()) argument(arguments_[next_++]);
    for (const MoveDefault& row : exporter_.defaults) {
      const Setting* setting = settings_.by_flag(row.to);
      if (setting != nullptr) values_.try_emplace(setting->index, std::vector{std::string(row.value)});
    }
    for (const MoveLoss& loss : exporter_.losses) {
      if (!given_.contains(loss.unless)) warn(loss.what, loss.why);
    }
    choose_collectors();
    settle();
    drop_what_is_refused();
    return {yaml(), std::move(warnings_)};
  }

 private:
  void warn(std::string_view what, std::string_view why) {
    const std::string shown = quoted(what);  // arguments may hold any bytes
    warnings_.push_back(shown.substr(1, shown.size() - 2) + ": " + std::string(why));
  }

  void warn_if_any(std::string_view what, std::string_view why) {
    if (!why.empty()) warn(what, why);
  }

  void argument(std::string_view text) {
    // node_exporter before 0.15 also took flags with one dash.
    const bool is_flag = text.starts_with('-') && text.size() > 2;
    if (!is_flag || text.find_first_not_of('-') == std::string_view::npos)
      return warn(text, "not a flag of " + std::string(exporter_.name) + ", ignored");
    text.remove_prefix(text.starts_with("--") ? 2 : 1);
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = text.substr(equals + 1);
    if (collector(name, value) || known(name, value, false)) return;
    if (name.starts_with("no-") && !exporter_.single_dash && known(name.substr(3), "false", true)) return;
    if (option_switch(name, value)) return;
    if (name.starts_with("collector.") && name.find('.', 10) != std::string_view::npos) {
      // An option of a collector without a row in the table: all such options take values.
      if (!value && next_ < arguments_.size() && !arguments_[next_].starts_with("-")) value = arguments_[next_++];
      if (value) return set({.flag = name}, *value);
    }
    warn("--" + std::string(name), "not known as a flag of " + std::string(exporter_.name));
  }

  // Handles --collector.NAME and --no-collector.NAME.
  bool collector(std::string_view name, std::optional<std::string_view> value) {
    const bool negated = name.starts_with("no-");
    if (negated) name.remove_prefix(3);
    if (!name.starts_with("collector.")) return false;
    const auto found = std::ranges::find(exporter_.collectors, name.substr(10), &NodeCollector::name);
    if (found == exporter_.collectors.end()) return false;
    wanted_[found->name] = !negated && (!value || is_yes(*value));
    return true;
  }

  // Handles --collector.NAME.OPTION and its --no- form if our collector has a switch of that name.
  bool option_switch(std::string_view name, std::optional<std::string_view> value) {
    const bool negated = name.starts_with("no-") && !value;
    if (negated) name.remove_prefix(3);
    const Setting* setting = name.starts_with("collector.") ? settings_.by_flag(name) : nullptr;
    const bool fits = setting != nullptr && setting->option != nullptr && setting->type == OptionType::boolean;
    if (!fits || exporter_.collectors.empty()) return false;
    set({.flag = name}, !negated && (!value || is_yes(*value)) ? "true" : "false");
    return true;
  }

  // Handles --collectors.enabled=cpu,loadavg of node_exporter before 0.15: only these collectors run.
  void only_these(std::string_view names) {
    given_["collector.disable-defaults"] = true;
    set({.flag = "collector.disable-defaults"}, "true");
    while (!names.empty()) {
      const std::string_view name = names.substr(0, names.find(','));
      names.remove_prefix(std::min(name.size() + 1, names.size()));
      if (!collector("collector." + std::string(name), std::nullopt)) {
        warn("--collectors.enabled", "no collector of node_exporter is named " + std::string(name));
      }
    }
  }

  bool known(std::string_view name, std::optional<std::string_view> value, bool negated) {
    const auto row = std::ranges::find(exporter_.rows, name, &MoveRow::flag);
    if (row == exporter_.rows.end() || (negated && !row->is_switch)) return false;
    if (!value && row->is_switch) value = "true";
    if (!value && next_ < arguments_.size()) value = arguments_[next_++];
    if (!value) {
      warn("--" + std::string(name), "has no value");
      return true;
    }
    const bool no = row->is_switch && !is_yes(*value);
    if (no) {
      given_.erase(row->flag);
    } else {
      given_[row->flag] = true;
    }
    switch (row->move) {
      case Move::ignore: return true;
      case Move::collectors: only_these(*value); return true;
      case Move::none:
        if (!no) warn("--" + std::string(name), row->note);
        return true;
      case Move::on:
        if (!no) set(*row, row->value);
        return true;
      case Move::off:
        if (!no) set(*row, "false");
        if (!no && !row->note.empty()) warn("--" + std::string(name), row->note);
        return true;
      case Move::file:
      case Move::set: break;
    }
    set(*row, row->is_switch ? (no ? "false" : "true") : *value);
    return true;
  }

  void set(const MoveRow& row, std::string_view value) {
    const std::string flag(row.to.empty() ? row.flag : row.to);
    const Setting* setting = settings_.by_flag(flag);
    // Our collector of that name may be a different one.
    if (setting == nullptr || (setting->collector != nullptr && is_other(setting->collector->name)))
      return warn("--" + std::string(row.flag), why_missing(flag));
    std::vector<std::string>& values = values_[setting->index];
    if (setting->is_scalar()) values.clear();
    values.emplace_back(value);
    if (row.move != Move::file) return;
    files_[setting->index] = true;
    if (const auto text = read_config_file(std::string(value)); !text) warn("--" + std::string(row.flag), text.error());
  }

  // Says why an option has no counterpart: its collector may be missing or a different one.
  std::string why_missing(std::string_view flag) const {
    const std::size_t dot = flag.starts_with("collector.") ? flag.find('.', 10) : std::string_view::npos;
    if (dot == std::string_view::npos) return "has no equal in vitalsd";
    const auto there = std::ranges::find(exporter_.collectors, flag.substr(10, dot - 10), &NodeCollector::name);
    if (there == exporter_.collectors.end()) return "has no equal in vitalsd";
    if (!there->note.empty()) return std::string(there->note);
    const bool is_here = settings_.by_flag(flag.substr(0, dot)) != nullptr;
    return is_here ? "the collector has no such option in vitalsd" : "vitalsd has no such collector";
  }

  bool is_other(std::string_view collector) const {
    const auto found = std::ranges::find(exporter_.collectors, collector, &NodeCollector::name);
    return found != exporter_.collectors.end() && !(found->note.empty() && found->here.empty());
  }

  void choose_collectors() {
    const bool only_named = given_.contains("collector.disable-defaults");
    for (const NodeCollector& there : exporter_.collectors) {
      const auto named = wanted_.find(there.name);
      const bool wanted = named != wanted_.end() ? named->second : there.enabled && !only_named;
      const std::string_view name = there.here.empty() ? there.name : there.here;
      const Setting* here = there.note.empty() ? settings_.by_flag("collector." + std::string(name)) : nullptr;
      if (here == nullptr || here->collector == nullptr) {
        if (!wanted) continue;
        const std::string why = !there.note.empty() ? std::string(there.note) : "vitalsd has no such collector";
        warn("--collector." + std::string(there.name), why + (named == wanted_.end() ? " (on by default there)" : ""));
        continue;
      }
      const bool ours = here->default_value == "true" && !only_named;
      if (named == wanted_.end() && wanted) warn_if_any("--collector." + std::string(there.name), there.doubt);
      if (wanted != ours) values_[here->index] = {wanted ? "true" : "false"};
    }
  }

  // Applies rules between values, as the exporters do.
  void settle() {
    const auto value = [&](std::string_view flag) { return values_.find(settings_.by_flag(flag)->index); };
    const auto drop = [&](std::string_view flag) {
      const Setting* setting = settings_.by_flag(flag);
      return setting != nullptr && values_.erase(setting->index) != 0;
    };
    if (const auto socket = value("web.systemd-socket"); socket != values_.end() && socket->second.back() == "true")
      drop("web.listen-address");
    // Our collector is on by default and needs no line.
    if (!values_.contains(settings_.by_flag("collector.disable-defaults")->index)) drop_default("collector.self");
    if (settings_.by_flag("collector.process_groups") == nullptr) return;
    if (value("collector.process_groups.config-file") == values_.end()) return;
    for (const std::string_view flag : {"procnames", "namemapping"}) {
      if (drop("collector.process_groups." + std::string(flag)))
        warn("--" + std::string(flag), "process-exporter ignores it beside --config.path");
    }
  }

  void drop_default(std::string_view flag) {
    const Setting* setting = settings_.by_flag(flag);
    if (setting == nullptr) return;
    const auto found = values_.find(setting->index);
    if (found != values_.end() && found->second.back() == setting->default_value) values_.erase(found);
  }

  // Drops values that our checks refuse, because one of them would make the whole file useless. Of a list the good
  // items stay. Where nothing is left, the exporter's default is used if it differs from ours.
  void drop_what_is_refused() {
    for (const ConfigFault& fault : faults_of(values_)) {
      const Setting* setting = fault.where.starts_with("--") ? settings_.by_flag(fault.where.substr(2)) : nullptr;
      std::string instead;
      if (setting != nullptr && values_.contains(setting->index)) instead = keep_what_is_good(*setting);
      warnings_.push_back(fault.where + ": " + fault.message + "; left out" + instead);
    }
    // Then drops values that are refused only in combination with others.
    for (bool again = true; again;) {
      again = false;
      for (const ConfigFault& fault : faults_of(values_)) {
        const Setting* setting = fault.where.starts_with("--") ? settings_.by_flag(fault.where.substr(2)) : nullptr;
        again |= setting != nullptr && values_.erase(setting->index) != 0;
        warnings_.push_back(fault.where + ": " + fault.message + "; left out");
      }
    }
  }

  using Values = std::map<std::size_t, std::vector<std::string>>;  // by Setting::index

  std::vector<ConfigFault> faults_of(const Values& all) const {
    const auto no_files = [](const std::string&) -> std::expected<std::string, std::string> { return std::string(); };
    ConfigSources sources;
    for (const auto& [index, values] : all) {
      if (files_.contains(index)) continue;
      for (const std::string& text : values) sources.arguments.push_back("--" + settings_[index].flag + "=" + text);
    }
    return load(sources, collectors_, no_files).faults;
  }

  // Returns what is used instead, or an empty text.
  std::string keep_what_is_good(const Setting& setting) {
    std::vector<std::string>& values = values_[setting.index];
    std::erase_if(values, [&](const std::string& text) { return !faults_of({{setting.index, {text}}}).empty(); });
    if (!values.empty()) return "";
    values_.erase(setting.index);
    const auto row = std::ranges::find_if(
        exporter_.defaults, [&](const MoveDefault& one) { return settings_.by_flag(one.to) == &setting; });
    if (row == exporter_.defaults.end()) return "";
    values_[setting.index] = {std::string(row->value)};
    return ", " + std::string(row->value) + " is used, as by default in " + std::string(exporter_.name);
  }

  std::string yaml() const {
    std::string out = "# Made by vitalsd --migrate=" + std::string(exporter_.name) + "\n";
    std::vector<std::string_view> open;
    for (const auto& [index, values] : values_) {
      const Setting& setting = settings_[index];
      std::vector<std::string_view> keys;
      for (std::string_view path = setting.path; !path.empty();) {
        keys.push_back(path.substr(0, path.find('.')));
        path.remove_prefix(std::min(keys.back().size() + 1, path.size()));
      }
      const auto same = static_cast<std::size_t>(std::ranges::mismatch(open, keys).in1 - open.begin());
      for (std::size_t depth = same; depth < keys.size(); ++depth) {
        out.append(2 * depth, ' ').append(keys[depth]).append(":").append(depth + 1 < keys.size() ? "\n" : " ");
      }
      out += (setting.is_scalar() ? scalar(setting, values.back()) : list(values)) + "\n";
      open = std::move(keys);
    }
    return out;
  }

  static std::string scalar(const Setting& setting, const std::string& text) {
    return setting.type == OptionType::text || setting.type == OptionType::regex ? yaml_text(text) : text;
  }

  static std::string list(const std::vector<std::string>& values) {
    std::string out;
    for (const std::string& text : values) out += (out.empty() ? "[" : ", ") + yaml_text(text);
    return out + "]";
  }

  std::span<const CollectorSpec> collectors_;
  Settings settings_;
  const Exporter& exporter_;
  std::span<const std::string> arguments_;
  std::size_t next_ = 0;
  Values values_;
  std::map<std::size_t, bool> files_;
  std::map<std::string_view, bool> given_;   // the exporter's flags that were given
  std::map<std::string_view, bool> wanted_;  // the exporter's collectors that were named
  std::vector<std::string> warnings_;
};

}  // namespace

Migrated migrate(std::span<const CollectorSpec> collectors, std::string_view exporter,
                 std::span<const std::string> arguments) {
  const auto found = std::ranges::find(exporters(), exporter, &Exporter::name);
  return found == exporters().end() ? Migrated{} : Migration(collectors, *found, arguments).run();
}

}  // namespace vitalsd::conf
