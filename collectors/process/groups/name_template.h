// The templates that name groups: the subset of Go's text/template that process-exporter's configurations use.
//   NameTemplate::parse("{{.ExeBase}}:{{.Matches.Port}}")->render(facts, captures, out);
// Supports .Comm .ExeBase .ExeFull .Username .Cwd .PID .StartTime .StartTime.Unix .Cgroups .Matches .Matches.NAME,
// index .Cgroups N, index .Matches "NAME", len, quoted text, comments and the trim marks {{- and -}}.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vitalsd {

/// The properties that rules and names use: read once per process, and again after an exec.
struct ProcessFacts {
  std::int32_t pid = 0;
  std::string comm;
  std::vector<std::string> arguments;  ///< the command line; empty for a kernel thread
  std::vector<std::string> cgroups;    ///< the path in each hierarchy, in the file's order
  std::string username;                ///< the number if no name is known
  std::string cwd;
  std::int64_t start_seconds = 0;  ///< since 1970
  std::uint32_t start_nanoseconds = 0;

  /// exe_full() is the first argument, or the comm if there is none; exe_base() is the last part of that path.
  std::string_view exe_full() const noexcept { return arguments.empty() ? comm : arguments.front(); }
  std::string_view exe_base() const noexcept;
};

/// The texts of named groups in the expressions that matched, by name.
using Captures = std::map<std::string, std::string, std::less<>>;

/// The last element of a path, as Go's path/filepath.Base: "." for "", "/" for "/".
std::string_view base_name(std::string_view path) noexcept;

class NameTemplate {
 public:
  enum class Field : std::uint8_t {
    comm,
    exe_base,
    exe_full,
    username,
    cwd,
    pid,
    start_time,
    start_unix,
    cgroups,
    cgroup_count,
    matches,
    match_count,
    unknown,  ///< rendering stops there, as in Go
  };

  /// The error is one line that names what Go rejects or what is not supported here.
  static std::expected<NameTemplate, std::string> parse(std::string_view text);

  void render(const ProcessFacts& facts, const Captures& captures, std::string& out) const;

  bool uses(Field field) const noexcept;
  /// The name if it is the same for every process, else null.
  const std::string* literal() const noexcept;

 private:
  struct Text {
    std::string text;
  };
  struct Value {
    Field field;
  };
  struct Cgroup {
    std::size_t index;
  };
  struct Match {
    std::string name;
    std::string_view missing;  // the text if there is no such group
  };
  using Part = std::variant<Text, Value, Cgroup, Match>;
  friend class TemplateParser;

  std::vector<Part> parts_;
};

}  // namespace vitalsd
