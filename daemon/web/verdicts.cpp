#include "daemon/web/verdicts.h"

#include <algorithm>

#include "daemon/config/bcrypt.h"

namespace vitalsd {
using http::Credentials, http::Entry;

Entry Verdicts::of(const Credentials& shown, std::string_view hash) const {
  const auto known = granted_.find(shown.user);
  const bool holds = known != granted_.end() && !hash.empty() && known->second.hash == hash;
  if (holds && bcrypt::are_equal(known->second.shown.password, shown.password)) return Entry::granted;
  const auto same = [&](const Seen& one) {
    return one.shown.user == shown.user && one.shown.password == shown.password && one.hash == hash;
  };
  return std::ranges::any_of(denied_, same) ? Entry::denied : Entry::busy;
}

void Verdicts::remember(const Credentials& shown, std::string_view hash, bool granted) {
  if (shown.user.size() + shown.password.size() > kMostBytes) return;
  Seen seen{shown, std::string(hash)};
  if (granted) {
    granted_.insert_or_assign(shown.user, std::move(seen));
    return;
  }
  if (denied_.size() == kFailures) denied_.pop_front();
  denied_.push_back(std::move(seen));
}

void Verdicts::keep(const std::map<std::string, std::string, std::less<>>& users) {
  std::erase_if(granted_, [&](const auto& one) {
    const auto user = users.find(one.first);
    return user == users.end() || user->second != one.second.hash;
  });
}

}  // namespace vitalsd
