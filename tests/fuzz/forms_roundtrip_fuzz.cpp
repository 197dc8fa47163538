// The same families, from bytes, in every form: read back they are the same.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/sink.h"
#include "exporters/encoders.h"
#include "tests/exporters/parse_exposition.h"
#include "tests/exporters/parse_protobuf.h"

namespace {

using namespace vitalsd;

constexpr std::string_view kNames[] = {"index", "text"};
constexpr std::string_view kBucketNames[] = {"index", "text", "le"}, kQuantileNames[] = {"quantile", "index", "text"};
constexpr Family kGauge{"a_bytes", Kind::gauge, "Help \"a\".", "bytes", kNames};
constexpr Family kCounter{"b_total", Kind::counter, "Help \\ b.", "", kNames};
constexpr Family kHistogram{"c_seconds", Kind::histogram, "Help\nc.", "seconds", kNames};
constexpr Family kSummary{"d", Kind::summary, "Help d.", "", kNames};

std::string_view take(std::string_view& bytes, std::size_t count) {
  const std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(taken.size());
  return taken;
}

void add(BlockSink& sink, unsigned kind, const std::string& index, std::string_view text, double value) {
  const double count = static_cast<double>(index.size() * 100);
  const LabelId own = sink.labels(kNames, std::array<std::string_view, 2>{index, text});
  if (kind == 0) return sink.add(kGauge, own, value);
  if (kind == 1) return sink.add(kCounter, own, value);
  const Family& family = kind == 2 ? kHistogram : kSummary;
  if (kind == 2) {
    for (const std::string_view le : {"0.25", "1", "+Inf"}) {
      sink.add(family, sink.labels(kBucketNames, std::array{std::string_view(index), text, le}), count, Part::bucket);
    }
  } else {
    sink.add(family, sink.labels(kQuantileNames, std::array{std::string_view("0.5"), std::string_view(index), text}),
             value);
  }
  sink.add(family, own, value, Part::sum);
  sink.add(family, own, count, Part::count);
}

void require_same(const ParsedText& ours, const ParsedText& theirs) {
  if (ours.values.size() != theirs.values.size()) std::abort();
  auto other = theirs.values.begin();
  for (const auto& [series, value] : ours.values) {
    if (other->first != series || !same_value(other->second, value)) std::abort();
    ++other;
  }
}

// OpenMetrics as the text that says the same.
ParsedText read_openmetrics(std::string_view text) {
  std::string lines;
  constexpr std::string_view kEnd = "# EOF\n";
  if (!text.ends_with(kEnd)) std::abort();
  text.remove_suffix(kEnd.size());
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n') + 1);
    if (!line.starts_with("# ")) lines += line;
    text.remove_prefix(line.size());
  }
  const auto parsed = parse_exposition(lines);
  if (!parsed) std::abort();
  return *parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto block = std::make_shared<Block>();
  BlockSink sink(*block);
  for (int index = 0; bytes.size() > sizeof(double) + 1; ++index) {
    double value = 0;
    std::memcpy(&value, take(bytes, sizeof value).data(), sizeof value);
    const auto kind = static_cast<unsigned char>(take(bytes, 1)[0]) % 4U;
    add(sink, kind, std::to_string(index), take(bytes, static_cast<unsigned char>(take(bytes, 1)[0])), value);
  }
  block->finish();
  Encoders encoders("ext=\"e\\\\\"");
  std::string text, openmetrics, protobuf;
  encoders.encode({block}, {Body::text}, text);
  encoders.encode({block}, {Body::openmetrics}, openmetrics);
  encoders.encode({block}, {Body::protobuf}, protobuf);
  const auto parsed = parse_exposition(text);
  const auto binary = parse_protobuf(protobuf);
  if (!parsed || !binary || binary->text.help != parsed->help || binary->text.types != parsed->types) std::abort();
  require_same(*parsed, binary->text);
  require_same(*parsed, read_openmetrics(openmetrics));
  return 0;
}
