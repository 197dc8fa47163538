// Runs work that may hang in the kernel on a thread of its own, and waits for it until a deadline.
//   thread.run(shared, [](void* asked) { static_cast<Asked*>(asked)->ask(); }, until)  ->  late: the thread still has
//   it
#pragma once

#include <chrono>
#include <memory>

namespace vitalsd {

class PatientThread {
 public:
  enum class Outcome : unsigned char {
    done,
    late,     ///< the work has not returned yet; until then no other work begins
    refused,  ///< the system cannot start a thread at the moment
  };

  PatientThread();
  /// A thread that hangs continues by itself and ends when its work returns.
  ~PatientThread();
  PatientThread(const PatientThread&) = delete;
  PatientThread& operator=(const PatientThread&) = delete;

  /// Whether the work of an earlier call is still under way. What was passed to it must not be touched then.
  bool busy() const;
  /// Calls work(with.get()). The thread starts at the first call, and waits for more work afterwards.
  Outcome run(std::shared_ptr<void> with, void (*work)(void*), std::chrono::steady_clock::time_point until);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace vitalsd
