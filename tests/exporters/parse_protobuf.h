// Reads a delimited protobuf exposition back, into the families and series that a text of the same would give.
#pragma once

#include <cmath>
#include <optional>
#include <protozero/pbf_reader.hpp>
#include <protozero/varint.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/text.h"
#include "parse_exposition.h"

namespace vitalsd {

struct ParsedNative {
  std::int32_t schema = 0;
  double zero_threshold = 0;
  std::uint64_t zero = 0, count = 0;
  double sum = 0;
  std::int32_t offset = 0;
  std::uint32_t length = 0;
  std::vector<std::int64_t> buckets;  ///< counts, not differences
};

struct ParsedProtobuf {
  ParsedText text;
  std::map<std::string, std::string> units;
  std::map<ParsedText::Series, ParsedNative> natives;
};

namespace detail {

class ProtobufParser {
 public:
  std::optional<ParsedProtobuf> parse(std::string_view bytes) {
    const char* at = bytes.data();
    const char* end = at + bytes.size();
    try {
      while (at != end) {
        const auto size = protozero::decode_varint(&at, end);
        if (size > static_cast<std::uint64_t>(end - at)) return std::nullopt;
        if (!family({at, size})) return std::nullopt;
        at += size;
      }
    } catch (const protozero::exception&) {
      return std::nullopt;
    }
    return std::move(result_);
  }

 private:
  static std::string number(double value) {
    std::string text;
    append_value(text, value);
    return text;
  }

  bool family(std::string_view bytes) {
    static constexpr std::string_view kWords[] = {"counter", "gauge", "summary", "untyped", "histogram"};
    protozero::pbf_reader reader(bytes.data(), bytes.size());
    std::vector<std::string> metrics;
    name_.clear();
    while (reader.next()) {
      switch (reader.tag()) {
        case 1: name_ = reader.get_string(); break;
        case 2:
          if (!result_.text.help.emplace(name_, reader.get_string()).second) return false;
          break;
        case 3: {
          const auto type = static_cast<std::size_t>(reader.get_enum());
          if (type >= std::size(kWords) || !result_.text.types.emplace(name_, kWords[type]).second) return false;
          break;
        }
        case 4: metrics.push_back(std::string(reader.get_view())); break;
        case 5: result_.units[name_] = reader.get_string(); break;
        default: return false;
      }
    }
    for (const std::string& one : metrics) {
      if (!metric(one)) return false;
    }
    return true;
  }

  bool metric(const std::string& bytes) {
    labels_.clear();
    protozero::pbf_reader reader(bytes);
    while (reader.next()) {
      const auto tag = reader.tag();
      auto inner = reader.get_message();
      if (tag == 1) {
        std::string name, value;
        while (inner.next()) {
          std::string& part = inner.tag() == 1 ? name : value;  // the tag goes with the reading
          part = inner.get_string();
        }
        if (!labels_.emplace(name, value).second) return false;
      } else if (tag == 2 || tag == 3 || tag == 5) {
        if (!inner.next(1) || !put(name_, labels_, inner.get_double())) return false;
      } else if (!compound(inner, tag == 7)) {
        return false;
      }
    }
    return true;
  }

  bool compound(protozero::pbf_reader& reader, bool is_histogram) {
    ParsedNative native;
    bool is_native = false;
    while (reader.next()) {
      switch (reader.tag()) {
        case 1: native.count = reader.get_uint64(); break;
        case 2:
          native.sum = reader.get_double();
          if (!put(name_ + "_sum", labels_, native.sum)) return false;
          break;
        case 3:
          if (!bucket(reader.get_message(), is_histogram)) return false;
          break;
        case 5: is_native = true, native.schema = reader.get_sint32(); break;
        case 6: native.zero_threshold = reader.get_double(); break;
        case 7: native.zero = reader.get_uint64(); break;
        case 12: {
          auto span = reader.get_message();
          while (span.next()) {
            if (span.tag() == 1) {
              native.offset = span.get_sint32();
            } else {
              native.length = span.get_uint32();
            }
          }
          break;
        }
        case 13: {
          std::int64_t last = 0;
          for (const auto delta : reader.get_packed_sint64()) native.buckets.push_back(last += delta);
          break;
        }
        default: return false;
      }
    }
    const auto count = static_cast<double>(native.count);
    if (is_histogram) {
      auto all = labels_;
      all["le"] = std::to_string(INFINITY);
      if (!put(name_ + "_bucket", all, count)) return false;
    }
    if (is_native) result_.natives[{name_, labels_}] = native;
    return put(name_ + "_count", labels_, count);
  }

  bool bucket(protozero::pbf_reader reader, bool is_histogram) {
    double first = 0, second = 0;
    while (reader.next()) {
      if (reader.tag() == 1) {
        first = is_histogram ? static_cast<double>(reader.get_uint64()) : reader.get_double();
      } else {
        second = reader.get_double();
      }
    }
    auto labels = labels_;
    labels[is_histogram ? "le" : "quantile"] = std::to_string(is_histogram ? second : first);
    return put(is_histogram ? name_ + "_bucket" : name_, labels, is_histogram ? first : second);
  }

  bool put(const std::string& name, const ParsedText::Labels& labels, double value) {
    return result_.text.values.emplace(ParsedText::Series{name, labels}, value).second;
  }

  ParsedProtobuf result_;
  std::string name_;
  ParsedText::Labels labels_;
};

}  // namespace detail

/// Nothing when it is malformed, or a series comes twice.
inline std::optional<ParsedProtobuf> parse_protobuf(std::string_view bytes) {
  return detail::ProtobufParser().parse(bytes);
}

}  // namespace vitalsd
