// Awaits a function that may block or take long, run on the pool.
//   const std::function<void()> load = [state] { state->load(); };  // named: GCC 12 destroys a temporary twice
//   const bool done = co_await on_pool(loop, pool, deadline, load);
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "daemon/run/pool.h"

namespace vitalsd {

/// False when the deadline came first: the function may still be running, so it must own what it touches.
inline boost::asio::awaitable<bool> on_pool(boost::asio::io_context& loop, Pool& pool,
                                            std::chrono::steady_clock::time_point deadline,
                                            std::function<void()> function) {
  struct Call final : PoolTask {
    Call(boost::asio::io_context& io, std::function<void()> f) : function(std::move(f)), timer(io) {}
    void run(std::string&) noexcept override { function(); }
    void finished() noexcept override {
      done = true;
      timer.cancel();
      const auto keep_alive = std::move(self);
    }
    std::function<void()> function;
    boost::asio::steady_timer timer;
    bool done = false;
    std::shared_ptr<Call> self;
  };
  constexpr auto kPatience = std::chrono::milliseconds(5);  // then the pool gets another thread
  constexpr auto kLongest = std::chrono::seconds(1);
  const auto call = std::make_shared<Call>(loop, std::move(function));
  call->self = call;
  pool.submit(*call);
  pool.flush();
  auto now = std::chrono::steady_clock::now();
  std::chrono::steady_clock::duration patience = kPatience;
  auto until = now + patience;
  while (!call->done && now < deadline) {
    call->timer.expires_at(std::min(until, deadline));
    co_await call->timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (!call->done) pool.reinforce();
    now = std::chrono::steady_clock::now();
    patience =
        std::min<std::chrono::steady_clock::duration>(patience * 2, kLongest);  // a thread may be refused for now
    until = now + patience;
  }
  co_return call->done;
}

}  // namespace vitalsd
