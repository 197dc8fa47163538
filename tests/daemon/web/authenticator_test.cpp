// Who is let in, how often a hash is compared, and in which order.
#include "daemon/web/authenticator.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <vector>

namespace vitalsd {
namespace {

using http::Entry;
using namespace std::chrono_literals;

constexpr const char* kHash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";  // of U*U
constexpr const char* kRight = "Basic YWxpY2U6VSpV";                                           // alice:U*U
constexpr const char* kWrong = "Basic YWxpY2U6VSpW";                                           // alice:U*V
constexpr const char* kStranger = "Basic Ym9iOlUqVQ==";                                        // bob:U*U

class AuthenticatorTest : public testing::Test {
 protected:
  void TearDown() override {
    pool_.stop(std::chrono::steady_clock::now() + 20s);
    pool_.drain();
  }
  Authenticator& made(WebSecurity security) {
    return authenticator_.emplace(loop_, pool_, clock_, std::make_shared<WebSecurity>(std::move(security)), verdicts_);
  }
  Authenticator& with_alice() { return made({.users = {{"alice", kHash}}}); }

  /// Judges all of these at once.
  std::vector<Entry> judge(const std::vector<const char*>& shown) {
    std::vector<Entry> entries(shown.size());
    std::size_t left = shown.size();
    for (std::size_t i = 0; i < shown.size(); ++i) {
      boost::asio::co_spawn(loop_, authenticator_->judge(shown[i], i >= familiar_from_),
                            [&, i](std::exception_ptr error, Entry entry) {
                              EXPECT_FALSE(error);
                              entries[i] = entry;
                              order_.push_back(i);
                              --left;
                            });
    }
    loop_.restart();
    boost::asio::posix::stream_descriptor finished(loop_, pool_.finished_fd());
    while (left > 0) {
      loop_.run_one_for(5ms);
      pool_.drain();
    }
    finished.release();
    return entries;
  }
  Entry judge(const char* shown) { return judge(std::vector{shown}).front(); }
  /// What is compared from now on is never answered.
  void stop_comparing() { pool_.stop(std::chrono::steady_clock::now() + 20s); }

