#include "collectors/kit/patient_thread.h"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace vitalsd {

struct PatientThread::State {
  std::mutex mutex;
  std::condition_variable wanted, done;
  std::shared_ptr<void> with;
  void (*work)(void*) = nullptr;
  bool running = false, busy = false, ending = false;

  static void serve(const std::shared_ptr<State>& self) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals belong to the loop
    std::unique_lock lock(self->mutex);
    while (true) {
      self->wanted.wait(lock, [&] { return self->busy || self->ending; });
      if (!self->busy) return;
      lock.unlock();
      self->work(self->with.get());
      lock.lock();
      self->busy = false;
      self->done.notify_all();
    }
  }
};

PatientThread::PatientThread() : state_(std::make_shared<State>()) {}

PatientThread::~PatientThread() {
  const std::lock_guard lock(state_->mutex);
  state_->ending = true;
  state_->wanted.notify_all();
}

bool PatientThread::busy() const {
  const std::lock_guard lock(state_->mutex);
  return state_->busy;
}

PatientThread::Outcome PatientThread::run(std::shared_ptr<void> with, void (*work)(void*),
                                          std::chrono::steady_clock::time_point until) {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  if (state.busy) return Outcome::late;
  if (!state.running) {
    try {
      std::thread(&State::serve, state_).detach();
      state.running = true;
    } catch (const std::system_error&) {
      return Outcome::refused;  // the next call tries again
    }
  }
  state.with = std::move(with);
  state.work = work;
  state.busy = true;
  state.wanted.notify_one();
  return state.done.wait_until(lock, until, [&] { return !state.busy; }) ? Outcome::done : Outcome::late;
}

}  // namespace vitalsd
