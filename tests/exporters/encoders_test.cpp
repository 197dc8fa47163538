// All forms from one place: they allocate nothing once warm, and follow a snapshot that changes.
#include "exporters/encoders.h"

#include <gtest/gtest.h>

#include "core/native_samples.h"
#include "core/sink.h"
#include "parse_protobuf.h"
#include "tests/fakes/counted_allocations.h"

namespace vitalsd {
namespace {

constexpr std::string_view kLabel[] = {"name"}, kLe[] = {"name", "le"};
constexpr Family kGauge{"b_bytes", Kind::gauge, "Second.", "bytes", kLabel};
constexpr Family kCounter{"a_seconds_total", Kind::counter, "First.", "seconds", kLabel};
constexpr Family kHistogram{"h", Kind::histogram, "H.", "", kLabel};

std::shared_ptr<Block> filled(double value, int entities) {
  auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  NativeHistogram native;
  for (int i = 0; i < 100; ++i) native.observe(value + i);
  for (int i = 0; i < entities; ++i) {
    const std::string name = "an entity of a long name \" " + std::to_string(i);
    sink.add(kGauge, {name}, value);
    sink.add(kCounter, {name}, value + 1);
    const std::string_view values[] = {name, "+Inf"};
    sink.add(kHistogram, sink.labels(kLe, values), 100, Part::bucket);
    const LabelId own = sink.labels(kLabel, {values, 1});
    sink.add(kHistogram, own, native.sum(), Part::sum);
    sink.add(kHistogram, own, 100, Part::count);
    add_native(sink, kHistogram, own, native);
  }
  block->finish();
  return block;
}

std::vector<Variant> variants() {
  std::vector<Variant> all;
  for (const Body body : {Body::text, Body::openmetrics, Body::protobuf}) {
    for (const bool dots : {false, true}) all.push_back({body, dots});
  }
  return all;
}

TEST(Encoders, EachFormHasItsPlace) {
  std::vector<bool> taken(kVariants);
  for (const Variant variant : variants()) {
    EXPECT_FALSE(taken[index_of(variant)]);
    taken[index_of(variant)] = true;
  }
}

TEST(Encoders, AllocateNothingOnceWarm) {
  Encoders encoders("cluster=\"eu\"");
  const Snapshot first = {filled(1, 20)}, second = {filled(2, 20)};
  for (const Variant variant : variants()) {
    std::string out;
    encoders.encode(first, variant, out);
    out.clear();
    encoders.encode(second, variant, out);
    out.clear();
    const CountedAllocations counted;
    encoders.encode(first, variant, out);
    EXPECT_EQ(counted.count(), 0U) << index_of(variant);
  }
}

TEST(Encoders, FollowASnapshotThatChanges) {
  Encoders encoders;
  for (const int entities : {3, 1, 5}) {
    for (const Variant variant : variants()) {
      std::string ours, anew;
      encoders.encode({filled(4, entities)}, variant, ours);
      Encoders().encode({filled(4, entities)}, variant, anew);
      EXPECT_EQ(ours, anew);
      ours.clear();
      encoders.encode({}, variant, ours);
      EXPECT_EQ(ours, variant.body == Body::openmetrics ? "# EOF\n" : "");
    }
  }
}

}  // namespace
}  // namespace vitalsd
