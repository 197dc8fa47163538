// GET /metrics: makes the data fresh, encodes it once per epoch, form and encoding, and hands out the same bytes to
// all.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/run/scheduler.h"
#include "daemon/run/store.h"
#include "daemon/run/telemetry.h"
#include "daemon/service/log.h"
#include "exporters/encoders.h"
#include "exporters/gzip.h"
#include "exporters/http/message.h"

namespace vitalsd {

class Scrape {
 public:
  Scrape(boost::asio::io_context& loop, Pool& pool, Scheduler& scheduler, Store& store, Telemetry& telemetry,
         const Clock& clock, Log& log, std::function<void()> before);

  /// What a reload may change.
  void configure(const Config& config);
  /// Answers one request; at most `max_requests` at once, beyond that 503.
  boost::asio::awaitable<http::Response> serve(http::Request request);
  /// The exposition of all collectors as it is now, as uncompressed text; for --once.
  std::shared_ptr<const std::string> exposition();
  /// How many complete expositions were handed out.
  std::uint64_t served() const noexcept { return served_; }

 private:
  /// What the bytes of an answer depend on, but for the epoch.
  struct Kept {
    Variant variant;
    bool gzip = false;
    bool operator==(const Kept&) const = default;
  };
  static std::size_t place_of(Kept kept) noexcept { return index_of(kept.variant) * 2 + (kept.gzip ? 1 : 0); }
  struct Cached {
    std::uint64_t epoch = 0;
    std::shared_ptr<std::string> bytes;
  };
  struct Selection {
    std::vector<std::string> collectors;  ///< empty: all
    std::string error;                    ///< for the client, with 400
    bool with_published = false;          ///< what was pushed is no collector's, and not excluded
  };

  Selection select(std::string_view query) const;
  void refresh_telemetry(SteadyTime requested);
  using Bytes = std::shared_ptr<const std::string>;
  boost::asio::awaitable<Bytes> complete(Kept wanted);
  boost::asio::awaitable<void> encode_on_pool(Kept wanted);
  Bytes cached(Kept wanted);
  Bytes encode(const Snapshot& snapshot, Kept wanted);
  void note_left_out(const Encoders& encoders);
  static std::string& reuse(std::shared_ptr<std::string>& bytes);

  struct Work;

  boost::asio::io_context& loop_;
  Pool& pool_;
  Scheduler& scheduler_;
  Store& store_;
  Telemetry& telemetry_;
  const Clock& clock_;
  Log& log_;
  std::function<void()> before_;  ///< called before each exposition
  std::string external_;          ///< label text
  Encoders encoders_;
  GzipCompressor compressor_;
  Snapshot snapshot_;
  std::array<Cached, kVariants * 2> cache_;
  std::shared_ptr<Work> work_;  ///< the encoding under way on the pool; one at a time
  std::chrono::nanoseconds fresh_{};
  unsigned max_requests_ = 0;
  unsigned under_way_ = 0;
  std::uint64_t served_ = 0;
};

}  // namespace vitalsd
