// A NetlinkSource in memory: replays answers, and records what was asked.
//   FakeNetlink netlink;
//   netlink.answer(RTM_GETLINK, {MessageBytes(RTM_NEWLINK, head).add(IFLA_IFNAME, "eth0").bytes()});
#pragma once

#include <linux/rtnetlink.h>

#include <cerrno>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/netlink.h"

namespace vitalsd {

/// Writes one message, as the kernel would.
class MessageBytes {
 public:
  template <class Head>
  MessageBytes(std::uint16_t type, const Head& head, std::uint16_t flags = NLM_F_MULTI) {
    const nlmsghdr header{.nlmsg_len = 0, .nlmsg_type = type, .nlmsg_flags = flags, .nlmsg_seq = 0, .nlmsg_pid = 0};
    append(&header, sizeof header);
    append(&head, sizeof head);
  }
  MessageBytes& add(std::uint16_t type, std::string_view value) {
    bytes_ += attribute(type, value);
    return *this;
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  MessageBytes& add(std::uint16_t type, T value) {
    return add(type, std::string_view(reinterpret_cast<const char*>(&value), sizeof value));
  }
  template <class T>
  MessageBytes& add_struct(std::uint16_t type, const T& value) {
    return add(type, std::string_view(reinterpret_cast<const char*>(&value), sizeof value));
  }
  std::string bytes() const {
    std::string all = bytes_;
    const auto length = static_cast<std::uint32_t>(all.size());
    std::memcpy(all.data(), &length, sizeof length);
    return all;
  }
  static std::string attribute(std::uint16_t type, std::string_view value) {
    const nlattr head{.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + value.size()), .nla_type = type};
    std::string out(reinterpret_cast<const char*>(&head), sizeof head);
    out.append(value);
    out.resize(netlink_aligned(out.size()));
    return out;
  }

 private:
  void append(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
    bytes_.resize(netlink_aligned(bytes_.size()));
  }
  std::string bytes_;
};

class FakeNetlink final : public NetlinkSource {
 public:
  /// Sets the answer to requests of this type, in place of earlier ones. All parts of an interrupted answer but the
  /// last are void.
  FakeNetlink& answer(std::uint16_t type, std::vector<std::string> messages) {
    answers_[type] = {std::move(messages)};
    errors_.erase(type);
    return *this;
  }
  FakeNetlink& then(std::uint16_t type, std::vector<std::string> messages) {
    answers_[type].push_back(std::move(messages));
    return *this;
  }
  /// Sets the answer by the first byte of the request's head, for requests that differ in a family or a command.
  FakeNetlink& answer(std::uint16_t type, int first, std::vector<std::string> messages) {
    by_head_[{type, first}] = std::move(messages);
    return *this;
  }
  FakeNetlink& error(std::uint16_t type, int sys) {
    errors_[type] = sys;
    return *this;
  }
  const std::vector<std::uint16_t>& asked() const { return asked_; }

 private:
  Result<void> converse(NetlinkRequest& request, std::optional<std::chrono::nanoseconds>,
                        NetlinkTaker& taker) override {
    asked_.push_back(request.type());
    if (const auto bad = errors_.find(request.type()); bad != errors_.end()) {
      return fail(classify_errno(bad->second), "fake netlink", bad->second);
    }
    const auto special = by_head_.find({request.type(), static_cast<unsigned char>(request.body()[0])});
    if (special != by_head_.end()) return give(special->second, request, taker);
    const auto found = answers_.find(request.type());
    if (found == answers_.end()) return fail(Errc::unavailable, "fake netlink", EOPNOTSUPP);
    if (!request.is_dump() && request.type() == RTM_GETLINK) return give_link(found->second.back(), request, taker);
    for (const auto& messages : found->second) {
      if (const auto given = give(messages, request, taker); !given) return given;
    }
    return {};
  }
  /// The one whose number was asked for.
  static Result<void> give_link(const std::vector<std::string>& messages, const NetlinkRequest& request,
                                NetlinkTaker& taker) {
    const auto index_in = [](Bytes body) { return value_in<ifinfomsg>(body)->ifi_index; };
    for (const std::string& message : messages) {
      if (index_in(Bytes(message).subspan(NLMSG_HDRLEN)) == index_in(request.body())) {
        return give({message}, request, taker);
      }
    }
    return fail(classify_errno(ENODEV), "fake netlink", ENODEV);
  }
  static Result<void> give(const std::vector<std::string>& messages, const NetlinkRequest& request,
                           NetlinkTaker& taker) {
    taker.begin();
    NetlinkProgress progress{.dump = request.is_dump()};
    for (const std::string& message : messages) {
      if (const auto read = read_datagram(message, progress, taker); !read) return read;
    }
    return {};
  }

  std::map<std::uint16_t, std::vector<std::vector<std::string>>> answers_;
  std::map<std::pair<std::uint16_t, int>, std::vector<std::string>> by_head_;
  std::map<std::uint16_t, int> errors_;
  std::vector<std::uint16_t> asked_;
};

}  // namespace vitalsd
