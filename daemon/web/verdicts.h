// What comparisons of passwords have found: it outlives a renewal of the web configuration, so that nobody who was let
// in has to wait for a comparison again unless his own hash has changed.
//   verdicts.of(shown, hash) == http::Entry::granted; http::Entry::busy: not known
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "exporters/http/basic_auth.h"
#include "exporters/http/guard.h"

namespace vitalsd {

/// A verdict holds for the hash that it was found with; that of a user who is not known has an empty one.
class Verdicts {
 public:
  /// granted, denied, or busy when it takes a comparison.
  http::Entry of(const http::Credentials& shown, std::string_view hash) const;
  void remember(const http::Credentials& shown, std::string_view hash, bool granted);
  /// Forgets those who were let in and whom `users` (name to hash) does not have any more.
  void keep(const std::map<std::string, std::string, std::less<>>& users);

 private:
  static constexpr std::size_t kFailures = 64;     ///< remembered, so that a wrong password in a scraper costs once
  static constexpr std::size_t kMostBytes = 1024;  ///< of user and password that are remembered
  struct Seen {
    http::Credentials shown;
    std::string hash;
  };
  std::map<std::string, Seen, std::less<>> granted_;  ///< by user: the password that was right
  std::deque<Seen> denied_;
};

}  // namespace vitalsd
