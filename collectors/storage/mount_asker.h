// Asks mounted file systems for their sizes, on a few threads of its own, so that one that never answers holds one of
// them and nothing else.
//   asker.ask(questions, deadline, stop); for (const auto& q : questions) if (q.outcome == Outcome::answered) ...
#pragma once

#include <sys/vfs.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>

namespace vitalsd {

class MountAsker {
 public:
  enum class Outcome : std::uint8_t { answered, failed, timed_out };

  struct Question {
    std::string_view path;
    std::uint64_t device = 0;  ///< two of the same are one file system, which is asked once at a time
    bool remote = false;       ///< who serves it may be gone
    Outcome outcome = Outcome::timed_out;
    int error = 0;  ///< errno of a failure
    struct statfs numbers = {};
  };

  /// Gives 0, or an errno. May block for ever.
  using Statfs = std::function<int(const char* path, struct statfs& out)>;

  /// All threads that there may be, however many mounts hang.
  static constexpr std::size_t kMostThreads = 8;
  /// Of these, how many may be held by mounts that have not answered yet and may hang: the rest is for all others.
  static constexpr std::size_t kMostDoubtful = 5;

  explicit MountAsker(Statfs ask);
  ~MountAsker();
  MountAsker(const MountAsker&) = delete;
  MountAsker& operator=(const MountAsker&) = delete;

  /// Fills the outcomes; returns when all are known, at the latest at `until`. A mount that has not answered a former
  /// question is timed out at once and asked again when it has. One call at a time.
  void ask(std::span<Question> questions, std::chrono::steady_clock::time_point until, const std::stop_token& stop);

  std::size_t threads() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace vitalsd
