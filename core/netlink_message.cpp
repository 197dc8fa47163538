#include "core/netlink_message.h"

namespace vitalsd {
namespace {

constexpr std::string_view kWhere = "netlink";

// NLMSG_ERROR, and NLMSG_DONE where a dump failed on its way: a negative errno.
Result<void> outcome(Bytes body) {
  const auto error = value_in<std::int32_t>(body);
  if (!error || *error >= 0) return {};
  return fail(classify_errno(-*error), kWhere, -*error);
}

}  // namespace

void NetlinkRequest::append(const void* data, std::size_t size) noexcept {
  const std::size_t aligned = netlink_aligned(size);
  if (aligned > bytes_.size() - size_) {
    fits_ = false;
    return;
  }
  if (size > 0) std::memcpy(bytes_.data() + size_, data, size);
  std::memset(bytes_.data() + size_ + size, 0, aligned - size);
  size_ += aligned;
}

NetlinkRequest& NetlinkRequest::add(std::uint16_t type, Bytes value) noexcept {
  const nlattr head{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + value.size()), .nla_type = type};
  append(&head, sizeof head);
  append(value.data(), value.size());
  return *this;
}

NetlinkRequest& NetlinkRequest::add_text(std::uint16_t type, std::string_view text) noexcept {
  std::array<char, 64> ended{};
  if (text.size() >= ended.size()) {
    fits_ = false;
    return *this;
  }
  std::memcpy(ended.data(), text.data(), text.size());
  return add(type, Bytes(ended.data(), text.size() + 1));
}

std::size_t NetlinkRequest::begin_nest(std::uint16_t type) noexcept {
  const std::size_t begun = size_;
  add(static_cast<std::uint16_t>(type | NLA_F_NESTED), Bytes());
  return begun;
}

void NetlinkRequest::end_nest(std::size_t begun) noexcept {
  if (!fits_) return;
  const auto length = static_cast<std::uint16_t>(size_ - begun);
  std::memcpy(bytes_.data() + begun + offsetof(nlattr, nla_len), &length, sizeof length);
}

Bytes NetlinkRequest::numbered(std::uint32_t sequence) noexcept {
  const nlmsghdr head{.nlmsg_len = static_cast<std::uint32_t>(size_),
                      .nlmsg_type = type_,
                      .nlmsg_flags = flags_,
                      .nlmsg_seq = sequence,
                      .nlmsg_pid = 0};
  std::memcpy(bytes_.data(), &head, sizeof head);
  return Bytes(bytes_).first(size_);
}

bool NetlinkAttributes::next() noexcept {
  if (rest_.empty()) return false;
  const auto head = value_in<nlattr>(rest_);
  if (!head || head->nla_len < NLA_HDRLEN || head->nla_len > rest_.size()) {
    torn_ = true;
    rest_ = {};
    return false;
  }
  current_ = {static_cast<std::uint16_t>(head->nla_type & NLA_TYPE_MASK),
              rest_.subspan(NLA_HDRLEN, head->nla_len - NLA_HDRLEN)};
  const std::size_t whole = netlink_aligned(head->nla_len);
  rest_ = whole < rest_.size() ? rest_.subspan(whole) : Bytes();
  return true;
}

Result<void> read_datagram(Bytes datagram, NetlinkProgress& progress, NetlinkTaker& taker) {
  while (!datagram.empty() && !progress.done) {
    const auto head = value_in<nlmsghdr>(datagram);
    if (!head || head->nlmsg_len < sizeof *head || head->nlmsg_len > datagram.size()) {
      return fail(Errc::malformed, kWhere);
    }
    const NetlinkMessage message{head->nlmsg_type, datagram.subspan(NLMSG_HDRLEN, head->nlmsg_len - NLMSG_HDRLEN)};
    const std::size_t whole = netlink_aligned(head->nlmsg_len);
    datagram = whole < datagram.size() ? datagram.subspan(whole) : Bytes();
    if (head->nlmsg_seq != progress.sequence || message.type == NLMSG_NOOP) continue;
    if ((head->nlmsg_flags & NLM_F_DUMP_INTR) != 0) progress.interrupted = true;
    if (message.type == NLMSG_DONE || message.type == NLMSG_ERROR) {
      progress.done = true;
      return outcome(message.body);
    }
    if (++progress.messages > kMostNetlinkMessages) return fail(Errc::too_large, kWhere);
    if (const auto taken = taker.take(message); !taken) return taken;
    if (!progress.dump) progress.done = true;
  }
  return {};
}

}  // namespace vitalsd
