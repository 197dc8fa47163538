// What others push is published beside the daemon's own, as a Pushgateway would: PUT, POST and DELETE of groups.
//   publisher.configure(config, true); publisher.add_routes(routes); publisher.refresh();  // before each exposition
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "daemon/config/config.h"
#include "daemon/publish/group_files.h"
#include "daemon/publish/push.h"
#include "daemon/run/pool.h"
#include "daemon/run/store.h"
#include "daemon/service/log.h"
#include "exporters/http/server.h"

namespace vitalsd {

/// Lives on the loop; bodies are written, read and checked on the pool. One push at a time changes anything.
class Publisher {
 public:
  static constexpr std::size_t kMostUploads = 16;   ///< on their way at once; beyond them 503
  static constexpr std::size_t kMostGroups = 1000;  ///< beyond them 413
  static constexpr std::size_t kMostFailures =
      50;  ///< groups of which only a refusal is known; beyond them none is noted

  Publisher(boost::asio::io_context& loop, Pool& pool, Store& store, const Clock& clock, Log& log)
      : loop_(loop), pool_(pool), store_(store), clock_(clock), log_(log), active_(std::make_shared<std::size_t>(0)) {}

  /// `first`: groups that an earlier daemon kept are read at once, for nothing is served yet.
  void configure(const Config& config, bool first);
  /// None where publishing is off.
  void add_routes(http::Routes& routes, const Config::Publish& config);
  /// Groups whose time has come go, and so do families that one of the daemon's own is in the way of by now.
  void refresh();

  /// Makes the change of `push` to its group, after all others that came before it. For the uploads.
  boost::asio::awaitable<std::optional<PushRefusal>> commit(std::shared_ptr<Push> push);

 private:
  struct Entry {
    GroupPtr group;
    std::shared_ptr<const Block> block;
    std::uint64_t number = 0;
  };
  using Entries = std::map<GroupLabels, Entry>;

  boost::asio::awaitable<http::Opened> open(http::Request request);
  std::shared_ptr<Push> push_of(const http::Request& request, GroupLabels labels, http::Response& refusal) const;
  void use_files(std::expected<std::shared_ptr<GroupFiles>, std::string> opened);
  void adopt(GroupFiles::Listing listing);
  boost::asio::awaitable<void> load(std::string state);
  boost::asio::awaitable<void> take_turn();
  void end_turn();
  boost::asio::awaitable<void> remove_expired();
  bool may_note_failure() const;
  bool is_expired(const PushedGroup& group) const;

  PushNeighbours neighbours_of(const GroupLabels& labels);
  void for_each_own(const std::function<void(const Family&)>& use);
  void apply(Push& push);
  void show(const Entry& entry);
  HiddenFamilies find_hidden();
  void hide(HiddenFamilies hidden);

  boost::asio::io_context& loop_;
  Pool& pool_;
  Store& store_;
  const Clock& clock_;
  Log& log_;
  Config::Publish config_;
  bool removing_ = false;                  ///< remove_expired() runs
  std::vector<const Family*> registered_;  ///< what enabled collectors and the daemon itself may report
  std::string unusable_;                   ///< why nothing can be taken; empty: all is well
  std::shared_ptr<GroupFiles> files_;      ///< null: kept in memory alone
  Entries entries_;
  NameBook names_;  ///< of all groups
  HiddenFamilies hidden_;
  std::uint64_t next_number_ = 1;
  std::shared_ptr<std::size_t> active_;  ///< uploads on their way
  bool busy_ = false;                    ///< a push has its turn
  std::deque<std::shared_ptr<boost::asio::steady_timer>> waiting_;
  Snapshot snapshot_;
};

/// The blocks of groups come after all others, so that HELP and TYPE of a shared family are the daemon's.
inline constexpr std::string_view kPublishedPrefix = "~published/";

}  // namespace vitalsd
