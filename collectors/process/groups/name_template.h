// The templates that name groups: the part of Go's text/template that process-exporter's configurations use.
//   NameTemplate::parse("{{.ExeBase}}:{{.Matches.Port}}")->render(facts, captures, out);
// Known: .Comm .ExeBase .ExeFull .Username .Cwd .PID .StartTime .StartTime.Unix .Cgroups .Matches .Matches.NAME,
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

/// What rules and names are made of: read once per process, and again after an exec.
struct ProcessFacts {
  std::int32_t pid = 0;
  std::string comm;
  std::vector<std::string> arguments;  ///< of the command line; none of a kernel thread
  std::vector<std::string> cgroups;    ///< the path in each hierarchy, in the file's order
  std::string username;                ///< or the number, where no name is known
  std::string cwd;
  std::int64_t start_seconds = 0;  ///< since 1970
  std::uint32_t start_nanoseconds = 0;

  /// The first argument, or the kernel's name where there is none; and the last part of that path.
  std::string_view exe_full() const noexcept { return arguments.empty() ? comm : arguments.front(); }
  std::string_view exe_base() const noexcept;
};

/// Named groups of the expressions that matched, by name.
using Captures = std::map<std::string, std::string, std::less<>>;

/// The last element of a slash-separated path, as Go's path/filepath.Base: "." for "", "/" for "/".
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
    unknown,  ///< rendering ends there, as Go's does
  };

  /// One line that says what is wrong with it, for what Go refuses and for what is not supported here.
  static std::expected<NameTemplate, std::string> parse(std::string_view text);

  void render(const ProcessFacts& facts, const Captures& captures, std::string& out) const;

  bool uses(Field field) const noexcept;
  /// Whether the name is the same for every process, and what it is.
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
    std::string_view missing;  // what stands there when there is no such group
  };
  using Part = std::variant<Text, Value, Cgroup, Match>;
  friend class TemplateParser;

  std::vector<Part> parts_;
};

}  // namespace vitalsd
