// What must be done before a connection and may block: files are read, certificates loaded and names resolved. It runs
// on the pool.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/probe/outcome.h"
#include "daemon/run/pool.h"
#include "exporters/http/address.h"
#include "exporters/tls/context.h"

namespace vitalsd {

/// TLS contexts by the authorities that they trust, shared by all who ask for the same: the system's list takes 1 MB.
/// Any thread.
class TlsContexts {
 public:
  using Made = std::expected<std::shared_ptr<const tls::Context>, std::string>;
  /// `authorities` is PEM; empty: the system's.
  Made get(bool insecure, const std::string& authorities);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<const tls::Context>> known_;
};

struct Preparation {
  // What is wanted.
  http::Address address;
  bool any_family = true;
  int family = 0;  ///< else AF_INET or AF_INET6
  bool tls = false, insecure = false;
  std::string ca_file, secret_file;
  std::shared_ptr<TlsContexts> contexts;

  // What came of it.
  ProbeFault fault = ProbeFault::none;
  std::string detail;
  std::vector<http::SocketName> names;  ///< in the order to try
  std::shared_ptr<const tls::Context> context;
  std::string secret;  ///< the content of the file, without blanks at its end
  std::chrono::steady_clock::duration resolved{};

  /// Does not throw.
  void run() noexcept;
  /// Whether nothing of it can block.
  bool is_instant() const;

 private:
  bool fail(ProbeFault why, std::string text);
  bool read(const std::string& path, std::string& content);
  bool read_files();
  bool resolve();
};

/// Runs preparations on the pool, a few at a time, so that a name server that does not answer cannot take all threads
/// from the collectors.
class Preparer {
 public:
  static constexpr int kMostAtOnce = 8;

  Preparer(boost::asio::io_context& loop, Pool& pool) : loop_(loop), pool_(pool) {}
  /// False when the deadline came first; then `what` may still be in use.
  boost::asio::awaitable<bool> run(std::shared_ptr<Preparation> what, std::chrono::steady_clock::time_point deadline);

 private:
  boost::asio::io_context& loop_;
  Pool& pool_;
  std::shared_ptr<std::atomic<int>> busy_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace vitalsd
