// The daemon's log: one event, one line, on stderr, as logfmt or JSON. Library code returns errors; only daemon/ logs.
//   log.warn("collector failed", {{"collector", "cpu"}, {"error", "stat: malformed"}});
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace spdlog {
class logger;
}

namespace vitalsd {

class Log {
 public:
  using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// `level` is one of debug, info, warn, error; `format` logfmt or json.
  Log(std::string_view level, std::string_view format);
  ~Log();

  void configure(std::string_view level, std::string_view format);

  void debug(std::string_view event, Fields fields = {}) { write(0, event, fields); }
  void info(std::string_view event, Fields fields = {}) { write(1, event, fields); }
  void warn(std::string_view event, Fields fields = {}) { write(2, event, fields); }
  void error(std::string_view event, Fields fields = {}) { write(3, event, fields); }

  /// As warn, but logs the same `key` at most once in ten minutes. The next line says how many were left out.
  void warn_limited(const std::string& key, std::string_view event, Fields fields);

 private:
  void write(int level, std::string_view event, Fields fields, std::uint64_t repeated = 0);

  struct Repeat {
    std::chrono::steady_clock::time_point last;
    std::uint64_t suppressed = 0;
  };
  std::shared_ptr<spdlog::logger> logger_;
  bool json_ = false;
  std::map<std::string, Repeat> repeats_;
};

/// `text` as a logfmt value: quoted and escaped where it must be.
void append_logfmt(std::string& out, std::string_view text);
/// `text` as a JSON string, quotes included.
void append_json(std::string& out, std::string_view text);

}  // namespace vitalsd
