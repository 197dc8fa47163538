// The descriptors that all sources of the process keep open between their reads: one budget, from RLIMIT_NOFILE.
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

/// The soft limit of this process, at most `most`; 0 where the system does not say.
std::size_t descriptor_limit(std::size_t most) noexcept;

/// What sources on different threads share. When it is full, the descriptor that was least recently used is closed for
/// a new one, unless it was used within the patience: of more files than there are places, some stay open instead of
/// each being closed just before it is read again.
class KeptBudget {
 public:
  static constexpr std::chrono::seconds kPatience{60};
  static constexpr std::chrono::minutes kForgotten{10};
  static constexpr std::size_t kMost = 4096;

  /// What was not used for as long as `forgotten`, as the files of an ended process, is closed as others are opened.
  explicit KeptBudget(std::size_t limit, std::chrono::nanoseconds patience = kPatience,
                      std::chrono::nanoseconds forgotten = kForgotten)
      : limit_(limit), patience_(patience), forgotten_(forgotten) {}

  /// The one of the process, as its limit of descriptors is one. It begins with what that limit allows at its first
  /// use.
  static KeptBudget& of_process();
  /// How many may stay open where the process may have `descriptors`; the others are for connections and the rest.
  static std::size_t limit_for(std::size_t descriptors) noexcept;

  /// The same for the files of processes, which their source keeps by process and not by path.
  static std::size_t processes_for(std::size_t descriptors) noexcept;

  /// Closes what is too many from now on.
  void set_limit(std::size_t limit);
  std::size_t limit() const;
  std::size_t size() const;
  /// Closes up to `count` of those that nobody is reading; for who gets EMFILE. How many were closed.
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

/// The kept descriptors of one source, by path. One thread at a time uses it; others may close what it does not use.
class KeptFiles {
 public:
  explicit KeptFiles(KeptBudget& budget) : budget_(budget) {}
  ~KeptFiles() { clear(); }
  KeptFiles(const KeptFiles&) = delete;
  KeptFiles& operator=(const KeptFiles&) = delete;

  /// Holds a descriptor open while it lives: kept for the next time, or of this time alone.
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
    /// Closes it: it is of no more use.
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
  /// Keeps it if there is a place, and gives it for this use in either case.
  Use keep(std::string_view path, Fd fd);
  void clear();

 private:
  KeptBudget& budget_;
  KeptBudget::Names names_;
};

}  // namespace vitalsd
