#include "collectors/system/kernel_log.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace vitalsd {
namespace {

constexpr std::string_view kWhere = "kmsg";
constexpr std::size_t kLongest = 16'384;  // the kernel's own limit is half of it

}  // namespace

bool KernelLog::woken() const noexcept {
  using std::chrono::steady_clock;
  return steady_clock::now() >= steady_clock::time_point(steady_clock::duration(rested_));
}

void KernelLog::begin(bool asked) noexcept {
  if (asked) rested_ = (std::chrono::steady_clock::now() + kRest).time_since_epoch().count();
}

Result<void> KernelLog::open(const Host& host, std::string_view path) {
  OpenRule* const rule = host.opening.get();
  const bool waits = rule != nullptr && !std::exchange(rule->no_waiting, true);  // a FIFO would be waited for
  const auto opened = host.rootfs->open(path);
  if (waits) rule->no_waiting = false;
  if (!opened) return fail(opened.error());
  Fd log(*opened);
  struct stat info{};
  if (::fstat(log.get(), &info) != 0) return fail(Errc::io, kWhere, errno);
  if (!S_ISCHR(info.st_mode)) return fail(Errc::unavailable, kWhere);
  const int flags = ::fcntl(log.get(), F_GETFL);
  if (flags < 0 || ::fcntl(log.get(), F_SETFL, flags | O_NONBLOCK) != 0 || ::lseek(log.get(), 0, SEEK_END) < 0)
    return fail(Errc::io, kWhere, errno);
  return take(std::move(log));
}

Result<void> KernelLog::take(Fd log) {
  if (const auto added = wake_.add(log.get(), kWhere); !added) return added;
  log_ = std::move(log);
  expected_.reset();
  return {};
}

void KernelLog::close() noexcept {
  if (log_) wake_.remove(log_.get());
  log_.reset();
}

Result<std::optional<kmsg::Record>> KernelLog::next(std::string& buffer) {
  if (!log_) return std::nullopt;
  if (buffer.size() < kLongest) buffer.resize(kLongest);
  ssize_t got = 0;
  do {
    got = ::read(log_.get(), buffer.data(), buffer.size());
    // EPIPE: the next record was overwritten; what follows says by its number how many were.
  } while (got < 0 && (errno == EINTR || errno == EPIPE));
  if (got < 0 && errno == EAGAIN) return std::nullopt;
  if (got <= 0) return fail(Errc::io, kWhere, got < 0 ? errno : 0);
  const auto record = kmsg::parse({buffer.data(), static_cast<std::size_t>(got)});
  if (!record) return fail(record.error());
  if (expected_ && record->sequence > *expected_) lost_ += record->sequence - *expected_;
  expected_ = record->sequence + 1;
  return *record;
}

}  // namespace vitalsd
