// Requests, messages, attributes, and conversations with the running kernel.
#include "core/netlink.h"

#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/fake_netlink.h"
#include "tests/fakes/own_network.h"

namespace vitalsd {
namespace {

class Collected final : public NetlinkTaker {
 public:
  void begin() override {}
  Result<void> take(const NetlinkMessage& message) override {
    types.push_back(message.type);
    return {};
  }
  std::vector<int> types;
};

std::string message(std::uint16_t type, std::uint16_t flags = NLM_F_MULTI) {
  return MessageBytes(type, std::uint32_t{0}, flags).bytes();
}
std::string failure(std::uint16_t type, int error) { return MessageBytes(type, -error).bytes(); }

struct Read {
  Result<void> result;
  NetlinkProgress progress;
  std::vector<int> types;
};
Read read(const std::string& datagram, bool dump = true) {
  NetlinkProgress progress{.dump = dump};
  Collected collected;
  auto result = read_datagram(datagram, progress, collected);
  return {result, progress, collected.types};
}

TEST(NetlinkDatagram, EndsWithItsLastMessage) {
  const Read all = read(message(20) + message(21) + message(NLMSG_DONE) + message(22));
  ASSERT_TRUE(all.result);
  EXPECT_EQ(all.types, (std::vector{20, 21}));
  EXPECT_TRUE(all.progress.done);
  EXPECT_FALSE(read(message(20)).progress.done);
  EXPECT_TRUE(read(message(20), false).progress.done) << "one message answers what is no dump";
}

TEST(NetlinkDatagram, GivesTheKernelsError) {
  EXPECT_EQ(read(failure(NLMSG_ERROR, EPERM)).result.error().code, Errc::denied);
  EXPECT_EQ(read(failure(NLMSG_ERROR, EOPNOTSUPP)).result.error().code, Errc::unavailable);
  EXPECT_EQ(read(failure(NLMSG_DONE, ENOMEM)).result.error().sys, ENOMEM);
  EXPECT_TRUE(read(failure(NLMSG_ERROR, 0)).result) << "an acknowledgement";
}

TEST(NetlinkDatagram, KnowsAnInterruptedList) {
  EXPECT_TRUE(read(message(20, NLM_F_MULTI | NLM_F_DUMP_INTR) + message(NLMSG_DONE)).progress.interrupted);
  EXPECT_FALSE(read(message(20) + message(NLMSG_DONE)).progress.interrupted);
}

TEST(NetlinkDatagram, PassesOverOtherAnswers) {
  std::string old = message(20);
  const std::uint32_t sequence = 7;
  std::memcpy(old.data() + offsetof(nlmsghdr, nlmsg_seq), &sequence, sizeof sequence);
  EXPECT_EQ(read(old + message(21)).types, std::vector{21});
}

TEST(NetlinkDatagram, RefusesLengthsThatLie) {
  for (const std::uint32_t length : {0U, 4U, 15U, 21U, 0xFFFFFFFFU}) {
    std::string bad = message(20);
    std::memcpy(bad.data(), &length, sizeof length);
    const Read lied = read(bad);
    ASSERT_FALSE(lied.result) << length;
    EXPECT_EQ(lied.result.error().code, Errc::malformed);
    EXPECT_TRUE(lied.types.empty());
  }
  EXPECT_FALSE(read(message(20).substr(0, 9)).result);
}

TEST(NetlinkAttributes, StayWithinTheirBytes) {
  const std::string good = MessageBytes::attribute(1, "abc") + MessageBytes::attribute(2 | NLA_F_NESTED, "\x05");
  NetlinkAttributes attributes(good);
  ASSERT_TRUE(attributes.next());
  EXPECT_EQ(attributes->text(), "abc");
  EXPECT_FALSE(attributes->as<std::uint32_t>()) << "three bytes are no number of four";
  ASSERT_TRUE(attributes.next());
  EXPECT_EQ(attributes->type, 2) << "without the flag";
  EXPECT_EQ(attributes->as<std::uint8_t>(), 5);
  EXPECT_FALSE(attributes.next());
  EXPECT_FALSE(attributes.torn());

  for (const std::uint16_t length : {std::uint16_t{0}, std::uint16_t{3}, std::uint16_t{9}, std::uint16_t{0xFFFF}}) {
    std::string bad = MessageBytes::attribute(1, "abc");
    std::memcpy(bad.data(), &length, sizeof length);
    NetlinkAttributes torn(bad);
    EXPECT_FALSE(torn.next()) << length;
    EXPECT_TRUE(torn.torn());
  }
}

TEST(NetlinkRequest, LaysOutNests) {
  NetlinkRequest request(NETLINK_GENERIC, 17, std::uint32_t{1});
  const auto nest = request.begin_nest(1);
  request.add(2, std::uint32_t{3}).add_text(4, "eth0");
  request.end_nest(nest);
  const Bytes body = request.body();
  NetlinkAttributes outer(body.subspan(4));
  ASSERT_TRUE(outer.next());
  NetlinkAttributes inner(outer->data);
  ASSERT_TRUE(inner.next());
  EXPECT_EQ(inner->as<std::uint32_t>(), 3U);
  ASSERT_TRUE(inner.next());
  EXPECT_EQ(inner->text(), "eth0");
  EXPECT_FALSE(inner.next());
  EXPECT_FALSE(outer.next());
  EXPECT_TRUE(request.fits());
  for (int i = 0; i < 100; ++i) request.add(5, std::uint64_t{0});
  EXPECT_FALSE(request.fits()) << "it is not cut, but not sent";
}

std::vector<std::string> names_of(NetlinkSource& source) {
  std::vector<std::string> names;
  const auto asked = source.whole({NETLINK_ROUTE, RTM_GETLINK, ifinfomsg{}}, {}, [&](const NetlinkMessage& message) {
    NetlinkAttributes attributes(message.behind<ifinfomsg>());
    while (attributes.next()) {
      if (attributes->type == IFLA_IFNAME) names.emplace_back(attributes->text());
    }
    return Result<void>();
  });
  if (!asked) names = {describe(asked.error())};
  return names;
}

TEST(Netlink, ListsTheDevicesOfANamespace) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        if (!ip("link add d0 type bridge")) return kNoNamespace;
        const auto source = open_netlink();
        std::string all;
        for (const auto& name : names_of(*source)) all += name + " ";
        if (!ip("link add d1 type bridge")) return kNoNamespace;
        for (const auto& name : names_of(*source)) all += name + " ";
        return all;
      },
      "lo d0 lo d0 d1 ");
}

