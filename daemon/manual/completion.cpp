// Completion of flags and of their values for bash and zsh, made from the table of settings.
#include <utility>

#include "daemon/config/settings.h"
#include "daemon/manual/reference.h"

namespace vitalsd::conf {
namespace {

// Where the shell looks for a value, by its placeholder.
enum class Lookup : std::uint8_t { any, words, files, directories };

Lookup values_of(const Setting& setting) {
  const std::string_view placeholder = placeholder_of(setting);
  if (!setting.allowed.empty()) return Lookup::words;
  if (placeholder == "FILE" || (setting.option != nullptr && setting.option->section_file)) return Lookup::files;
  return placeholder == "DIR" ? Lookup::directories : Lookup::any;
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out.append(out.empty() ? "" : " ").append(word);
  return out;
}

bool can_be_negated(const Setting& setting) { return setting.is_switch() && !setting.command; }

// Escapes `text` for a shell's single quotes, and puts a backslash before each of `special`, which zsh's _arguments
// gives a meaning.
std::string quotable(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c == '\'' ? "'\\''" : std::string(1, c == '\n' ? ' ' : c);
  }
  return out;
}

void put_bash_values(std::string& out, const Settings& settings) {
  constexpr std::pair<Lookup, std::string_view> kFiles[] = {{Lookup::files, "-f"}, {Lookup::directories, "-d"}};
  for (const Setting& setting : settings.all()) {
    if (values_of(setting) == Lookup::words && !setting.hidden)
      out += "    --" + setting.flag + ") words='" + joined(setting.allowed) + "' ;;\n";
  }
  for (const auto& [kind, action] : kFiles) {
    std::string flags;
    for (const Setting& setting : settings.all()) {
      if (values_of(setting) == kind && !setting.hidden) flags += (flags.empty() ? "--" : "|--") + setting.flag;
    }
    out.append("    ").append(flags).append(") files=").append(action).append(" ;;\n");
  }
}

}  // namespace

std::string bash_completion(std::span<const CollectorSpec> collectors) {
  const Settings settings(collectors);
  std::string out =
      "# Completion of vitalsd for bash. Made by `vitalsd --reference --reference.format=bash`; do not edit.\n"
      "# `=` breaks words unless COMP_WORDBREAKS was changed: both ways are understood.\n"
      "_vitalsd() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} flag= prefix= words= files= i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do [[ ${COMP_WORDS[i]} == -- ]] && return; done\n"
      "  if [[ $cur == --*=* ]]; then flag=${cur%%=*} prefix=${cur%%=*}= cur=${cur#*=}\n"
      "  elif [[ $cur == = ]]; then flag=${COMP_WORDS[COMP_CWORD-1]} cur=\n"
      "  elif ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[COMP_CWORD-1]} == = ]]; then flag=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  else flag=${COMP_WORDS[COMP_CWORD-1]}; fi\n"
      "  case $flag in\n";
  put_bash_values(out, settings);
  out +=
      "  esac\n"
      "  if [[ -n $files ]]; then\n"
      "    compopt -o filenames 2>/dev/null\n"
      "    mapfile -t COMPREPLY < <(compgen $files -P \"$prefix\" -- \"$cur\")\n"
      "  elif [[ -n $words ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -P \"$prefix\" -W \"$words\" -- \"$cur\")\n"
      "  elif [[ -z $prefix && ( $cur == -* || -z $cur ) ]]; then\n"
      "    words='healthcheck\n";
  std::string negated;
  for (const Setting& setting : settings.all()) {
    if (setting.hidden) continue;
    out += "--" + setting.flag + (setting.is_switch() ? "\n" : "=\n");
    if (can_be_negated(setting)) negated += "--no-" + setting.flag + "\n";
  }
  out += negated +
         "'\n"
         "    [[ ${COMP_WORDS[1]} == healthcheck ]] && words='--url= --config.file='\n"
         "    [[ -z $cur ]] && words=${words%%--no-*}\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null\n"
         "  elif [[ -z $prefix && healthcheck == \"$cur\"* && $COMP_CWORD == 1 ]]; then COMPREPLY=(healthcheck); fi\n"
         "  return 0\n"
         "}\n"
         "complete -F _vitalsd vitalsd\n";
  return out;
}

std::string zsh_completion(std::span<const CollectorSpec> collectors) {
  const Settings settings(collectors);
  std::string out =
      "#compdef vitalsd\n"
      "# Completion of vitalsd for zsh. Made by `vitalsd --reference --reference.format=zsh`; do not edit.\n"
      "local -a flags\n"
      "flags=(\n"
      "  '1::command:(healthcheck)'\n";
  for (const Setting& setting : settings.all()) {
    if (setting.hidden) continue;
    const std::string help = "[" + quotable(setting.help, "[]\\:") + "]";
    const std::string once = setting.is_scalar() ? "" : "*";
    if (setting.is_switch()) {
      out += "  '--" + setting.flag + help + "'\n";
      if (can_be_negated(setting)) out += "  '--no-" + setting.flag + help + "'\n";
      continue;
    }
    std::string action = " ";
    switch (values_of(setting)) {
      case Lookup::words: action = "(" + joined(setting.allowed) + ")"; break;
      case Lookup::files: action = "_files"; break;
      case Lookup::directories: action = "_files -/"; break;
      case Lookup::any: break;
    }
    out.append("  '").append(once).append("--").append(setting.flag).append("=").append(help).append(":");
    out.append(quotable(placeholder_of(setting), ":")).append(":").append(action).append("'\n");
  }
  return out + ")\n_arguments -S -s \"${flags[@]}\"\n";
}

}  // namespace vitalsd::conf
