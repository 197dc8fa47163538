#include "daemon/probe/preparation.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>

#include "core/fd.h"
#include "daemon/run/on_pool.h"
#include "exporters/http/server.h"

namespace vitalsd {
namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;  // of a file

bool is_numeric(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

std::string described(const http::ListenError& error) {
  constexpr std::string_view kPrefix = "listen address ";  // what the same function says to listeners
  std::string text = error.what();
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
}

}  // namespace

TlsContexts::Made TlsContexts::get(bool insecure, const std::string& authorities) {
  const std::string key = insecure ? std::string("insecure") : "authorities\n" + authorities;
  const std::lock_guard lock(mutex_);
  std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
  if (auto known = known_[key].lock()) return known;
  auto made = insecure || authorities.empty() ? tls::Context::client(!insecure) : tls::Context::client_of(authorities);
  if (made) known_[key] = *made;
  return made;
}

bool Preparation::fail(ProbeFault why, std::string text) {
  fault = why;
  detail = std::move(text);
  return false;
}

// Secrets are links where Kubernetes mounts them, so that links are followed here.
bool Preparation::read(const std::string& path, std::string& content) {
  const auto words = [](int error) { return std::generic_category().message(error); };
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return fail(ProbeFault::file, path + ": " + words(errno));
  content.resize(kMostBytes + 1);
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ProbeFault::file, path + ": " + words(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMostBytes) return fail(ProbeFault::file, path + ": more than 1 MiB");
  content.resize(size);
  content.shrink_to_fit();
  return true;
}

bool Preparation::read_files() {
  if (!secret_file.empty()) {
    if (!read(secret_file, secret)) return false;
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r' || secret.back() == ' '))
      secret.pop_back();
    if (secret.find_first_of(std::string_view("\r\n\0", 3)) != secret.npos)
      return fail(ProbeFault::file, secret_file + ": a secret must be one line");
  }
  if (!tls) return true;
  std::string authorities;
  if (!insecure && !ca_file.empty()) {
    if (!read(ca_file, authorities)) return false;
    if (authorities.empty()) return fail(ProbeFault::file, ca_file + ": is empty");
  }
  auto made = contexts->get(insecure, authorities);
  if (!made)
    return fail(ca_file.empty() ? ProbeFault::tls : ProbeFault::file,
                (ca_file.empty() ? "" : ca_file + ": ") + made.error());
  context = *std::move(made);
  return true;
}

bool Preparation::resolve() {
  const auto start = Steady::now();
  names = http::resolve(address);
  resolved = Steady::now() - start;
  if (!any_family && !address.is_unix()) {
    std::erase_if(names, [this](const http::SocketName& name) { return name.family() != family; });
    if (names.empty()) return fail(ProbeFault::resolve, address.host + " has no address of the wanted ip_protocol");
  }
  return true;
}

void Preparation::run() noexcept {
  try {
    if (read_files()) resolve();
  } catch (const http::ListenError& error) {
    fail(ProbeFault::resolve, described(error));
  } catch (const std::exception& error) {
    fail(ProbeFault::io, error.what());
  }
}

bool Preparation::is_instant() const {
  return !tls && secret_file.empty() && (address.is_unix() || is_numeric(address.host));
}

asio::awaitable<bool> Preparer::run(std::shared_ptr<Preparation> what, Steady::time_point deadline) {
  if (what->is_instant()) {
    what->run();
    co_return true;
  }
  asio::steady_timer timer(loop_);
  while (*busy_ >= kMostAtOnce) {
    timer.expires_after(std::chrono::milliseconds(10));
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (Steady::now() >= deadline) co_return false;
  }
  ++*busy_;
  // Given back when the function has really ended, also after the deadline.
  struct Slot {
    explicit Slot(std::shared_ptr<std::atomic<int>> all) : busy(std::move(all)) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() { --*busy; }
    std::shared_ptr<std::atomic<int>> busy;
  };
  auto slot = std::make_shared<Slot>(busy_);
  const std::function<void()> work = [what, slot = std::move(slot)] { what->run(); };
  co_return co_await on_pool(loop_, pool_, deadline, work);
}

}  // namespace vitalsd
