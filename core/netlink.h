// The one seam to netlink: asks the running kernel about the network namespace that the daemon is in.
//   source.whole(request, kSameMoment, [&](const NetlinkMessage& m) { return add(m); });
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "core/netlink_message.h"

namespace vitalsd {

/// Collectors that run at the same time share one answer to the same question, if it is no older than this.
inline constexpr std::chrono::milliseconds kSameMoment{50};

/// Used by several threads at a time. What is taken must not ask anything itself. A question waits for others of its
/// protocol, at most a second, and for the kernel: for its lock of the network's configuration, in the worst case, so
/// that it is no business of the loop.
/// Errors: unavailable (the kernel does not know the protocol or the question), denied, timed_out, malformed,
/// too_large, io (EINTR: what was listed changed each time while it was).
class NetlinkSource {
 public:
  virtual ~NetlinkSource() = default;

  /// Hands over each message as it comes: for answers of any length. `begin()` is called before the first, and again
  /// where the kernel says that the list is not whole and it is asked anew.
  template <class Begin, class Take>
  Result<void> stream(NetlinkRequest request, Begin begin, Take take) {
    Taker<Begin, Take> taker(std::move(begin), std::move(take));
    return request.fits() ? converse(request, std::nullopt, taker) : fail(Errc::too_large, "netlink request");
  }

  /// Hands over the messages of a whole answer, which is in memory: each once. An answer to the same question that is
  /// no older than `age` is good, too.
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

  /// With an `age` the answer is handed over once it is whole, and kept.
  virtual Result<void> converse(NetlinkRequest& request, std::optional<std::chrono::nanoseconds> age,
                                NetlinkTaker& taker) = 0;
};

/// A source over sockets that are opened when they are first needed, in the namespace of the thread that needs them.
std::shared_ptr<NetlinkSource> open_netlink();

}  // namespace vitalsd
