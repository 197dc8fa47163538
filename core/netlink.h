// The one access to netlink: queries the running kernel about the daemon's network namespace.
//   source.whole(request, kSameMoment, [&](const NetlinkMessage& m) { return add(m); });
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "core/netlink_message.h"

namespace vitalsd {

/// Collectors that run at the same time share one answer to the same request, if it is no older than this.
inline constexpr std::chrono::milliseconds kSameMoment{50};

/// May be used by several threads at once. A taker must not make a request itself. A request waits for others of its
/// protocol, at most a second, and for the kernel, which may have to wait for its lock of the network's configuration;
/// so it must not be made on the loop. Errors: unavailable (the kernel does not know the protocol or the request),
/// denied, timed_out, malformed, too_large, io (EINTR: the list changed during each attempt).
class NetlinkSource {
 public:
  virtual ~NetlinkSource() = default;

  /// Passes on each message as it arrives, for answers of any length. Calls `begin()` before the first message, and
  /// again if the kernel reports that the list was incomplete and the request is repeated.
  template <class Begin, class Take>
  Result<void> stream(NetlinkRequest request, Begin begin, Take take) {
    Taker<Begin, Take> taker(std::move(begin), std::move(take));
    return request.fits() ? converse(request, std::nullopt, taker) : fail(Errc::too_large, "netlink request");
  }

  /// Passes on the messages of a complete answer, which is kept in memory, each once. May use an earlier answer to the
  /// same request that is no older than `age`.
  template <class Take>
  Result<void> whole(NetlinkRequest request, std::chrono::nanoseconds age, Take take) {
    const auto nothing = [] {};
    Taker<decltype(nothing), Take> taker(nothing, std::move(take));
    return request.fits() ? converse(request, age, taker) : fail(Errc::too_large, "netlink request");
  }

 private:
  template <class Begin, class Take>
  class Taker final : public NetlinkTaker {
   public:
    Taker(Begin begin, Take take) : begin_(std::move(begin)), take_(std::move(take)) {}
    void begin() override { begin_(); }
    Result<void> take(const NetlinkMessage& message) override { return take_(message); }

   private:
    Begin begin_;
    Take take_;
  };

  /// If `age` is given, the answer is passed on once it is complete, and kept.
  virtual Result<void> converse(NetlinkRequest& request, std::optional<std::chrono::nanoseconds> age,
                                NetlinkTaker& taker) = 0;
};

/// A source whose sockets are opened when first needed, in the network namespace of the thread that needs them.
std::shared_ptr<NetlinkSource> open_netlink();

}  // namespace vitalsd
