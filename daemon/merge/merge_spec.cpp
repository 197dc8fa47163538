#include "daemon/merge/merge_spec.h"

#include <algorithm>

#include "core/metric_name.h"
#include "core/quantity.h"
#include "core/record_reader.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20U, kMostSeries = 1'000'000;

class SourceReader : private RecordReader {
 public:
  SourceReader(const Record& record, std::size_t index)
      : RecordReader(record, "sources[" + std::to_string(index) + "]", "source") {}

  MergeSpec read() {
    spec_.fetch = read_probe_spec(record(), option(), "source");
    if (spec_.fetch.kind != ProbeKind::http) refuse("the target must be http://, https:// or unix:/SOCKET:/PATH");
    spec_.fetch.headers.emplace_back("Accept", "text/plain;version=0.0.4;q=1,*/*;q=0.1");
    read_labels();
    spec_.honor_labels = flag("honor_labels", false);
    const auto bytes = parse_size(text("max_size", "4Mi"));
    if (!bytes || *bytes == 0 || *bytes > kMostBytes) refuse("max_size must be a size of at most 64Mi");
    spec_.fetch.body_limit = spec_.fetch.body_kept = *bytes;
    const auto series = parse_number<std::size_t>(text("max_series", "10000"), "series");
    if (!series || *series == 0 || *series > kMostSeries) refuse("max_series must be a number of at most 1000000");
    spec_.max_series = *series;
    return std::move(spec_);
  }

 private:
  void add_label(std::string name, std::string value) {
    const bool reserved = name.starts_with("__") || name == "le" || name == "quantile";
    if (reserved || !is_label_name(name)) refuse("\"" + name + "\" may not be a label of its series");
    spec_.labels.emplace_back(std::move(name), std::move(value));
  }

  void read_labels() {
    if (std::string label = text("label", "source"); !label.empty()) add_label(std::move(label), spec_.fetch.name);
    for (const std::string& item : list("labels")) {
      const std::size_t equals = std::min(item.find('='), item.size());
      add_label(item.substr(0, equals), equals < item.size() ? item.substr(equals + 1) : "");
    }
    std::ranges::sort(spec_.labels);
    const auto twice = std::ranges::adjacent_find(spec_.labels, {}, [](const auto& label) { return label.first; });
    if (twice != spec_.labels.end()) refuse("label \"" + twice->first + "\" is given twice");
  }

  MergeSpec spec_;
};

}  // namespace

std::vector<MergeSpec> read_merge_specs(const std::vector<Record>& records) {
  std::vector<MergeSpec> specs;
  specs.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) specs.push_back(SourceReader(records[i], i).read());
  return specs;
}

}  // namespace vitalsd