TEST(Netlink, SharesAnAnswerForAMoment) {
  EXPECT_IN_OWN_NETWORK(
      []() -> std::string {
        const auto source = open_netlink();
        const auto count = [&](std::chrono::nanoseconds age) {
          std::size_t messages = 0;
          (void)source->whole({NETLINK_ROUTE, RTM_GETLINK, ifinfomsg{}}, age, [&](const NetlinkMessage&) {
            ++messages;
            return Result<void>();
          });
          return std::to_string(messages) + " ";
        };
        std::string counts = count({});
        if (!ip("link add d0 type bridge")) return kNoNamespace;
        counts += count(std::chrono::hours(1));
        return counts + count({});
      },
      "1 1 2 ");
}

TEST(Netlink, ReturnsErrorsAndGoesOn) {
  const auto source = open_netlink();
  const auto ignore = [](const NetlinkMessage&) { return Result<void>(); };
  const auto unknown = source->whole({NETLINK_ROUTE, 2000, ifinfomsg{}}, {}, ignore);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::unavailable);
  const auto refused = source->stream(
      {NETLINK_ROUTE, RTM_GETLINK, ifinfomsg{}}, [] {},
      [](const NetlinkMessage&) { return fail(Errc::malformed, "mine"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "mine");
  EXPECT_FALSE(names_of(*source).empty()) << "what was left of the last answer is not taken for the next";
  EXPECT_EQ(names_of(*source).front(), "lo");
  EXPECT_FALSE(source->whole({NETLINK_AUDIT, 1, ifinfomsg{}}, {}, ignore));
}

TEST(Netlink, AnswersSeveralThreads) {
  const auto source = open_netlink();
  const auto expected = names_of(*source);
  std::vector<std::jthread> threads;
  std::vector<std::vector<std::string>> seen(4);
  for (auto& mine : seen) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) mine = names_of(*source);
    });
  }
  threads.clear();
  for (const auto& mine : seen) EXPECT_EQ(mine, expected);
}

}  // namespace
}  // namespace vitalsd
