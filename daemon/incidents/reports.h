// Reports of incidents: the newest are kept, in the state directory where there is one, else in memory.
//   co_await reports.load(); reports.add(EventKind::oom_kill, text); reports.list(); co_await reports.text_of(id)
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "daemon/run/pool.h"

namespace vitalsd {

/// Lives on the loop; files are read and written on the pool, for a disk may hang.
class Reports {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{256} * 1024;      ///< of one report
  static constexpr std::size_t kMostInMemory = std::size_t{1024} * 1024;  ///< of all, without a directory

  struct Entry {
    std::string id;  ///< "20261125T214500.123Z-oom_kill": when and why
    std::size_t size = 0;
    std::shared_ptr<const std::string> text;  ///< null once it is in a file
  };

  Reports(boost::asio::io_context& loop, Pool& pool) : loop_(loop), pool_(pool) {}

  /// `directory` is the daemon's state directory, or empty; `keep` is at least 1.
  void configure(const std::string& directory, std::size_t keep);
  /// Finds what an earlier daemon left; what is more than is kept now goes.
  boost::asio::awaitable<void> load();

  struct Kept {
    std::string id;
    std::string error;  ///< of writing it; empty when all is well
  };
  /// Keeps a report; the oldest of the most frequent cause makes room.
  boost::asio::awaitable<Kept> add(EventKind kind, std::chrono::system_clock::time_point at, std::string text);

  /// Null when there is none of that id, or it cannot be read.
  boost::asio::awaitable<std::shared_ptr<const std::string>> text_of(std::string id);
  /// The list as JSON.
  std::string list() const;

 private:
  void make_room(std::vector<std::string>& removed);

  boost::asio::io_context& loop_;
  Pool& pool_;
  std::string directory_;  ///< of the reports themselves
  std::size_t keep_ = 1;
  std::vector<Entry> entries_;
};

/// The cause in a report's id; empty when it is none that was made here.
std::string_view cause_of(std::string_view id);

}  // namespace vitalsd
