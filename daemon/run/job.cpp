#include "daemon/run/job.h"

#include <fcntl.h>

#include <algorithm>
#include <exception>

#include "core/cpu_time.h"
#include "core/retry.h"
#include "core/sink.h"

namespace vitalsd {
namespace {

constexpr std::size_t kMaxFaults = 64;  // of one run; what is beyond says nothing new
constexpr std::size_t kMaxEvents = 64;  // of one run

constexpr std::chrono::milliseconds kShort{1};  // of a run on the loop: not longer than encoding what it publishes

bool has_node_families(const CollectorSpec* spec) {
  return spec != nullptr &&
         std::ranges::any_of(spec->families, [](const Family* f) { return f->name.starts_with("node_"); });
}

}  // namespace

Job::Job(boost::asio::io_context& loop, std::string name, CollectorConfig config, std::unique_ptr<Collector> collector,
         Host host, std::function<void(Job&)> on_finished)
    : speaks_for_node_exporter(has_node_families(find_collector(name))),
      timer(loop),
      rest(loop),
      name_(std::move(name)),
      config_(std::move(config)),
      collector_(std::move(collector)),
      host_(std::move(host)),
      pace_(collector_->pace(config_.interval)),
      on_finished_(std::move(on_finished)),
      never_waits_(host_.opening && find_collector(name_) != nullptr && find_collector(name_)->never_waits) {
  (void)renew_wake();
}

// The loop polls a duplicate: the collector may close its own whenever it likes.
bool Job::renew_wake() {
  const int fd = wake ? -1 : collector_->wake_fd();
  const int own = fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own >= 0) wake.emplace(timer.get_executor(), own);
  return own >= 0;
}

// A run that read no more than what woke it says nothing of the rest.
void Job::note_lack() {
  if (partial_) return;
  facts.lack.clear();
  const auto faults = std::span(faults_).first(fault_count_);
  const auto found = std::ranges::find_if(faults, [](const auto& fault) { return is_exhausted(fault.error.sys); });
  if (found != faults.end()) facts.lack = std::string(found->field) + ": " + describe(found->error);
  if (error_ && is_exhausted(error_->sys)) facts.lack = describe(*error_);
}

void Job::prepare(bool woken) {
  state_ = State::running;
  woken_ = woken;
  started = host_.clock->steady();
  if (stop_.stop_requested()) stop_ = {};
  // The block that was published last is in use; the one before it is ours again, unless a slow scrape still holds it.
  if (!spare_ || spare_.use_count() > 1) spare_ = std::make_shared<Block>();
  std::swap(filling_, spare_);
  if (host_.opening) host_.opening->opened = false;
}

bool Job::start(Pool& pool, bool woken) {
  self_ = shared_from_this();
  prepare(woken);
  return pool.submit(*this);
}

bool Job::run_here(std::string& scratch) {
  if (!settled_) return false;
  prepare(false);
  host_.opening->kept_only = true;
  run(scratch);
  host_.opening->kept_only = false;
  if (!host_.opening->opened) {
    conclude();
    return true;
  }
  std::swap(filling_, spare_);  // the published block is the one in use again
  state_ = State::waiting;
  settled_ = false;
  return false;
}

bool Job::run_without_thread(std::string& scratch) {
  if (!never_waits_) return false;
  prepare(false);
  host_.opening->no_waiting = true;
  run(scratch);
  host_.opening->no_waiting = false;
  conclude();
  return true;
}

bool Job::withdraw(Pool& pool) {
  if (!pool.withdraw(*this)) return false;
  const auto keep_alive = std::move(self_);
  std::swap(filling_, spare_);  // the published block is the one in use again
  state_ = State::waiting;
  return true;
}

void Job::run(std::string& scratch) noexcept {
  filling_->clear();
  error_.reset();
  fault_count_ = 0;
  events_.clear();
  BlockSink sink(*filling_);
  CollectContext context{host_,
                         stop_.get_token(),
                         started + config_.timeout,
                         scratch,
                         *this,
                         this,
                         std::max(config_.fresh - pace(), std::chrono::nanoseconds(0)),
                         woken_};
  const SteadyTime begin = host_.clock->steady();
  const auto cpu_begin = thread_cpu();
  try {
    if (const auto result = collector_->collect(context, sink); !result) error_ = result.error();
    if (!error_) filling_->finish();
  } catch (...) {
    error_ = Error{Errc::io, 0, "exception while collecting"};  // a defect, but not one that may end the daemon
  }
  partial_ = context.partial;
  duration_ = host_.clock->steady() - begin;
  cpu_ = thread_cpu() - cpu_begin;
}

void Job::finished() noexcept {
  const auto keep_alive = std::move(self_);
  if (state_ == State::stuck) error_ = Error{Errc::timed_out, 0, "collect"};
  conclude();
  on_finished_(*this);
}

void Job::conclude() {
  state_ = State::waiting;
  facts.cpu += cpu_;
  note_lack();
  pace_ = collector_->pace(config_.interval);
  settled_ = never_waits_ && !error_ && !host_.opening->opened && duration_ < kShort;
}

void Job::give_up() {
  state_ = State::stuck;
  stop_.request_stop();
}

std::shared_ptr<const Block> Job::take_block() {
  if (error_) return nullptr;
  return filling_;
}

RunReport Job::report() const { return {error_, duration_, std::span(faults_).first(fault_count_), events_, partial_}; }

void Job::partial(std::string_view entity, std::string_view field, const Error& error, std::string_view remedy) {
  if (fault_count_ == kMaxFaults) return;
  if (fault_count_ == faults_.size()) faults_.emplace_back();
  PartialFault& fault = faults_[fault_count_++];
  fault.entity = entity;
  fault.field = field;
  fault.error = error;
  fault.remedy = remedy;
}

void Job::happened(const Event& event) {
  if (events_.size() == kMaxEvents) return;
  events_.push_back({event.kind, std::string(event.entity), std::string(event.detail)});
}

}  // namespace vitalsd
