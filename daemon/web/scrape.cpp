#include "daemon/web/scrape.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/label_text.h"
#include "daemon/publish/publisher.h"
#include "daemon/run/on_pool.h"
#include "daemon/run/policy.h"
#include "exporters/http/accept.h"
#include "exporters/http/negotiate.h"
#include "exporters/http/query.h"

namespace vitalsd {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kInlineSamples = 10'000;  // about a millisecond of encoding and two of compressing

// Counts a request for as long as its coroutine lives, however that ends.
class Ticket {
 public:
  explicit Ticket(unsigned& count) : count_(count) { ++count_; }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() { --count_; }

 private:
  unsigned& count_;
};

std::string label_text(const std::vector<std::pair<std::string, std::string>>& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text += (text.empty() ? "" : ",") + label_text_of(name, value);
  }
  return text;
}

}  // namespace

// An encoding on the pool: owns what it reads and writes, and tells those who wait for it.
struct Scrape::Work {
  Kept wanted;
  std::uint64_t epoch = 0;
  SteadyTime started{};
  Snapshot snapshot;
  Encoders encoders;
  std::shared_ptr<std::string> plain = std::make_shared<std::string>();
  std::shared_ptr<std::string> compressed;
  std::vector<std::shared_ptr<asio::steady_timer>> waiting;
};

Scrape::Scrape(asio::io_context& loop, Pool& pool, Scheduler& scheduler, Store& store, Telemetry& telemetry,
               const Clock& clock, Log& log, std::function<void()> before)
    : loop_(loop),
      pool_(pool),
      scheduler_(scheduler),
      store_(store),
      telemetry_(telemetry),
      clock_(clock),
      log_(log),
      before_(std::move(before)) {}

void Scrape::configure(const Config& config) {
  external_ = label_text(config.external_labels);
  encoders_ = Encoders(external_);
  max_requests_ = config.web.max_requests;
  // The daemon's own block costs next to nothing: it is as fresh as the most demanding collector.
  fresh_ = std::chrono::seconds(1);
  for (const auto& [name, collector] : config.collectors) {
    if (collector.enabled) fresh_ = std::min(fresh_, collector.fresh);
  }
  cache_ = {};
  if (work_) work_->epoch = 0;  // encoded with what no longer holds
}

asio::awaitable<http::Response> Scrape::serve(http::Request request) {
  if (max_requests_ != 0 && under_way_ >= max_requests_) {
    co_return http::text_response(
        503, "Limit of concurrent requests reached (" + std::to_string(max_requests_) + "), try again later.");
  }
  const Ticket ticket(under_way_);
  Selection selection = select(request.query);
  if (!selection.error.empty()) co_return http::text_response(400, selection.error);
  const Form form = http::accepted_form(request.accept);
  const Kept wanted{variant_of(form), http::accepts_gzip(request.accept_encoding)};
  const bool all = selection.collectors.empty();
  const SteadyTime requested = clock_.steady();
  const auto budget = policy::scrape_budget(request.scrape_timeout);
  co_await scheduler_.refresh(selection.collectors, budget);
  refresh_telemetry(requested);

  http::Response response{.content_type = content_type(form)};
  response.vary_encoding = true;
  if (wanted.gzip) response.content_encoding = "gzip";
  if (all) {
    response.body = co_await complete(wanted);
    ++served_;
  } else {
    before_();
    selection.collectors.emplace_back(kTelemetryBlock);
    if (selection.with_published) store_.append_names(kPublishedPrefix, selection.collectors);
    response.body = encode(store_.snapshot_of(selection.collectors), wanted);
  }
  co_return response;
}

// As node_exporter: collect[] takes only those, exclude[] all but those, both are an error, and so is a name that
// is unknown or not enabled.
Scrape::Selection Scrape::select(std::string_view query) const {
  Selection selection;
  if (query.empty()) return selection;
  const auto parameters = http::parse_query(query);
  if (!parameters) return {{}, std::string(parameters.error())};
  const auto collect = parameters->all("collect[]");
  const auto exclude = parameters->all("exclude[]");
  if (!collect.empty() && !exclude.empty()) return {{}, "Combined collect and exclude queries are not allowed."};
  for (const auto name : collect.empty() ? exclude : collect) {
    if (find_collector(name) == nullptr) return {{}, "missing collector: " + std::string(name)};
    if (!scheduler_.jobs().contains(name)) return {{}, "disabled collector: " + std::string(name)};
  }
  if (!collect.empty()) return {{collect.begin(), collect.end()}, {}};
  if (exclude.empty()) return selection;
  selection.with_published = true;
  for (const auto& [name, job] : scheduler_.jobs()) {
    if (std::ranges::find(exclude, name) == exclude.end()) selection.collectors.push_back(name);
  }
  if (selection.collectors.empty()) selection.collectors.emplace_back(kTelemetryBlock);
  return selection;
}

