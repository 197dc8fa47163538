// The bytes of netlink: requests as they are sent, messages and attributes as they are received
// (Documentation/userspace-api/netlink/intro.rst, include/uapi/linux/netlink.h). Nothing here trusts a length.
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

/// The plain value that `bytes` begin with; nothing where they are fewer.
template <class T>
  requires std::is_trivially_copyable_v<T>
std::optional<T> value_in(Bytes bytes) noexcept {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// Of what a request consists; small, and of no memory but its own. What does not fit makes it unfit to be sent.
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
  /// A text with the NUL that the kernel expects behind it.
  NetlinkRequest& add_text(std::uint16_t type, std::string_view text) noexcept;
  /// All that is added up to the matching end_nest() lies in one attribute. Returns what end_nest() wants.
  std::size_t begin_nest(std::uint16_t type) noexcept;
  void end_nest(std::size_t begun) noexcept;

  int protocol() const noexcept { return protocol_; }
  std::uint16_t type() const noexcept { return type_; }
  bool is_dump() const noexcept { return (flags_ & NLM_F_DUMP) == NLM_F_DUMP; }
  bool fits() const noexcept { return fits_; }
  /// The whole message, numbered; valid until the next call.
  Bytes numbered(std::uint32_t sequence) noexcept;
  /// What tells two requests apart.
  Bytes body() const noexcept { return Bytes(bytes_).subspan(NLMSG_HDRLEN, size_ - NLMSG_HDRLEN); }

 private:
  void append(const void* data, std::size_t size) noexcept;

  int protocol_;
  std::uint16_t type_, flags_;
  bool fits_ = true;
  std::size_t size_ = NLMSG_HDRLEN;
  std::array<char, 256> bytes_{};
};

/// One message of an answer. Views of the call that hands it over.
struct NetlinkMessage {
  std::uint16_t type = 0;
  Bytes body;

  template <class Head>
  std::optional<Head> head() const noexcept {
    return value_in<Head>(body);
  }
  /// What follows the head: attributes; empty where there are none.
  template <class Head>
  Bytes behind() const noexcept {
    const std::size_t size = netlink_aligned(sizeof(Head));
    return body.size() > size ? body.subspan(size) : Bytes();
  }
};

struct NetlinkAttribute {
  std::uint16_t type = 0;  ///< without the flags of its upper bits
  Bytes data;

  /// Nothing where there are fewer bytes than it takes; a newer kernel's longer form begins as ours.
  template <class T>
  std::optional<T> as() const noexcept {
    return value_in<T>(data);
  }
  /// Up to the first NUL.
  std::string_view text() const noexcept {
    const std::string_view all(data.data(), data.size());
    return all.substr(0, all.find('\0'));
  }
};

/// The attributes of a message, or within an attribute, in their order.
class NetlinkAttributes {
 public:
  explicit NetlinkAttributes(Bytes bytes) noexcept : rest_(bytes) {}
  /// Goes to the next one. False at the end, and where what follows is no attribute: then torn().
  bool next() noexcept;
  bool torn() const noexcept { return torn_; }
  const NetlinkAttribute* operator->() const noexcept { return &current_; }
  const NetlinkAttribute& operator*() const noexcept { return current_; }

 private:
  Bytes rest_;
  NetlinkAttribute current_;
  bool torn_ = false;
};

/// Takes an answer. After an error of take() nothing more of it comes.
class NetlinkTaker {
 public:
  virtual ~NetlinkTaker() = default;
  /// An answer begins; if there was one before, it is void.
  virtual void begin() = 0;
  virtual Result<void> take(const NetlinkMessage& message) = 0;
};

/// How far the reading of one answer has come.
struct NetlinkProgress {
  std::uint32_t sequence = 0;
  bool dump = true;  ///< ends with a message of its own; else the first message is the whole answer
  bool done = false;
  bool interrupted = false;  ///< what was listed changed meanwhile: the list may miss some, or have some twice
  std::size_t messages = 0;
};

inline constexpr std::size_t kMostNetlinkMessages = 4'000'000;

/// Hands over the messages of one datagram. Errors: what the kernel or the taker says, malformed (a message that is
/// longer than its datagram, or shorter than its head), too_large. Messages of other answers are passed over.
Result<void> read_datagram(Bytes datagram, NetlinkProgress& progress, NetlinkTaker& taker);

}  // namespace vitalsd
