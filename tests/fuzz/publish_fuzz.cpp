// A push: its path on the first line, its body on the rest. What is taken is a valid exposition, alone and merged, and
// survives its file; what is refused says why in one line.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/publish/group.h"
#include "exporters/text.h"

namespace {

using namespace vitalsd;
constexpr std::size_t kMost = 200;

void require(bool holds) {
  if (!holds) std::abort();
}

Exposition reread(const std::string& text) {
  Exposition read;
  require(!exposition::parse(text, {.samples = 100'000, .labels = 100}, read));
  return read;
}

void require_valid(const PushedGroup& group) {
  std::string text;
  TextEncoder().encode({block_of(group, {})}, text);
  const Exposition read = reread(text);
  std::size_t expected = 2;  // the times
  const auto used = families_in_use(group.content->read);
  for (const auto& sample : group.content->read.samples) expected += used[sample.family] ? 1 : 0;
  require(read.samples.size() == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = std::min(input.find('\n'), input.size());
  const auto labels = push_path::parse(input.substr(0, newline));
  if (!labels) require(!labels.error().empty() && labels.error().find('\n') == std::string::npos);
  const auto content = parse_content(std::string(input.substr(std::min(newline + 1, input.size()))), kMost);
  if (!content) {
    require(content.error().status == 400 || content.error().status == 413);
    require(!content.error().text.empty() && content.error().text.find('\n') == std::string::npos);
    return 0;
  }
  PushedGroup group{.labels = labels ? *labels : GroupLabels{{"job", "j"}}, .content = *content, .pushed = 1};
  NameBook names;
  const PushNeighbours neighbours{.groups = {}, .own = {}, .most_series = kMost};
  if (find_conflict(group, neighbours, names)) return 0;
  require_valid(group);
  const auto again = decode_group(encode_group(group), kMost);
  require(again && again->labels == group.labels && again->content->text == (*content)->text);
  // Over itself a merge changes nothing but what counts for nothing.
  const auto merged = merge_content(**content, **content, kMost);
  require(merged.has_value());
  const PushedGroup twice{.labels = group.labels, .content = *merged, .pushed = 1};
  NameBook other;
  require(!find_conflict(twice, neighbours, other));
  require_valid(twice);
  return 0;
}