  Clock clock_;
  boost::asio::io_context loop_{1};
  Pool pool_{4};
  std::optional<Authenticator> authenticator_;
  std::vector<std::size_t> order_;
  std::shared_ptr<Verdicts> verdicts_ = std::make_shared<Verdicts>();
  std::size_t familiar_from_ = 1000;  ///< the index of the first one whose address was let in before
};

TEST_F(AuthenticatorTest, OnlyTheRightPasswordOfAKnownUserOpens) {
  with_alice();
  for (const char* shown : {"", "Basic !", "Bearer x", kWrong, kStranger})
    EXPECT_EQ(judge(shown), Entry::denied) << shown;
  EXPECT_EQ(judge(kRight), Entry::granted);
  EXPECT_EQ(judge(kStranger), Entry::denied) << "the password of another";
  EXPECT_EQ(judge(kWrong), Entry::denied);
}

TEST_F(AuthenticatorTest, WithoutUsersAllAreLetIn) {
  made({});
  EXPECT_EQ(judge(""), Entry::granted);
}

TEST_F(AuthenticatorTest, WhatWasComparedIsRemembered) {
  with_alice();
  EXPECT_EQ(judge(kRight), Entry::granted);
  EXPECT_EQ(judge(kWrong), Entry::denied);
  EXPECT_EQ(judge(kStranger), Entry::denied);
  stop_comparing();
  EXPECT_EQ(judge(kRight), Entry::granted);
  EXPECT_EQ(judge(kWrong), Entry::denied);
  EXPECT_EQ(judge(kStranger), Entry::denied);
}

TEST_F(AuthenticatorTest, GuessesDoNotDelayWhoIsKnown) {
  with_alice();
  EXPECT_EQ(judge(kRight), Entry::granted);
  EXPECT_EQ(judge({kWrong, kStranger, kRight}), (std::vector{Entry::denied, Entry::denied, Entry::granted}));
  EXPECT_EQ(order_[1], 2U) << "the one that needs no comparison is answered first";
}

TEST_F(AuthenticatorTest, ThoseWhoWaitAreServedInTurnAndOneComparisonAnswersAllAlike) {
  with_alice();
  EXPECT_EQ(judge({kWrong, kRight, kRight, kWrong}),
            (std::vector{Entry::denied, Entry::granted, Entry::granted, Entry::denied}));
  EXPECT_EQ(order_, (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST_F(AuthenticatorTest, TooManyAreToldToComeAgain) {
  with_alice();
  const std::vector<const char*> crowd(40, kWrong);
  const auto entries = judge(crowd);
  EXPECT_EQ(std::ranges::count(entries, Entry::busy), 40 - 33) << "one is compared and 32 wait";
  EXPECT_EQ(std::ranges::count(entries, Entry::denied), 33);
}

TEST_F(AuthenticatorTest, ARenewalForgetsOnlyThoseWhoseHashHasChanged) {
  with_alice();
  EXPECT_EQ(judge(kRight), Entry::granted);
  EXPECT_EQ(judge(kWrong), Entry::denied);
  EXPECT_EQ(judge(kStranger), Entry::denied);
  made({.users = {{"alice", kHash}, {"carol", kHash}}});
  stop_comparing();
  EXPECT_EQ(judge(kRight), Entry::granted);
  EXPECT_EQ(judge(kWrong), Entry::denied);
  EXPECT_EQ(judge(kStranger), Entry::denied);
}

TEST_F(AuthenticatorTest, AnotherHashIsComparedAgain) {
  constexpr const char* kOther = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK";  // of U*U*
  with_alice();
  EXPECT_EQ(judge(kRight), Entry::granted);
  made({.users = {{"alice", kOther}}});
  EXPECT_EQ(judge(kRight), Entry::denied);
  made({.users = {{"bob", kHash}}});
  EXPECT_EQ(judge(kRight), Entry::denied) << "not a user any more";
  EXPECT_EQ(judge(kStranger), Entry::granted);
}

TEST_F(AuthenticatorTest, GuessesFillNoQueueButTheirOwn) {
  with_alice();
  std::vector<const char*> crowd(40, kStranger);
  crowd.push_back(kRight);
  const auto entries = judge(crowd);
  EXPECT_EQ(entries.back(), Entry::granted);
  EXPECT_EQ(std::ranges::count(entries, Entry::busy), 40 - 33);
}

TEST_F(AuthenticatorTest, AFamiliarAddressWaitsForNoStranger) {
  with_alice();
  std::vector<const char*> crowd(40, kWrong);
  crowd.push_back(kRight);
  familiar_from_ = 40;
  EXPECT_EQ(judge(crowd).back(), Entry::granted);
}

TEST_F(AuthenticatorTest, TheLimitOfRateRefills) {
  struct HeldClock final : Clock {
    std::chrono::steady_clock::time_point steady() const noexcept override { return now; }
    std::chrono::steady_clock::time_point now{};
  } clock;
  authenticator_.emplace(loop_, pool_, clock,
                         std::make_shared<WebSecurity>(WebSecurity{.rate_interval = 10s, .rate_burst = 2}), verdicts_);
  const auto three = [&] { return judge({"", "", ""}); };
  EXPECT_EQ(three(), (std::vector{Entry::granted, Entry::granted, Entry::too_fast}));
  clock.now += 9s;
  EXPECT_EQ(judge(""), Entry::too_fast);
  clock.now += 1s;
  EXPECT_EQ(three(), (std::vector{Entry::granted, Entry::too_fast, Entry::too_fast}));
  clock.now += 1h;
  EXPECT_EQ(three(), (std::vector{Entry::granted, Entry::granted, Entry::too_fast})) << "no more than the burst";
}

TEST_F(AuthenticatorTest, TheLimitOfRateComesFirst) {
  made({.users = {{"alice", kHash}}, .rate_interval = 1h, .rate_burst = 2});
  EXPECT_EQ(judge({"", kRight, kRight, ""}),
            (std::vector{Entry::denied, Entry::granted, Entry::too_fast, Entry::too_fast}));
}

}  // namespace
}  // namespace vitalsd
