#include "daemon/config/yaml_source.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "core/utf8.h"
#include "daemon/config/fault.h"

namespace vitalsd::conf {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kMergeKey = "<<";

// Thrown to end the parse from inside an event, when the text exceeds a limit or is not supported.
struct Refused {
  YamlFault fault;
};

// Builds the tree from yaml-cpp's events, which need no second tree in memory.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const YamlLimits& limits, std::vector<YamlFault>& faults) : limits_(limits), faults_(faults) {}

  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(mark, "only one document is allowed");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { put(node(Kind::null, mark), anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    YamlNode scalar = node(Kind::scalar, mark);
    count(mark, 0, text.size());
    scalar.text = text;
    plain_ = tag == "?";
    put(std::move(scalar), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) refuse(mark, "an alias is inside the value that it refers to");
    count_tree(mark, found->second, frames_.size());
    put(found->second, 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Kind::list, mark, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Kind::mapping, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override {
    merge(frames_.back());
    close();
  }

 private:
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlNode> key = {};       // read; its value comes next
    std::map<std::string, int> lines = {};  // the line of each key
    std::vector<YamlNode> merged = {};      // the values of <<
    bool key_is_merge = false;
  };

  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string message) {
    throw Refused{{mark.line + 1, mark.column + 1, std::move(message)}};
  }

  void count(const YAML::Mark& mark, std::size_t nodes, std::size_t bytes) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ > limits_.nodes) refuse(mark, "more than " + std::to_string(limits_.nodes) + " values");
    if (bytes_ > limits_.bytes) refuse(mark, "more than " + std::to_string(limits_.bytes) + " bytes of text");
  }
  // The depth is limited here too, since aliases within aliases deepen the tree and everything that walks it recurses.
  void count_tree(const YAML::Mark& mark, const YamlNode& tree, std::size_t depth) {
    if (depth > limits_.depth) refuse(mark, "nested deeper than " + std::to_string(limits_.depth) + " levels");
    count(mark, 1, tree.text.size());
    for (const YamlNode& item : tree.items) count_tree(mark, item, depth + 1);
    for (const auto& entry : tree.entries) {
      count(mark, 0, entry.key.size());
      count_tree(mark, entry.value, depth + 1);
    }
  }

  YamlNode node(Kind kind, const YAML::Mark& mark) {
    count(mark, 1, 0);
    return {.kind = kind, .line = mark.line + 1, .column = mark.column + 1};
  }

  void open(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (frames_.size() >= limits_.depth)
      refuse(mark, "nested deeper than " + std::to_string(limits_.depth) + " levels");
    frames_.push_back({.node = node(kind, mark), .anchor = anchor});
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    plain_ = false;
    put(std::move(frame.node), frame.anchor);
  }

  void put(YamlNode value, YAML::anchor_t anchor) {
    if (anchor != 0) {
      // The copy that is kept for aliases counts against the limits as well.
      count_tree({}, value, frames_.size());
      anchors_[anchor] = value;
    }
    if (frames_.empty()) {
      root_ = std::move(value);
    } else if (Frame& frame = frames_.back(); frame.node.kind == Kind::list) {
      frame.node.items.push_back(std::move(value));
    } else if (!frame.key) {
      put_key(frame, std::move(value));
    } else {
      put_entry(frame, std::move(value));
    }
  }

  void put_key(Frame& frame, YamlNode key) {
    if (key.kind == Kind::list || key.kind == Kind::mapping) {
      throw Refused{{key.line, key.column, "a key must be a plain word"}};
    }
    if (key.kind == Kind::null) key.text = "null";
    frame.key_is_merge = plain_ && key.text == kMergeKey;
    frame.key = std::move(key);
  }

  void put_entry(Frame& frame, YamlNode value) {
    const YamlNode key = *std::exchange(frame.key, std::nullopt);
    if (frame.key_is_merge) {
      frame.merged.push_back(std::move(value));
      return;
    }
    const auto [known, added] = frame.lines.emplace(key.text, key.line);
    if (!added) {
      faults_.push_back(
          {key.line, key.column,
           "key " + quoted(key.text) + " is given twice, first in line " + std::to_string(known->second)});
      return;
    }
    frame.node.entries.push_back({key.text, key.line, key.column, std::move(value)});
  }

  // The mapping's own keys take precedence over merged ones, and an earlier merged mapping over a later one.
  void merge(Frame& frame) {
    std::vector<YamlNode> sources;
    for (YamlNode& value : frame.merged) {
      if (value.kind == Kind::list) {
        std::ranges::move(value.items, std::back_inserter(sources));
      } else {
        sources.push_back(std::move(value));
      }
    }
    for (YamlNode& source : sources) {
      if (source.kind != Kind::mapping)
        throw Refused{{source.line, source.column, "'<<' takes a mapping or a list of them"}};
      for (auto& entry : source.entries) {
        if (frame.lines.emplace(entry.key, entry.line).second) frame.node.entries.push_back(std::move(entry));
      }
    }
  }

  YamlLimits limits_;
  std::vector<YamlFault>& faults_;
  YamlNode root_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t nodes_ = 0, bytes_ = 0;
  int documents_ = 0;
  bool plain_ = false;  // the last scalar was not quoted
};

// Reports characters that YAML forbids. yaml-cpp takes byte 4 for the end of the file and would ignore the rest.
bool check_characters(std::string_view text, std::vector<YamlFault>& faults) {
  int line = 1, column = 1;
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      faults.push_back({line, column, "not valid UTF-8"});
      return false;
    }
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') {
      faults.push_back({line, column, "a control character: " + quoted(text.substr(0, 1))});
      return false;
    }
    line += byte == '\n' ? 1 : 0;
    column = byte == '\n' ? 1 : column + 1;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

YamlNode parse_yaml(std::string_view text, std::vector<YamlFault>& faults, const YamlLimits& limits) {
  if (!check_characters(text, faults)) return {};
  Builder builder(limits, faults);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take_root();
  } catch (const Refused& refused) {
    faults.push_back(refused.fault);
  } catch (const YAML::Exception& error) {
    faults.push_back(
        {std::max(error.mark.line, 0) + 1, std::max(error.mark.column, 0) + 1, "not valid YAML: " + error.msg});
  } catch (const std::exception& error) {
    faults.push_back({1, 1, std::string("not valid YAML: ") + error.what()});
  }
  return {};
}

}  // namespace vitalsd::conf
