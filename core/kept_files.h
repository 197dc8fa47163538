// The descriptors that all sources of the process keep open between reads: one budget, taken from RLIMIT_NOFILE.
//   if (auto used = kept.use(path)) pread(used.fd(), ...); else kept.keep(path, std::move(fd));
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/fd.h"

namespace vitalsd {

/// The soft limit on descriptors of this process, at most `most`; 0 if getrlimit(2) fails.
std::size_t descriptor_limit(std::size_t most) noexcept;

/// The budget that sources on different threads share. When it is full, a new descriptor replaces the least recently
/// used one, unless that was used within the patience: with more files than places, some then stay open instead of each
/// being closed just before its next read.
class KeptBudget {
 public:
  static constexpr std::chrono::seconds kPatience{60};
  static constexpr std::chrono::minutes kForgotten{10};
  static constexpr std::size_t kMost = 4096;

  /// Descriptors unused for `forgotten`, such as those of an ended process, are closed as new ones are kept.
  explicit KeptBudget(std::size_t limit, std::chrono::nanoseconds patience = kPatience,
                      std::chrono::nanoseconds forgotten = kForgotten)
      : limit_(limit), patience_(patience), forgotten_(forgotten) {}

  /// The budget of the process, whose limit on descriptors is one, too. It is computed at the first call.
  static KeptBudget& of_process();
  /// How many of `descriptors` may be kept open; the others are for connections and everything else.
  static std::size_t limit_for(std::size_t descriptors) noexcept;

  /// The same for the files of processes, which their source keeps by process and not by path.
  static std::size_t processes_for(std::size_t descriptors) noexcept;

  /// Changes the limit and closes the descriptors beyond it.
  void set_limit(std::size_t limit);
  std::size_t limit() const;
  std::size_t size() const;
  /// Closes up to `count` descriptors that are not in use, for a caller that got EMFILE. Returns how many it closed.
  std::size_t give_back(std::size_t count);

 private:
  friend class KeptFiles;
  struct Entry;
  using Order = std::list<Entry>;  // the least recently used first
  using Names = std::map<std::string, Order::iterator, std::less<>>;
  struct Entry {
    Fd fd;
    Names* owner = nullptr;
    Names::iterator name = {};
    bool in_use = false;
    std::chrono::steady_clock::time_point used{};
  };

  Order::iterator oldest_unused();
  void take_out(Order::iterator entry, Order& out);

  mutable std::mutex mutex_;
  Order order_;
  std::size_t limit_;
  std::chrono::nanoseconds patience_, forgotten_;
};

/// The kept descriptors of one source, by path. One thread at a time uses it; others may close descriptors not in use.
class KeptFiles {
 public:
  explicit KeptFiles(KeptBudget& budget) : budget_(budget) {}
  ~KeptFiles() { clear(); }
  KeptFiles(const KeptFiles&) = delete;
  KeptFiles& operator=(const KeptFiles&) = delete;

  /// Holds a descriptor open for one use. Its end returns a kept one to the budget and closes any other.
  class Use {
   public:
    Use() = default;
    explicit Use(Fd own) : own_(std::move(own)), fd_(own_.get()) {}
    Use(Use&& other) noexcept
        : own_(std::move(other.own_)),
          fd_(std::exchange(other.fd_, -1)),
          of_(std::exchange(other.of_, nullptr)),
          entry_(other.entry_) {}
    Use& operator=(Use&&) = delete;
    ~Use() { end(false); }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    int fd() const noexcept { return fd_; }
    /// Closes the descriptor instead of keeping it.
    void drop() noexcept { end(true); }

   private:
    friend class KeptFiles;
    Use(KeptBudget& of, KeptBudget::Order::iterator entry) : fd_(entry->fd.get()), of_(&of), entry_(entry) {}
    void end(bool drop) noexcept;
    Fd own_;
    int fd_ = -1;
    KeptBudget* of_ = nullptr;
    KeptBudget::Order::iterator entry_{};
  };

  /// The kept descriptor of a path; false if there is none.
  Use use(std::string_view path);
  /// Keeps `fd` if the budget has room. In either case returns it for this use.
  Use keep(std::string_view path, Fd fd);
  void clear();

 private:
  KeptBudget& budget_;
  KeptBudget::Names names_;
};

}  // namespace vitalsd
