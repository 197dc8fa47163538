#include "collectors/process/groups/name_template.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <utility>

#include "core/metric_name.h"

namespace vitalsd {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
using Field = NameTemplate::Field;

struct NamedField {
  std::string_view name;
  Field field;
};
constexpr std::array<NamedField, 10> kFields = {{{".Comm", Field::comm},
                                                 {".ExeBase", Field::exe_base},
                                                 {".ExeFull", Field::exe_full},
                                                 {".Username", Field::username},
                                                 {".Cwd", Field::cwd},
                                                 {".PID", Field::pid},
                                                 {".StartTime", Field::start_time},
                                                 {".StartTime.Unix", Field::start_unix},
                                                 {".Cgroups", Field::cgroups},
                                                 {".Matches", Field::matches}}};
constexpr std::string_view kMatchPrefix = ".Matches.";

std::string_view trim_left(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}
std::string_view trim_right(std::string_view text) { return text.substr(0, text.find_last_not_of(kBlanks) + 1); }

// Prints a time as Go prints a time.Time in UTC: "2017-10-19 22:08:50.5 +0000 UTC".
void append_time(std::string& out, std::int64_t seconds, std::uint32_t nanoseconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  if (gmtime_r(&time, &parts) == nullptr) return;
  std::array<char, 64> text{};
  out.append(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts));
  if (nanoseconds != 0) {
    std::string_view digits(text.data(),
                            static_cast<std::size_t>(std::snprintf(text.data(), text.size(), ".%09u", nanoseconds)));
    out += digits.substr(0, digits.find_last_not_of('0') + 1);
  }
  out += " +0000 UTC";
}

void append_list(std::string& out, const std::vector<std::string>& list) {
  out += '[';
  for (const std::string& item : list) out.append(&item == &list.front() ? "" : " ").append(item);
  out += ']';
}

void append_map(std::string& out, const Captures& map) {
  out += "map[";
  bool first = true;
  for (const auto& [name, text] : map) {
    if (name.empty()) continue;
    out.append(std::exchange(first, false) ? "" : " ").append(name).append(":").append(text);
  }
  out += ']';
}

}  // namespace

std::string_view base_name(std::string_view path) noexcept {
  if (path.empty()) return ".";
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string_view::npos) return "/";
  path = path.substr(0, end + 1);
  return path.substr(path.rfind('/') + 1);
}

std::string_view ProcessFacts::exe_base() const noexcept {
  return arguments.empty() ? std::string_view(comm) : base_name(arguments.front());
}

// Separates text from actions, then parses the few words of each action.
class TemplateParser {
 public:
  explicit TemplateParser(std::string_view text) : rest_(text) {}

  std::expected<NameTemplate, std::string> run() {
    bool trim = false;
    while (true) {
      const std::size_t open = rest_.find("{{");
      std::string_view text = rest_.substr(0, open);
      if (trim) text = trim_left(text);
      if (open == std::string_view::npos) {
        put_text(text);
        return std::move(made_);
      }
      rest_.remove_prefix(open + 2);
      if (rest_.starts_with("- ") || rest_.starts_with("-\n") || rest_.starts_with("-\t")) {
        text = trim_right(text);
        rest_.remove_prefix(1);
      }
      put_text(text);
      auto inside = action_text();
      if (!inside) return std::unexpected(std::move(inside.error()));
      trim =
          inside->size() > 1 && inside->ends_with('-') && kBlanks.find((*inside)[inside->size() - 2]) != kBlanks.npos;
      if (trim) inside->remove_suffix(1);
      if (std::string fault = action(trim_right(trim_left(*inside))); !fault.empty()) return std::unexpected(fault);
    }
  }

 private:
  void put_text(std::string_view text) {
    if (!text.empty()) made_.parts_.emplace_back(NameTemplate::Text{std::string(text)});
  }
  void put(Field field) { made_.parts_.emplace_back(NameTemplate::Value{field}); }

  // The text up to the closing braces that are not inside quotes.
  std::expected<std::string_view, std::string> action_text() {
    char quote = 0;
    for (std::size_t i = 0; i + 1 < rest_.size(); ++i) {
      const char c = rest_[i];
      if (quote != 0) {
        if (c == '\\' && quote == '"') ++i;
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '`') {
        quote = c;
      } else if (c == '}' && rest_[i + 1] == '}') {
        const std::string_view inside = rest_.substr(0, i);
        rest_.remove_prefix(i + 2);
        return inside;
      }
    }
    return std::unexpected("an action that {{ opens is not closed by }}");
  }

  std::string action(std::string_view text) {
    if (text.starts_with("/*")) return text.size() >= 4 && text.ends_with("*/") ? "" : "a comment is not closed";
    std::vector<std::string> words;
    for (std::string_view rest = text; !rest.empty(); rest = trim_left(rest)) {
      auto word = next_word(rest);
      if (!word) return std::move(word.error());
      words.push_back(std::move(*word));
    }
    if (words.empty()) return "missing value in {{}}";
    if (words.size() == 1) return single(words[0]);
    if (words[0] == "index" && words.size() == 3) return indexed(words[1], words[2]);
    if (words[0] == "len" && words.size() == 2) return length_of(words[1]);
    return unsupported(text);
  }

