// Runs probes on a loop of the test's own, with a pool behind it.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <memory>

#include "daemon/probe/attempt.h"
#include "daemon/run/pool.h"
#include "tests/daemon/probe/scripted_server.h"

namespace vitalsd {

class ProbeFixture : public testing::Test {
 protected:
  ProbeFixture() : loop_(1), pool_(16), finished_(loop_, ::dup(pool_.finished_fd())), tools_(loop_, pool_) {
    std::signal(SIGPIPE, SIG_IGN);
    boost::asio::co_spawn(loop_, drain(), boost::asio::detached);
  }
  ~ProbeFixture() override {
    pool_.stop(std::chrono::steady_clock::now() + std::chrono::seconds(10));
    pool_.drain();
  }

  static ProbeSpec spec(Record record) {
    record.texts.emplace("name", "p");
    return read_probe_specs({record}).front();
  }
  static Record record(const std::string& target, const std::string& timeout = "5s") {
    return {{"target", target}, {"timeout", timeout}};
  }
  ProbeOutcome probe(const Record& record) {
    ProbeOutcome outcome;
    bool done = false;
    const auto what = std::make_shared<const ProbeSpec>(spec(record));
    const auto work = [&]() -> boost::asio::awaitable<void> {
      outcome = co_await probe_once(tools_, what);
      done = true;
    };
    boost::asio::co_spawn(loop_, work, boost::asio::detached);
    while (!done) loop_.run_one();
    return outcome;
  }

  boost::asio::io_context loop_;
  Pool pool_;
  boost::asio::posix::stream_descriptor finished_;
  ProbeTools tools_;

 private:
  boost::asio::awaitable<void> drain() {
    for (;;) {
      const auto [error] = co_await finished_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                                         boost::asio::as_tuple(boost::asio::use_awaitable));
      if (error) co_return;
      pool_.drain();
    }
  }
};

/// The answer of a server to one request.
inline std::function<void(int)> answering(std::string text) {
  return [text = std::move(text)](int fd) {
    read_head(fd);
    send_text(fd, text);
  };
}

}  // namespace vitalsd