void Scrape::refresh_telemetry(SteadyTime requested) {
  if (!policy::is_stale(telemetry_.collected(), requested, fresh_)) return;
  telemetry_.workers(pool_.workers());
  store_.publish(kTelemetryBlock, telemetry_.collect(scheduler_.jobs()));
}

// Small expositions are encoded at once; a large one would hold up the loop, so the pool does it, once for all who
// wait.
asio::awaitable<Scrape::Bytes> Scrape::complete(Kept wanted) {
  const SteadyTime requested = clock_.steady();
  const Cached& entry = cache_[place_of(wanted)];
  for (;;) {
    before_();
    if (entry.epoch == store_.epoch()) break;
    if (store_.samples() <= kInlineSamples) co_return cached(wanted);
    if (!work_ && !pool_.has_thread()) co_return cached(wanted);  // better late than never
    if (!work_) {
      co_await encode_on_pool(wanted);
      co_return entry.bytes;
    }
    const auto work = work_;
    const auto turn = std::make_shared<asio::steady_timer>(loop_, SteadyTime::max());
    work->waiting.push_back(turn);
    co_await turn->async_wait(asio::as_tuple(asio::use_awaitable));
    if (work->wanted == wanted && work->started >= requested) break;
  }
  co_return entry.bytes;
}

asio::awaitable<void> Scrape::encode_on_pool(Kept wanted) {
  const auto work = std::make_shared<Work>();
  work_ = work;
  work->wanted = wanted;
  work->epoch = store_.epoch();
  work->started = clock_.steady();
  work->encoders = Encoders(external_);
  store_.snapshot(work->snapshot);
  const std::function<void()> encode = [work] {
    work->encoders.encode(work->snapshot, work->wanted.variant, *work->plain);
    if (!work->wanted.gzip) return;
    work->compressed = std::make_shared<std::string>();
    GzipCompressor().compress(*work->plain, *work->compressed);
  };
  co_await on_pool(loop_, pool_, SteadyTime::max(), encode);
  note_left_out(work->encoders);
  work->snapshot.clear();
  cache_[place_of({wanted.variant, false})] = {work->epoch, work->plain};
  if (work->compressed) cache_[place_of(wanted)] = {work->epoch, work->compressed};
  work_.reset();
  for (const auto& turn : work->waiting) turn->cancel();
}

Scrape::Bytes Scrape::cached(Kept wanted) {
  Cached& entry = cache_[place_of(wanted)];
  if (entry.epoch == store_.epoch()) return entry.bytes;
  std::string& out = reuse(entry.bytes);
  if (wanted.gzip) {
    compressor_.compress(*cached({wanted.variant, false}), out);
  } else {
    store_.snapshot(snapshot_);
    encoders_.encode(snapshot_, wanted.variant, out);
    note_left_out(encoders_);
    snapshot_.clear();  // the blocks must not be held: their collectors fill them again
  }
  entry.epoch = store_.epoch();
  return entry.bytes;
}

// A text file or a push may hold what a collector reports as well.
void Scrape::note_left_out(const Encoders& encoders) {
  const Arrangement::LeftOut& lost = encoders.left_out();
  telemetry_.series_left_out(lost.samples);
  if (lost.samples == 0) return;
  log_.warn_limited("left out/" + lost.family, "series are there twice; the second ones are left out",
                    {{"family", lost.family},
                     {"series", std::to_string(lost.samples)},
                     {"remedy", "remove the family from the text file or command, or switch the collector off"}});
}

Scrape::Bytes Scrape::exposition() {
  refresh_telemetry(clock_.steady());
  before_();
  return cached({});
}

Scrape::Bytes Scrape::encode(const Snapshot& snapshot, Kept wanted) {
  auto plain = std::make_shared<std::string>();
  encoders_.encode(snapshot, wanted.variant, *plain);
  if (!wanted.gzip) return plain;
  auto bytes = std::make_shared<std::string>();
  compressor_.compress(*plain, *bytes);
  return bytes;
}

// The bytes of the last epoch are written over unless a slow client is still being sent them.
std::string& Scrape::reuse(std::shared_ptr<std::string>& bytes) {
  if (!bytes || bytes.use_count() > 1) bytes = std::make_shared<std::string>();
  bytes->clear();
  return *bytes;
}

}  // namespace vitalsd
