#include "exporters/protobuf.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

#include "core/label_text.h"
#include "core/native_samples.h"
#include "exporters/names.h"

namespace vitalsd {
namespace {

using protozero::pbf_writer;

// Numbers of the messages' fields, from client_model's metrics.proto.
namespace family_field {
enum : std::uint32_t { name = 1, help, type, metric, unit };
}
namespace metric_field {
enum : std::uint32_t { label = 1, gauge, counter, summary, untyped, histogram = 7 };
}
namespace pair_field {
enum : std::uint32_t { name = 1, value };
}
namespace compound_field {  // of a histogram and a summary
enum : std::uint32_t {
  count = 1,
  sum,
  bucket,
  schema = 5,
  zero_threshold,
  zero_count,
  positive_span = 12,
  positive_delta
};
}
namespace span_field {
enum : std::uint32_t { offset = 1, length };
}

struct KindFields {
  std::int32_t type;    // MetricType
  std::uint32_t field;  // of a metric
};
// In the order of Kind.
constexpr std::array<KindFields, 5> kKinds = {{{1, metric_field::gauge},
                                               {0, metric_field::counter},
                                               {3, metric_field::untyped},
                                               {4, metric_field::histogram},
                                               {2, metric_field::summary}}};
constexpr KindFields fields_of(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::uint64_t whole(double count) {
  constexpr double kMost = 18446744073709549568.0;  // the last double below 2^64
  return count > 0 ? static_cast<std::uint64_t>(std::min(count, kMost)) : 0;
}

double number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = std::numeric_limits<double>::quiet_NaN();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void append_pairs(std::string& message, std::string_view label_text, bool dots, std::string& pair, std::string& value) {
  for (LabelReader labels(label_text); labels.next();) {
    pair.clear();
    value.clear();
    append_name(value, labels.name(), dots);
    pbf_writer writer(pair);
    writer.add_string(pair_field::name, value);
    value.clear();
    append_unescaped_label(value, labels.escaped());
    writer.add_string(pair_field::value, value);
    pbf_writer(message).add_message(metric_field::label, pair);
  }
}

constexpr unsigned bit_of(Part part) { return 1U << static_cast<unsigned>(part); }
// What comes once in a histogram or summary.
constexpr unsigned kOnce = bit_of(Part::sum) | bit_of(Part::count) | bit_of(kNativeSchema);

}  // namespace

ProtobufEncoder::ProtobufEncoder(std::string_view external_labels, bool dots)
    : dots_(dots), external_labels_(external_labels) {
  std::string pair, value;
  append_pairs(external_, external_labels, dots, pair, value);
}

void ProtobufEncoder::encode(const Arrangement& arrangement, std::string& out) {
  const auto parts = arrangement.parts();
  for (std::size_t k = 0; k < parts.size();) {
    const Family& head = *parts[k].family;
    write_head(head);
    for (; k < parts.size() && parts[k].family->name == head.name; ++k) {
      const bool is_simple = head.kind != Kind::histogram && head.kind != Kind::summary;
      is_simple ? write_simple(parts[k], head.kind) : write_compound(parts[k], head.kind);
    }
    protozero::add_varint_to_buffer(&out, family_.size());
    out += family_;
  }
}

void ProtobufEncoder::write_head(const Family& family) {
  family_.clear();
  text_.clear();
  append_name(text_, family.name, dots_);
  pbf_writer writer(family_);
  writer.add_string(family_field::name, text_);
  writer.add_string(family_field::help, family.help.data(), family.help.size());
  writer.add_enum(family_field::type, fields_of(family.kind).type);
  if (const auto unit = unit_of(family); !unit.empty()) {
    writer.add_string(family_field::unit, unit.data(), unit.size());
  }
}

void ProtobufEncoder::begin_metric(std::string_view label_text) {
  if (!external_.empty() && external_labels_.collide_with(label_text)) {
    metric_.clear();
    external_labels_.beside(label_text, beside_);
    append_pairs(metric_, beside_, dots_, pair_, text_);
  } else {
    metric_ = external_;
  }
  append_pairs(metric_, label_text, dots_, pair_, text_);
}

void ProtobufEncoder::write_simple(const Arrangement::Part& part, Kind kind) {
  for (const Sample& sample : part.samples()) {
    if (sample.part != Part::value) continue;
    begin_metric(part.block->label_text(sample.labels));
    message_.clear();
    pbf_writer(message_).add_double(1, sample.value);
    pbf_writer(metric_).add_message(fields_of(kind).field, message_);
    pbf_writer(family_).add_message(family_field::metric, metric_);
  }
}

// The samples of one histogram follow one another: other labels, or what it has already, begin another one.
void ProtobufEncoder::write_compound(const Arrangement::Part& part, Kind kind) {
  compound_.seen = 0;
  for (const Sample& sample : part.samples()) {
    const std::string_view text = part.block->label_text(sample.labels);
    std::string_view number;
    own_.clear();
    for (LabelReader labels(text); labels.next();) {
      const bool is_number = (sample.part == Part::bucket && labels.name() == "le") ||
                             (sample.part == Part::value && labels.name() == "quantile");
      if (is_number) {
        number = labels.escaped();
        continue;
      }
      if (!own_.empty()) own_ += ',';
      own_.append(labels.name()).append("=\"").append(labels.escaped()) += '"';
    }
    const bool is_again = (compound_.seen & kOnce & bit_of(sample.part)) != 0;
    if (compound_.seen != 0 && (is_again || own_ != compound_.labels)) finish_compound(kind);
    if (compound_.seen == 0) {
      compound_.labels = own_;
      compound_.value.clear();
      compound_.deltas.clear();
      compound_.last = compound_.offset = 0;
      compound_.buckets = 0;
      compound_.all = 0;
    }
    compound_.seen |= bit_of(sample.part);
    add_sample(sample, kind, number);
  }
  if (compound_.seen != 0) finish_compound(kind);
}

void ProtobufEncoder::add_sample(const Sample& sample, Kind kind, std::string_view number) {
  pbf_writer writer(compound_.value);
  if (sample.part == Part::count) writer.add_uint64(compound_field::count, whole(sample.value));
  if (sample.part == Part::sum) writer.add_double(compound_field::sum, sample.value);
  if (sample.part == Part::bucket) {
    const double bound = number_of(number);
    compound_.all = sample.value;
    if (std::isinf(bound)) return;  // the count says it
    message_.clear();
    pbf_writer bucket(message_);
    bucket.add_uint64(1, whole(sample.value));
    bucket.add_double(2, bound);
    writer.add_message(compound_field::bucket, message_);
  }
  if (sample.part == Part::value && kind == Kind::summary) {
    message_.clear();
    pbf_writer quantile(message_);
    quantile.add_double(1, number_of(number));
    quantile.add_double(2, sample.value);
    writer.add_message(compound_field::bucket, message_);
  }
  if (sample.part == kNativeSchema) {
    writer.add_sint32(compound_field::schema, static_cast<std::int32_t>(sample.value));
    writer.add_double(compound_field::zero_threshold, NativeHistogram::kZeroThreshold);
  }
  if (sample.part == kNativeZero) writer.add_uint64(compound_field::zero_count, whole(sample.value));
  if (sample.part == kNativeOffset) compound_.offset = static_cast<std::int32_t>(sample.value);
  if (sample.part == kNativeBucket) {
    const auto count = static_cast<std::int64_t>(sample.value);
    protozero::add_varint_to_buffer(&compound_.deltas, protozero::encode_zigzag64(count - compound_.last));
    compound_.last = count;
    ++compound_.buckets;
  }
}

void ProtobufEncoder::finish_compound(Kind kind) {
  pbf_writer writer(compound_.value);
  if ((compound_.seen & bit_of(Part::count)) == 0) writer.add_uint64(compound_field::count, whole(compound_.all));
  if ((compound_.seen & bit_of(kNativeSchema)) != 0) {
    message_.clear();
    pbf_writer span(message_);
    // One without any bucket says by an empty span that it is a native one all the same.
    span.add_sint32(span_field::offset, compound_.buckets == 0 ? 0 : compound_.offset);
    span.add_uint32(span_field::length, compound_.buckets);
    writer.add_message(compound_field::positive_span, message_);
    if (compound_.buckets != 0) writer.add_bytes(compound_field::positive_delta, compound_.deltas);
  }
  begin_metric(compound_.labels);
  pbf_writer(metric_).add_message(fields_of(kind).field, compound_.value);
  pbf_writer(family_).add_message(family_field::metric, metric_);
  compound_.seen = 0;
}

}  // namespace vitalsd
