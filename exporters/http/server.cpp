#include "exporters/http/server.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "exporters/http/hub.h"
#include "exporters/http/listener.h"

namespace vitalsd::http {
namespace {

namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kPause{100};  // after accept(2) failed for lack of descriptors or memory
constexpr int kAcceptsAtOnce = 64;
constexpr int kAcceptsAtEnd = 4096;  // the default of net.core.somaxconn: that many may wait

/// A listening socket on the loop, shared with its accepting coroutine.
struct Listener {
  Listener(asio::io_context& loop, Binding binding)
      : address(std::move(binding.address)),
        descriptor(loop),
        pause(loop),
        endpoint(std::make_shared<Endpoint>(Endpoint{std::move(binding.routes), std::move(binding.guard)})),
        inherited(binding.inherited_fd >= 0) {
    socket = inherited ? inspect_inherited(binding.inherited_fd, address) : open_listener(address);
    descriptor.assign(inherited ? binding.inherited_fd : socket.fd.get());
    socket.fd.release();
  }

  /// Accepts at most `most` connections. False when accepting must pause.
  bool accept_some(Hub& hub, int most);
  void close() {
    boost::system::error_code ignored;
    endpoint->retired = true;
    pause.cancel();
    descriptor.close(ignored);
    socket.file.remove();
  }

  std::string address;
  ListenSocket socket;
  asio::posix::stream_descriptor descriptor;
  asio::steady_timer pause;
  std::shared_ptr<Endpoint> endpoint;
  bool inherited;
};

// Whether accept(2) failed with a pending error of that one connection, which Linux passes on (see accept(2)).
bool is_of_connection(int error) {
  constexpr std::array kErrors = {EINTR,  ECONNABORTED, EPROTO,     ENETDOWN,    ENOPROTOOPT, EHOSTDOWN,
                                  ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM};
  return std::ranges::find(kErrors, error) != kErrors.end();
}

bool Listener::accept_some(Hub& hub, int most) try {
  for (int i = 0; i < most && descriptor.is_open(); ++i) {
    SocketName from;
    from.size = sizeof from.storage;
    Fd fd(::accept4(descriptor.native_handle(), reinterpret_cast<sockaddr*>(&from.storage), &from.size,
                    SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      hub.admit(std::move(fd), socket.family, from.storage, endpoint);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
    if (is_of_connection(errno)) continue;
    if (endpoint->guard->accept_failed) endpoint->guard->accept_failed(errno);
    hub.evict();
    return false;
  }
  return true;
} catch (const std::exception&) {  // no memory or no epoll watch for this connection; the next ones may succeed
  return false;
}

asio::awaitable<void> accept_all(std::shared_ptr<Listener> listener, std::shared_ptr<Hub> hub) {
  while (listener->descriptor.is_open()) {
    const auto [waited] = co_await listener->descriptor.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
    if (waited) co_return;
    // Accepts in small batches, so that requests are read in between: a connection with unread bytes is not closed for
    // another one.
    const auto some = std::clamp(static_cast<int>(hub->limits().connections) / 8, 1, kAcceptsAtOnce);
    if (listener->accept_some(*hub, some)) continue;
    listener->pause.expires_after(kPause);
    co_await listener->pause.async_wait(kTuple);
  }
}

// New listeners. When bind() fails, releases the inherited sockets, which then still belong to the caller.
struct Fresh {
  std::vector<std::shared_ptr<Listener>> listeners;
  ~Fresh() {
    for (const auto& listener : listeners) {
      if (listener->inherited) listener->descriptor.release();
    }
  }
};

}  // namespace

class Server::Impl {
 public:
  Impl(asio::io_context& loop, Limits limits, Observer observer)
      : hub(std::make_shared<Hub>(loop, limits, std::move(observer))) {}

  // Accepts what has connected before it closes the socket, so that a reload costs no client its request.
  void retire(Listener& listener) {
    if (!listener.descriptor.is_open()) return;
    listener.socket.file.remove();
    listener.accept_some(*hub, kAcceptsAtEnd);
    listener.close();
    hub->close_idle(*listener.endpoint);
  }

  std::shared_ptr<Hub> hub;
  std::vector<std::shared_ptr<Listener>> listeners;
};

Server::Server(asio::io_context& loop, Limits limits, Observer observer)
    : impl_(std::make_shared<Impl>(loop, limits, std::move(observer))) {}

Server::~Server() {
  impl_->hub->orphan();
  abort();
}

void Server::limit(const Limits& limits) { impl_->hub->limit(limits); }

void Server::bind(std::vector<Binding> bindings) {
  std::vector<std::shared_ptr<Listener>> old = impl_->listeners;
  std::vector<std::shared_ptr<Listener>> next;
  std::vector<Endpoint> endpoints;
  Fresh fresh;
  std::vector<int> spare;  // inherited sockets of listeners that stay, passed once more
  for (Binding& binding : bindings) {
    if (!binding.guard) binding.guard = std::make_shared<Guard>();
    endpoints.push_back({binding.routes, binding.guard});
    const auto same =
        std::ranges::find_if(old, [&](const auto& have) { return have && have->address == binding.address; });
    if (same != old.end()) {
      next.push_back(std::exchange(*same, nullptr));
      if (binding.inherited_fd >= 0 && binding.inherited_fd != next.back()->descriptor.native_handle()) {
        spare.push_back(binding.inherited_fd);
      }
      continue;
    }
    next.push_back(std::make_shared<Listener>(impl_->hub->loop(), std::move(binding)));
    fresh.listeners.push_back(next.back());
  }
  for (std::size_t i = 0; i < next.size(); ++i) {
    *next[i]->endpoint = std::move(endpoints[i]);
    impl_->hub->close_idle(*next[i]->endpoint);
  }
  impl_->listeners = std::move(next);
  for (const int fd : spare) Fd(fd).reset();
  for (const auto& listener : std::exchange(fresh.listeners, {})) {
    asio::co_spawn(impl_->hub->loop(), accept_all(listener, impl_->hub), asio::detached);
  }
  for (const auto& listener : old) {
    if (listener) impl_->retire(*listener);
  }
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> names;
  for (const auto& listener : impl_->listeners) names.push_back(listener->socket.name);
  return names;
}

void Server::drain() {
  for (const auto& listener : impl_->listeners) impl_->retire(*listener);
  impl_->hub->drain();
}

std::size_t Server::ended() const { return impl_->hub->ended(); }

std::size_t Server::connections() const { return impl_->hub->connections(); }

void Server::on_drained(std::function<void()> callback) { impl_->hub->on_drained(std::move(callback)); }

void Server::abort() {
  for (const auto& listener : impl_->listeners) listener->close();
  impl_->hub->close_all();
}

}  // namespace vitalsd::http
