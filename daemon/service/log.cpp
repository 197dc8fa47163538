#include "daemon/service/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "core/utf8.h"

namespace vitalsd {
namespace {

struct Level {
  std::string_view name;
  spdlog::level::level_enum level;
  std::string_view priority;  // sd-daemon(3)
};
constexpr std::array<Level, 4> kLevels = {{{"debug", spdlog::level::debug, "<7>"},
                                           {"info", spdlog::level::info, "<6>"},
                                           {"warn", spdlog::level::warn, "<4>"},
                                           {"error", spdlog::level::err, "<3>"}}};
constexpr auto kQuiet = std::chrono::minutes(10);
constexpr std::size_t kMaxKeys = 256;

// Whether stderr is the journal's socket: $JOURNAL_STREAM gives that as "device:inode" (systemd.exec(5)).
bool journal_reads_stderr() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat info{};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

void put_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
    out += c;
    return;
  }
  std::array<char, 8> code;
  std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  out += code.data();
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  out += '"';
  append_valid_utf8(out, text, put_escaped);
  out += '"';
}

void append_logfmt(std::string& out, std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(" =\"\\") == std::string_view::npos &&
                     std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
  if (plain) {
    out += text;
  } else {
    append_json(out, text);
  }
}

Log::Log(std::string_view level, std::string_view format) {
  logger_ = std::make_shared<spdlog::logger>("vitalsd", std::make_shared<spdlog::sinks::stderr_sink_st>());
  configure(level, format);
}

Log::~Log() = default;

void Log::configure(std::string_view level, std::string_view format) {
  json_ = format == "json";
  for (const Level& known : kLevels) {
    if (known.name == level) logger_->set_level(known.level);
  }
  // The journal adds its own time stamps.
  const bool journal = journal_reads_stderr();
  const std::string time = "%Y-%m-%dT%H:%M:%S.%e";
  std::string pattern = json_ ? "{\"ts\":\"" + time + "Z\",%v}" : "ts=" + time + "Z %v";
  if (journal && !json_) pattern = "%v";
  if (!journal) {
    logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
    return;
  }
  struct Priority final : spdlog::custom_flag_formatter {
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
      for (const Level& known : kLevels) {
        if (known.level == message.level)
          out.append(known.priority.data(), known.priority.data() + known.priority.size());
      }
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Priority>(); }
  };
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<Priority>('*').set_pattern("%*" + pattern);
  logger_->set_formatter(std::move(formatter));
}

void Log::write(int level, std::string_view event, Fields fields, std::uint64_t repeated) {
  const Level& known = kLevels[static_cast<std::size_t>(level)];
  if (!logger_->should_log(known.level)) return;
  std::string line;
  const std::string count = std::to_string(repeated);
  const auto put = [&](std::string_view key, std::string_view value) {
    if (!line.empty()) line += json_ ? ',' : ' ';
    if (json_) {
      append_json(line, key);
      line += ':';
      append_json(line, value);
    } else {
      line += key;
      line += '=';
      append_logfmt(line, value);
    }
  };
  put("level", known.name);
  put("msg", event);
  for (const auto& [key, value] : fields) {
    if (key != "remedy" || !value.empty()) put(key, value);  // there is not always one
  }
  if (repeated != 0) put("repeated", count);
  logger_->log(known.level, spdlog::string_view_t(line));
}

void Log::warn_limited(const std::string& key, std::string_view event, Fields fields) {
  const auto now = std::chrono::steady_clock::now();
  const auto found = repeats_.find(key);
  if (found == repeats_.end()) {
    if (repeats_.size() >= kMaxKeys) repeats_.erase(repeats_.begin());
    repeats_.emplace(key, Repeat{now});
    write(2, event, fields);
  } else if (now - found->second.last < kQuiet) {
    ++found->second.suppressed;
  } else {
    write(2, event, fields, found->second.suppressed);
    found->second = {now};
  }
}

}  // namespace vitalsd
