// Where the merger puts what it fetched, and the collector `merge` takes it from: written on the loop, read by any
// thread.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "collectors/formats/exposition.h"
#include "core/family.h"
#include "core/fd.h"
#include "daemon/merge/merge_spec.h"
#include "daemon/publish/names.h"

namespace vitalsd {

/// An answer that was understood. Views in `read` are of `text` and of itself: it is never copied.
struct MergeContent {
  std::string text;
  Exposition read;
};

/// All that is known of one source.
struct MergeState {
  bool known = false;  ///< it was asked
  double duration = kAbsent;
  std::shared_ptr<const MergeContent> content;    ///< null: the last request failed
  std::map<std::string, std::uint64_t> failures;  ///< by reason
};

/// What the merged families must get on with.
struct MergeNeighbours {
  NameBook names;  ///< the daemon's own families
  std::vector<std::string> external_labels;
};

class MergeBoard {
 public:
  using Specs = std::vector<std::shared_ptr<const MergeSpec>>;
  struct View {
    std::vector<MergeState> states;  ///< by index, as specs()
    std::shared_ptr<const MergeNeighbours> neighbours;
    std::uint64_t version = 0;  ///< moves whenever one of them changed
  };

  explicit MergeBoard(Specs specs) : specs_(std::move(specs)), changed_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    view_.states.resize(specs_.size());
    view_.neighbours = std::make_shared<const MergeNeighbours>();
  }
  const Specs& specs() const noexcept { return specs_; }
  /// Readable from each change to the next view().
  int changed_fd() const noexcept { return changed_fd_.get(); }

  void post(std::size_t index, MergeState state) {
    const std::lock_guard lock(mutex_);
    view_.states[index] = std::move(state);
    signal();
  }
  void post(std::shared_ptr<const MergeNeighbours> neighbours) {
    const std::lock_guard lock(mutex_);
    view_.neighbours = std::move(neighbours);
    signal();
  }
  View view() {
    const std::lock_guard lock(mutex_);
    std::uint64_t count = 0;
    (void)!::read(changed_fd_.get(), &count, sizeof count);
    return view_;
  }
  /// Waits until each source was asked once; for threads that may block.
  void await_first(std::chrono::steady_clock::time_point until, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, until, [this] {
      for (const MergeState& state : view_.states) {
        if (!state.known) return false;
      }
      return true;
    });
  }

 private:
  void signal() {
    ++view_.version;
    const std::uint64_t one = 1;
    (void)!::write(changed_fd_.get(), &one, sizeof one);
    changed_.notify_all();
  }

  const Specs specs_;
  const Fd changed_fd_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  View view_;
};

}  // namespace vitalsd
