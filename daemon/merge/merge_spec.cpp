#include "daemon/merge/merge_spec.h"

#include <algorithm>

#include "core/metric_name.h"
#include "core/quantity.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20U, kMostSeries = 1'000'000;

class SourceReader {
 public:
  SourceReader(const Record& record, std::size_t index)
      : record_(record), option_("sources[" + std::to_string(index) + "]") {}

  MergeSpec read() {
    spec_.fetch = read_probe_spec(record_, option_, "source");
    if (spec_.fetch.kind != ProbeKind::http) refuse("the target must be http://, https:// or unix:/SOCKET:/PATH");
    spec_.fetch.headers.emplace_back("Accept", "text/plain;version=0.0.4;q=1,*/*;q=0.1");
    read_labels();
    const std::string honor = text("honor_labels", "false");
    if (honor != "true" && honor != "false") refuse("honor_labels must be true or false");
    spec_.honor_labels = honor == "true";
    const auto bytes = parse_size(text("max_size", "4Mi"));
    if (!bytes || *bytes == 0 || *bytes > kMostBytes) refuse("max_size must be a size of at most 64Mi");
    spec_.fetch.body_limit = spec_.fetch.body_kept = *bytes;
    const auto series = parse_number<std::size_t>(text("max_series", "10000"), "series");
    if (!series || *series == 0 || *series > kMostSeries) refuse("max_series must be a number of at most 1000000");
    spec_.max_series = *series;
    return std::move(spec_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw OptionError(option_, "source \"" + spec_.fetch.name + "\": " + why);
  }
  std::string text(std::string_view key, std::string_view otherwise) const {
    const auto found = record_.texts.find(key);
    return found == record_.texts.end() ? std::string(otherwise) : found->second;
  }

  void add_label(std::string name, std::string value) {
    const bool reserved = name.starts_with("__") || name == "le" || name == "quantile";
    if (reserved || !is_label_name(name)) refuse("\"" + name + "\" may not be a label of its series");
    spec_.labels.emplace_back(std::move(name), std::move(value));
  }

  void read_labels() {
    if (std::string label = text("label", "source"); !label.empty()) add_label(std::move(label), spec_.fetch.name);
    if (const auto found = record_.lists.find("labels"); found != record_.lists.end()) {
      for (const std::string& item : found->second) {
        const std::size_t equals = std::min(item.find('='), item.size());
        add_label(item.substr(0, equals), equals < item.size() ? item.substr(equals + 1) : "");
      }
    }
    std::ranges::sort(spec_.labels);
    const auto twice = std::ranges::adjacent_find(spec_.labels, {}, [](const auto& label) { return label.first; });
    if (twice != spec_.labels.end()) refuse("label \"" + twice->first + "\" is given twice");
  }

  const Record& record_;
  const std::string option_;
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