  // Quoted text keeps its opening quote, so that it is not taken for a word.
  static std::expected<std::string, std::string> next_word(std::string_view& rest) {
    const char quote = rest.front();
    if (quote != '"' && quote != '`') {
      const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
      rest.remove_prefix(word.size());
      return std::string(word);
    }
    std::string text = "\"";
    for (std::size_t i = 1; i < rest.size(); ++i) {
      char c = rest[i];
      if (c == quote) {
        rest.remove_prefix(i + 1);
        return text;
      }
      if (c == '\\' && quote == '"') {
        if (++i == rest.size()) break;
        c = rest[i];
        if (c != '"' && c != '\\') return std::unexpected(std::string("the escape \\") + c + " is not supported");
      }
      text += c;
    }
    return std::unexpected("quoted text is not closed");
  }

  std::string single(const std::string& word) {
    if (word.front() == '"') {
      put_text(std::string_view(word).substr(1));
      return {};
    }
    if (word.front() != '.') return unsupported(word);
    if (word.starts_with(kMatchPrefix) && is_label_name(std::string_view(word).substr(kMatchPrefix.size()))) {
      made_.parts_.emplace_back(NameTemplate::Match{word.substr(kMatchPrefix.size()), "<no value>"});
      return {};
    }
    const auto found = std::ranges::find(kFields, std::string_view(word), &NamedField::name);
    if (found != kFields.end()) {
      put(found->field);
      return {};
    }
    if (word.find_first_of("|(){}\"") != std::string::npos || word == ".") return unsupported(word);
    put(Field::unknown);
    return {};
  }

  std::string indexed(const std::string& what, const std::string& which) {
    if (what == ".Matches" && which.front() == '"') {
      made_.parts_.emplace_back(NameTemplate::Match{which.substr(1), ""});
      return {};
    }
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(which.data(), which.data() + which.size(), index);
    if (what != ".Cgroups" || error != std::errc{} || end != which.data() + which.size()) {
      return unsupported("index " + what + " " + which);
    }
    made_.parts_.emplace_back(NameTemplate::Cgroup{index});
    return {};
  }

  std::string length_of(const std::string& what) {
    if (what != ".Cgroups" && what != ".Matches") return unsupported("len " + what);
    put(what == ".Cgroups" ? Field::cgroup_count : Field::match_count);
    return {};
  }

  static std::string unsupported(std::string_view action) {
    return "{{" + std::string(action.substr(0, 64)) +
           "}} is not supported: there are .Comm, .ExeBase, .ExeFull, .Username, .Cwd, .PID, .StartTime, .Cgroups, "
           ".Matches.NAME, index .Cgroups N";
  }

  std::string_view rest_;
  NameTemplate made_;
};

std::expected<NameTemplate, std::string> NameTemplate::parse(std::string_view text) {
  return TemplateParser(text).run();
}

void NameTemplate::render(const ProcessFacts& facts, const Captures& captures, std::string& out) const {
  out.clear();
  for (const Part& part : parts_) {
    if (const Text* text = std::get_if<Text>(&part)) {
      out += text->text;
    } else if (const Match* match = std::get_if<Match>(&part)) {
      const auto found = captures.find(match->name);
      out += found == captures.end() ? match->missing : std::string_view(found->second);
    } else if (const Cgroup* cgroup = std::get_if<Cgroup>(&part)) {
      if (cgroup->index >= facts.cgroups.size()) return;
      out += facts.cgroups[cgroup->index];
    } else {
      switch (std::get<Value>(part).field) {
        case Field::comm: out += facts.comm; break;
        case Field::exe_base: out += facts.exe_base(); break;
        case Field::exe_full: out += facts.exe_full(); break;
        case Field::username: out += facts.username; break;
        case Field::cwd: out += facts.cwd; break;
        case Field::pid: out += std::to_string(facts.pid); break;
        case Field::start_time: append_time(out, facts.start_seconds, facts.start_nanoseconds); break;
        case Field::start_unix: out += std::to_string(facts.start_seconds); break;
        case Field::cgroups: append_list(out, facts.cgroups); break;
        case Field::cgroup_count: out += std::to_string(facts.cgroups.size()); break;
        case Field::matches: append_map(out, captures); break;
        case Field::match_count: out += std::to_string(captures.size()); break;
        case Field::unknown: return;
      }
    }
  }
}

bool NameTemplate::uses(Field field) const noexcept {
  return std::ranges::any_of(parts_, [field](const Part& part) {
    if (field == Field::cgroups && std::holds_alternative<Cgroup>(part)) return true;
    const Value* value = std::get_if<Value>(&part);
    return value != nullptr &&
           (value->field == field || (field == Field::cgroups && value->field == Field::cgroup_count));
  });
}

const std::string* NameTemplate::literal() const noexcept {
  const Text* text = parts_.size() == 1 ? std::get_if<Text>(&parts_.front()) : nullptr;
  return text == nullptr ? nullptr : &text->text;
}

}  // namespace vitalsd
