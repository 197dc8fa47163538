#include "core/kept_files.h"

#include <sys/resource.h>

#include <algorithm>
#include <iterator>

namespace vitalsd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kForgottenAtOnce = 2;  // for each descriptor that is kept, so that their number falls
constexpr std::size_t kOthers = 32;  // what every process has open: standard streams, event queues, listeners

}  // namespace

std::size_t descriptor_limit(std::size_t most) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, most));
}

KeptBudget& KeptBudget::of_process() {
  static KeptBudget budget(limit_for(descriptor_limit(4 * kMost)));
  return budget;
}

std::size_t KeptBudget::limit_for(std::size_t descriptors) noexcept {
  return std::min(descriptors / 2 - std::min(kOthers, descriptors / 2), kMost);
}

std::size_t KeptBudget::processes_for(std::size_t descriptors) noexcept {
  if (descriptors < 2 * kOthers) return 0;
  constexpr std::size_t kLeft = kMost + 2048;
  return std::max(descriptors / 4 - kOthers / 2, descriptors - std::min(descriptors, kLeft));
}

std::size_t KeptBudget::limit() const {
  const std::lock_guard lock(mutex_);
  return limit_;
}

std::size_t KeptBudget::size() const {
  const std::lock_guard lock(mutex_);
  return order_.size();
}

void KeptBudget::set_limit(std::size_t limit) {
  Order closed;  // destroyed, and so closed, after the lock is released
  const std::lock_guard lock(mutex_);
  limit_ = limit;
  while (order_.size() > limit_) {
    const auto oldest = oldest_unused();
    if (oldest == order_.end()) break;
    take_out(oldest, closed);
  }
}

std::size_t KeptBudget::give_back(std::size_t count) {
  Order closed;
  const std::lock_guard lock(mutex_);
  while (closed.size() < count) {
    const auto oldest = oldest_unused();
    if (oldest == order_.end()) break;
    take_out(oldest, closed);
  }
  return closed.size();
}

KeptBudget::Order::iterator KeptBudget::oldest_unused() { return std::ranges::find(order_, false, &Entry::in_use); }

void KeptBudget::take_out(Order::iterator entry, Order& out) {
  entry->owner->erase(entry->name);
  out.splice(out.end(), order_, entry);
}

KeptFiles::Use KeptFiles::use(std::string_view path) {
  const std::lock_guard lock(budget_.mutex_);
  const auto found = names_.find(path);
  if (found == names_.end()) return {};
  const auto entry = found->second;
  entry->in_use = true;
  return {budget_, entry};
}

KeptFiles::Use KeptFiles::keep(std::string_view path, Fd fd) {
  KeptBudget::Order closed;
  const std::lock_guard lock(budget_.mutex_);
  auto& order = budget_.order_;
  const auto now = Clock::now();
  if (order.size() >= budget_.limit_) {
    const auto oldest = budget_.oldest_unused();
    if (budget_.limit_ == 0 || oldest == order.end() || now - oldest->used < budget_.patience_) {
      return Use(std::move(fd));
    }
    budget_.take_out(oldest, closed);
  }
  for (int i = 0; i < kForgottenAtOnce; ++i) {
    const auto oldest = budget_.oldest_unused();
    if (oldest == order.end() || now - oldest->used < budget_.forgotten_) break;
    budget_.take_out(oldest, closed);
  }
  const auto [name, added] = names_.try_emplace(std::string(path));
  if (!added) return Use(std::move(fd));
  const auto entry = order.emplace(order.end());
  entry->fd = std::move(fd);
  entry->owner = &names_;
  entry->name = name;
  entry->in_use = true;
  entry->used = now;
  name->second = entry;
  return {budget_, entry};
}

void KeptFiles::clear() {
  KeptBudget::Order closed;
  const std::lock_guard lock(budget_.mutex_);
  while (!names_.empty()) budget_.take_out(names_.begin()->second, closed);
}

void KeptFiles::Use::end(bool drop) noexcept {
  fd_ = -1;
  own_.reset();
  if (of_ == nullptr) return;
  KeptBudget::Order closed;
  KeptBudget& of = *std::exchange(of_, nullptr);
  const std::lock_guard lock(of.mutex_);
  entry_->in_use = false;
  if (drop) {
    of.take_out(entry_, closed);
    return;
  }
  entry_->used = Clock::now();
  of.order_.splice(of.order_.end(), of.order_, entry_);
}

}  // namespace vitalsd
