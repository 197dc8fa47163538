// The delimited protobuf form of an exposition (io.prometheus.client.MetricFamily, client_model's metrics.proto), with
// native histograms beside classic buckets.
//   ProtobufEncoder().encode(arrangement, out);
#pragma once

#include <string>
#include <string_view>

#include "exporters/arrangement.h"
#include "exporters/external_labels.h"

namespace vitalsd {

/// Keeps its scratch space between calls. One thread at a time.
class ProtobufEncoder {
 public:
  /// As TextEncoder's.
  explicit ProtobufEncoder(std::string_view external_labels = {}, bool dots = false);

  /// Appends one message for each family, each after its length. Counts of histograms and summaries are whole numbers.
  void encode(const Arrangement& arrangement, std::string& out);

 private:
  /// A histogram or summary whose samples are being gathered.
  struct Compound {
    std::string labels;         // its own, without `le` and `quantile`
    std::string value;          // the message, as far as it goes
    std::string deltas;         // of the native buckets, each a varint
    unsigned seen = 0;          // which parts it has, a bit each
    std::int64_t last = 0;      // count of the last native bucket
    std::uint32_t buckets = 0;  // native ones
    std::int32_t offset = 0;
    double all = 0;  // what the bucket without a bound holds
  };

  void write_head(const Family& family);
  void write_simple(const Arrangement::Part& part, Kind kind);
  void write_compound(const Arrangement::Part& part, Kind kind);
  void add_sample(const Sample& sample, Kind kind, std::string_view number);
  void finish_compound(Kind kind);
  void begin_metric(std::string_view label_text);

  bool dots_;
  ExternalLabels external_labels_;
  std::string external_;  // as label pairs of a metric
  Compound compound_;
  std::string own_;  // labels of the sample at hand, as Compound::labels
  std::string family_, metric_, message_, pair_, text_, beside_;
};

}  // namespace vitalsd
