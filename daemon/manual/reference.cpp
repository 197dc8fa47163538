#include "daemon/manual/reference.h"

#include "daemon/config/settings.h"
#include "daemon/rules/rule_engine.h"
#include "daemon/run/telemetry.h"

namespace vitalsd {
namespace conf {
namespace {

// Escapes text for a cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

// Formats code for a cell of a Markdown table, where only the bar needs a backslash.
std::string code(std::string_view text) {
  if (text.empty()) return {};
  std::string out = "`";
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out + "`";
}

void put_row(std::string& out, std::initializer_list<std::string> cells) {
  for (const std::string& text : cells) out += (out.ends_with('\n') ? "| " : " | ") + text;
  out += " |\n";
}

std::string help_of(const Setting& setting) {
  std::string help = cell(setting.help);
  for (const std::string_view word : setting.allowed) {
    help += (word == setting.allowed.front() ? " One of " : ", ") + code(word);
  }
  if (!setting.allowed.empty()) help += ".";
  for (const RecordField& field : setting.fields) help += " " + code(field.name) + ": " + cell(field.help);
  return help;
}

void put_settings(std::string& out, const Settings& settings, const CollectorSpec* collector) {
  put_row(out, {"YAML", "flag", "environment", "default", "meaning"});
  put_row(out, {"---", "---", "---", "---", "---"});
  for (const Setting& setting : settings.all()) {
    if (setting.collector != collector || setting.hidden || setting.inherits) continue;
    const std::string flag =
        "--" + setting.flag + (setting.is_switch() ? "" : "=" + std::string(placeholder_of(setting)));
    put_row(out, {code(setting.path), code(flag), code(variable_of(setting)),
                  code(setting.command ? "" : setting.default_value), help_of(setting)});
  }
  out += '\n';
}

void put_families(std::string& out, std::span<const Family* const> families) {
  if (families.empty()) return;
  put_row(out, {"metric", "type", "labels", "help"});
  put_row(out, {"---", "---", "---", "---"});
  for (const Family* family : families) {
    std::string labels;
    for (const std::string_view label : family->labels) labels += (labels.empty() ? "" : ", ") + code(label);
    put_row(out, {code(family->name), std::string(type_word(family->kind)), labels, cell(family->help)});
  }
  out += '\n';
}

}  // namespace

std::string reference(std::span<const CollectorSpec> collectors) {
  const Settings settings(collectors);
  std::string out =
      "# Reference\n\n"
      "Made by `vitalsd --reference`; do not edit. A flag beats the environment, which beats the file.\n"
      "In flags `.`, `-` and `_` are the same; a switch can be turned off with `--no-` before its name.\n"
      "Strings of the file expand `${NAME}`, `${NAME:-default}` and `${NAME:?why}`; `$$` is a dollar.\n\n"
      "## Settings\n\n";
  put_settings(out, settings, nullptr);
  out +=
      "## Collectors\n\n"
      "Each also has `interval`, `timeout` and `fresh`, whose defaults are those of `collectors.defaults`.\n\n";
  for (const CollectorSpec& collector : collectors) {
    out.append("### ").append(collector.name).append("\n\n");
    put_settings(out, settings, &collector);
    put_families(out, collector.families);
  }
  out += "## The daemon itself\n\n";
  put_families(out, Telemetry::families());
  put_families(out, RuleEngine::families());
  return out;
}

}  // namespace conf

std::string reference_text(std::string_view format) {
  struct Writer {
    std::string_view format;
    std::string (*write)(std::span<const CollectorSpec>);
  };
  constexpr Writer kWriters[] = {{"man8", conf::man_of_command},
                                 {"man5", conf::man_of_file},
                                 {"bash", conf::bash_completion},
                                 {"zsh", conf::zsh_completion}};
  for (const Writer& writer : kWriters) {
    if (writer.format == format) return writer.write(registered_collectors());
  }
  return conf::reference(registered_collectors());
}

}  // namespace vitalsd
