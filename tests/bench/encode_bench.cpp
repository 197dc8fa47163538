// Encoding 200,000 series (20 families x 10,000 label sets) from blocks and by prometheus-cpp's TextSerializer, and
// gzip. Building either's input is not counted. Best of five runs each.
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "core/sink.h"
#include "exporters/gzip.h"
#include "exporters/text.h"

namespace {

using namespace vitalsd;
constexpr int kFamilies = 20;
constexpr int kSets = 10'000;
constexpr std::array<std::string_view, 3> kNames = {"groupname", "mode", "instance"};

double value_of(int family, int set) { return family % 2 == 0 ? set * 4096.0 : set * 0.01 + family; }

std::array<std::string, 3> labels_of(int set) {
  return {"process-" + std::to_string(set), set % 2 == 0 ? "user" : "system", "host-" + std::to_string(set % 100)};
}

template <class Work>
double best_ms(Work work) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace

int main() {
  std::vector<std::string> names;
  for (int f = 0; f < kFamilies; ++f) names.push_back("bench_family_" + std::to_string(f) + "_bytes");
  std::vector<Family> families;
  for (const auto& name : names) families.push_back({name, Kind::gauge, "A family of the benchmark.", "bytes", kNames});
  auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  std::vector<prometheus::MetricFamily> theirs(kFamilies);
  for (int f = 0; f < kFamilies; ++f) {
    const auto i = static_cast<std::size_t>(f);
    theirs[i] = {names[i], "A family of the benchmark.", prometheus::MetricType::Gauge, {}};
  }
  for (int set = 0; set < kSets; ++set) {
    const auto values = labels_of(set);
    const std::array<std::string_view, 3> views = {values[0], values[1], values[2]};
    const LabelId labels = sink.labels(kNames, views);
    prometheus::ClientMetric metric;
    for (std::size_t l = 0; l < 3; ++l) metric.label.push_back({std::string(kNames[l]), values[l]});
    for (int f = 0; f < kFamilies; ++f) {
      const auto i = static_cast<std::size_t>(f);
      sink.add(families[i], labels, value_of(f, set));
      metric.gauge.value = value_of(f, set);
      theirs[i].metric.push_back(metric);
    }
  }
  block->finish();

  TextEncoder encoder;
  std::string text, packed;
  const double ours = best_ms([&] {
    text.clear();
    encoder.encode({block}, text);
  });
  std::size_t their_size = 0;
  const double serializer = best_ms([&] {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, theirs);
    their_size = out.str().size();
  });
  GzipCompressor gzip;
  const double compressing = best_ms([&] { gzip.compress(text, packed); });
  std::printf("series           %d\n", kFamilies * kSets);
  std::printf("TextEncoder      %8.2f ms  %zu bytes\n", ours, text.size());
  std::printf("TextSerializer   %8.2f ms  %zu bytes\n", serializer, their_size);
  std::printf("ratio            %8.1f\n", serializer / ours);
  std::printf("gzip level %d     %8.2f ms  %zu bytes\n", GzipCompressor::kDefaultLevel, compressing, packed.size());
}
