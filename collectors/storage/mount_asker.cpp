#include "collectors/storage/mount_asker.h"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace vitalsd {
namespace {

// How long a thread may be with one file system before another thread takes those that wait behind it.
constexpr auto kPatience = std::chrono::milliseconds(10);

}  // namespace

struct MountAsker::State {
  // What is known of one mount. Those that are asked stay in the map until they have answered.
  struct Entry {
    std::uint64_t device = 0;
    bool remote = false;
    bool asked = false;     // by a thread, which has not come back
    bool answered = false;  // since the present round began
    bool waiting = false;   // in the queue of the present round
    bool proven = false;    // answered in time when last asked
    bool hung = false;      // did not, when last asked
    bool doubtful = false;  // as it is counted among those that are asked
    std::uint64_t round = 0;
    int error = 0;
    struct statfs numbers = {};
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  explicit State(Statfs call) : statfs_call(std::move(call)) {
    queue.reserve(64);
    asked_devices.reserve(kMostThreads);
  }

  const Statfs statfs_call;
  std::mutex mutex;
  std::condition_variable_any work, done;
  Entries entries;
  std::vector<Entries::value_type*> queue;
  std::size_t next = 0;     // of the queue: all before it are taken
  std::size_t pending = 0;  // of the present round: in the queue or with a thread
  std::vector<std::uint64_t> asked_devices;
  std::size_t doubtful = 0;  // threads that are with a doubtful mount
  std::size_t threads = 0, idle = 0;
  std::uint64_t round = 0;
  bool stopping = false;

  bool may_ask(const Entry& entry) const {
    if (std::ranges::find(asked_devices, entry.device) != asked_devices.end()) return false;
    return entry.proven || !(entry.remote || entry.hung) || doubtful < kMostDoubtful;
  }

  Entries::value_type* take() {
    while (next < queue.size() && queue[next] == nullptr) ++next;
    for (std::size_t i = next; i < queue.size(); ++i) {
      if (queue[i] == nullptr || !may_ask(queue[i]->second)) continue;
      return std::exchange(queue[i], nullptr);
    }
    return nullptr;
  }

  static void serve(const std::shared_ptr<State>& self) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the loop's
    std::unique_lock lock(self->mutex);
    while (!self->stopping) {
      if (Entries::value_type* const taken = self->take()) {
        self->serve_one(*taken, lock);
      } else if (self->idle > 0) {
        break;  // one spare thread is enough
      } else {
        ++self->idle;
        self->work.wait(lock);
        --self->idle;
      }
    }
    --self->threads;
  }

  void serve_one(Entries::value_type& taken, std::unique_lock<std::mutex>& lock) {
    Entry& entry = taken.second;
    const std::uint64_t asked_in = round;
    entry.waiting = false;
    entry.asked = true;
    entry.doubtful = !entry.proven && (entry.remote || entry.hung);
    if (entry.doubtful) ++doubtful;
    asked_devices.push_back(entry.device);
    const std::uint64_t device = entry.device;
    lock.unlock();
    struct statfs numbers = {};
    const int error = statfs_call(taken.first.c_str(), numbers);
    lock.lock();
    std::erase(asked_devices, device);
    if (entry.doubtful) --doubtful;
    entry.asked = entry.hung = false;
    entry.proven = entry.answered = true;
    entry.error = error;
    entry.numbers = numbers;
    if (asked_in == round && --pending == 0) done.notify_all();
  }

  void add_thread(const std::shared_ptr<State>& self) {
    if (threads >= kMostThreads) return;
    ++threads;
    try {
      std::thread(&State::serve, self).detach();
    } catch (const std::system_error&) {
      --threads;  // the limit of the system: those that there are go on
    }
  }

  bool anything_to_take() const {
    return std::any_of(queue.begin() + static_cast<std::ptrdiff_t>(next), queue.end(),
                       [this](const auto* each) { return each != nullptr && may_ask(each->second); });
  }

  void begin(std::span<const Question> questions) {
    ++round;
    queue.clear();
    next = pending = 0;
    for (const Question& question : questions) {
      auto found = entries.find(question.path);
      if (found == entries.end()) found = entries.emplace(std::string(question.path), Entry{}).first;
      Entry& entry = found->second;
      if (entry.round == round) continue;  // the same path twice
      entry.round = round;
      entry.answered = false;
      if (entry.asked) continue;  // has not answered since a former round
      entry.device = question.device;
      entry.remote = question.remote;
      if (std::ranges::find(asked_devices, entry.device) != asked_devices.end()) continue;  // nor has its file system
      entry.waiting = true;
      queue.push_back(&*found);
      ++pending;
    }
  }

  void finish(std::span<Question> questions) {
    for (auto* const left : queue) {
      if (left != nullptr) left->second.waiting = false;
    }
    queue.clear();
    next = pending = 0;
    ++round;  // what comes back from now on is of no round
    for (Question& question : questions) {
      Entry& entry = entries.find(question.path)->second;
      entry.round = round;
      if (!entry.answered) {
        question.outcome = Outcome::timed_out;
        if (entry.asked) entry.hung = true;
        entry.proven = entry.proven && !entry.hung;
        continue;
      }
      question.outcome = entry.error == 0 ? Outcome::answered : Outcome::failed;
      question.error = entry.error;
      question.numbers = entry.numbers;
    }
    if (entries.size() > questions.size())
      std::erase_if(entries, [this](const auto& each) { return !each.second.asked && each.second.round != round; });
  }
};

MountAsker::MountAsker(Statfs ask) : state_(std::make_shared<State>(std::move(ask))) {}

MountAsker::~MountAsker() {
  const std::lock_guard lock(state_->mutex);
  state_->stopping = true;  // a thread that hangs keeps the state until it comes back
  state_->work.notify_all();
}

void MountAsker::ask(std::span<Question> questions, std::chrono::steady_clock::time_point until,
                     const std::stop_token& stop) {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  state.begin(questions);
  // One thread serves them all as long as they answer.
  bool help = state.pending > 0;
  while (state.pending > 0 && !stop.stop_requested()) {
    if (help && state.anything_to_take()) {
      if (state.idle > 0) {
        state.work.notify_one();
      } else {
        state.add_thread(state_);
      }
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) break;
    const auto before = state.pending;
    state.done.wait_until(lock, std::min(until, now + kPatience));
    help = state.pending == before || state.threads == 0;
  }
  state.finish(questions);
}

std::size_t MountAsker::threads() const {
  const std::lock_guard lock(state_->mutex);
  return state_->threads;
}

}  // namespace vitalsd
