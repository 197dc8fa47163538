// Runs what may hang in the kernel on a thread of its own, and waits for it no longer than until a deadline.
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
    late,     ///< not back yet; until then nothing else is begun
    refused,  ///< the system gives no thread at the moment
  };

  PatientThread();
  /// A thread that hangs goes on by itself and ends when it comes back.
  ~PatientThread();
  PatientThread(const PatientThread&) = delete;
  PatientThread& operator=(const PatientThread&) = delete;

  /// Whether the work of a former call is still under way: what it was given is not to be touched.
  bool busy() const;
  /// Calls work(with.get()). The thread is started when first needed and then waits for the next work.
  Outcome run(std::shared_ptr<void> with, void (*work)(void*), std::chrono::steady_clock::time_point until);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace vitalsd
