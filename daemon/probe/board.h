// Where probes put what they found, and the collector `probe` takes it from: written on the loop, read by any thread.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/native_histogram.h"
#include "daemon/probe/outcome.h"
#include "daemon/probe/probe_spec.h"

namespace vitalsd {

/// All that is known of one probe. Never changed once it is posted.
struct ProbeFacts {
  std::optional<ProbeOutcome> last;
  std::array<std::uint64_t, kProbeFaults.size()> failures = {};
  std::array<NativeHistogram, kProbePhases.size()> phases;
};

class ProbeBoard {
 public:
  using Facts = std::shared_ptr<const ProbeFacts>;
  using Specs = std::vector<std::shared_ptr<const ProbeSpec>>;

  explicit ProbeBoard(Specs specs) : specs_(std::move(specs)), facts_(specs_.size()) {}
  /// By index, as facts().
  const Specs& specs() const noexcept { return specs_; }

  void post(std::size_t index, Facts facts) {
    const std::lock_guard lock(mutex_);
    facts_[index] = std::move(facts);
    changed_.notify_all();
  }
  /// Null for probes of which nothing is known yet.
  std::vector<Facts> facts() const {
    const std::lock_guard lock(mutex_);
    return facts_;
  }
  /// Waits until each probe has had its first result; for threads that may block.
  void await_first(std::chrono::steady_clock::time_point until, const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, until, [this] {
      for (const Facts& one : facts_) {
        if (!one || !one->last) return false;
      }
      return true;
    });
  }

 private:
  const Specs specs_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::vector<Facts> facts_;
};

}  // namespace vitalsd
