// Parses YAML text into a tree of values with their places, within limits. Only yaml_source.cpp includes yaml-cpp.
// Hostile text (alias bombs, deep nesting, duplicate keys) results in a fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitalsd::conf {

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, list, mapping };
  struct Entry;
  Kind kind = Kind::null;
  int line = 1;  ///< both from 1
  int column = 1;
  std::string text = {};             ///< of a scalar
  std::vector<YamlNode> items = {};  ///< of a list
  std::vector<Entry> entries;        ///< of a mapping, in the order of the file, each key once
};
struct YamlNode::Entry {
  std::string key;
  int line = 1;
  int column = 1;
  YamlNode value;
};

struct YamlFault {
  int line = 1;
  int column = 1;
  std::string message;
};

struct YamlLimits {
  std::size_t nodes = 50'000;     ///< an alias counts as many as its target
  std::size_t bytes = 4U << 20U;  ///< of all scalars and keys, with aliases likewise
  std::size_t depth = 32;
};

/// The document of `text`; null when it is empty or broken. Resolves merge keys (<<). Catches yaml-cpp's exceptions.
YamlNode parse_yaml(std::string_view text, std::vector<YamlFault>& faults, const YamlLimits& limits = {});

}  // namespace vitalsd::conf
