// The bytes of netlink: requests to send, and received messages and attributes
// (Documentation/userspace-api/netlink/intro.rst, include/uapi/linux/netlink.h). No length is trusted.
//   NetlinkRequest request(NETLINK_ROUTE, RTM_GETLINK, ifinfomsg{});
//   NetlinkAttributes attributes(message.behind<ifinfomsg>());
//   while (attributes.next()) if (attributes->type == IFLA_MTU) mtu = attributes->as<std::uint32_t>();
#pragma once

#include <linux/netlink.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "core/result.h"

namespace vitalsd {

using Bytes = std::span<const char>;

constexpr std::size_t netlink_aligned(std::size_t size) noexcept { return (size + 3) & ~std::size_t{3}; }

/// The value of plain type T at the start of `bytes`; empty if there are too few bytes.
template <class T>
  requires std::is_trivially_copyable_v<T>
std::optional<T> value_in(Bytes bytes) noexcept {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// A request in a small buffer of its own. If something does not fit, fits() is false and it must not be sent.
class NetlinkRequest {
 public:
  template <class Head>
  NetlinkRequest(int protocol, std::uint16_t type, const Head& head, std::uint16_t flags = NLM_F_DUMP)
      : protocol_(protocol), type_(type), flags_(static_cast<std::uint16_t>(NLM_F_REQUEST | flags)) {
    append(&head, sizeof head);
  }

  template <class T>
  NetlinkRequest& add(std::uint16_t type, const T& value) {
    return add(type, Bytes(reinterpret_cast<const char*>(&value), sizeof value));
  }
  NetlinkRequest& add(std::uint16_t type, Bytes value) noexcept;
  /// Adds a text with the terminating NUL that the kernel expects.
  NetlinkRequest& add_text(std::uint16_t type, std::string_view text) noexcept;
  /// Everything that is added up to the matching end_nest() lies in one attribute. Returns the argument for end_nest().
  std::size_t begin_nest(std::uint16_t type) noexcept;
  void end_nest(std::size_t begun) noexcept;

  int protocol() const noexcept { return protocol_; }
  std::uint16_t type() const noexcept { return type_; }
  bool is_dump() const noexcept { return (flags_ & NLM_F_DUMP) == NLM_F_DUMP; }
  bool fits() const noexcept { return fits_; }
  /// The complete message with this sequence number; valid until the next call.
  Bytes numbered(std::uint32_t sequence) noexcept;
  /// The part that differs between two requests of one type.
  Bytes body() const noexcept { return Bytes(bytes_).subspan(NLMSG_HDRLEN, size_ - NLMSG_HDRLEN); }

 private:
  void append(const void* data, std::size_t size) noexcept;

  int protocol_;
  std::uint16_t type_, flags_;
  bool fits_ = true;
  std::size_t size_ = NLMSG_HDRLEN;
  std::array<char, 256> bytes_{};
};

/// One message of an answer. Valid during the call that passes it on.
struct NetlinkMessage {
  std::uint16_t type = 0;
  Bytes body;

  template <class Head>
  std::optional<Head> head() const noexcept {
    return value_in<Head>(body);
  }
  /// What follows the head, usually attributes; empty if nothing does.
  template <class Head>
  Bytes behind() const noexcept {
    const std::size_t size = netlink_aligned(sizeof(Head));
    return body.size() > size ? body.subspan(size) : Bytes();
  }
};

struct NetlinkAttribute {
  std::uint16_t type = 0;  ///< without the flags in the upper bits
  Bytes data;

  /// Empty if the attribute is shorter than T. A longer form of a newer kernel begins like T.
  template <class T>
  std::optional<T> as() const noexcept {
    return value_in<T>(data);
  }
  /// The text up to the first NUL.
  std::string_view text() const noexcept {
    const std::string_view all(data.data(), data.size());
    return all.substr(0, all.find('\0'));
  }
};

/// The attributes of a message, or those nested in an attribute, in order.
class NetlinkAttributes {
 public:
  explicit NetlinkAttributes(Bytes bytes) noexcept : rest_(bytes) {}
  /// Goes to the next attribute. False at the end, and if what follows is not an attribute: then torn().
  bool next() noexcept;
  bool torn() const noexcept { return torn_; }
  const NetlinkAttribute* operator->() const noexcept { return &current_; }
  const NetlinkAttribute& operator*() const noexcept { return current_; }

 private:
  Bytes rest_;
  NetlinkAttribute current_;
  bool torn_ = false;
};

/// Receives an answer. After take() returns an error, nothing more is passed on.
class NetlinkTaker {
 public:
  virtual ~NetlinkTaker() = default;
  /// An answer begins. Messages of an earlier attempt are void.
  virtual void begin() = 0;
  virtual Result<void> take(const NetlinkMessage& message) = 0;
};

/// The state of reading one answer.
struct NetlinkProgress {
  std::uint32_t sequence = 0;
  bool dump = true;  ///< whether a message of its own ends the answer; else the first message is the whole answer
  bool done = false;
  bool interrupted = false;  ///< the list changed meanwhile, so entries may be missing or repeated
  std::size_t messages = 0;
};

inline constexpr std::size_t kMostNetlinkMessages = 4'000'000;

/// Passes on the messages of one datagram. Errors: that of the kernel or the taker, malformed (a message is longer than
/// its datagram or shorter than its head), too_large. Ignores messages of other answers.
Result<void> read_datagram(Bytes datagram, NetlinkProgress& progress, NetlinkTaker& taker);

}  // namespace vitalsd
