#include "daemon/publish/group.h"

#include <algorithm>
#include <charconv>
#include <deque>

#include "core/metric_name.h"
#include "core/sink.h"
#include "exporters/text.h"

namespace vitalsd {
namespace {

constexpr Family kPushed{"push_time_seconds", Kind::gauge,
                         "Last Unix time when changing this group in the Pushgateway succeeded.", "seconds"};
constexpr Family kFailed{"push_failure_time_seconds", Kind::gauge,
                         "Last Unix time when changing this group in the Pushgateway failed.", "seconds"};

// The families of a block, and what their texts are views of.
struct Owner {
  ContentPtr content;
  std::deque<Family> families;
};

void append_percent(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_name_part(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xFU];
  }
}

bool take_line(std::string_view& text, std::string_view key, std::string_view& value) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  if (end == std::string_view::npos || !line.starts_with(key) || line.substr(key.size(), 1) != " ") return false;
  value = line.substr(key.size() + 1);
  text.remove_prefix(end + 1);
  return true;
}

bool take_time(std::string_view& text, std::string_view key, double& time) {
  std::string_view value;
  if (!take_line(text, key, value)) return false;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), time);
  return code == std::errc{} && end == value.data() + value.size();
}

}  // namespace

bool is_push_time(std::string_view family) noexcept { return family == kPushed.name || family == kFailed.name; }
bool is_shared(std::string_view family) noexcept { return family.starts_with("process_"); }

void SeriesLabels::assign(const PushedGroup& group, const Exposition::Sample* sample) {
  pairs_.clear();
  bool has_instance = group.labels.contains("instance");
  for (const auto& [name, value] : group.labels) pairs_.emplace_back(name, value);
  for (std::size_t i = 0; sample != nullptr && i < sample->labels; ++i) {
    const Exposition::Label& label = group.content->read.labels[sample->first_label + i];
    if (group.labels.contains(label.name)) continue;
    has_instance = has_instance || label.name == "instance";
    pairs_.emplace_back(label.name, label.value);
  }
  if (!has_instance) pairs_.emplace_back("instance", "");
  std::ranges::sort(pairs_);
  names_.clear();
  values_.clear();
  for (const auto& [name, value] : pairs_) {
    names_.push_back(name);
    values_.push_back(value);
  }
}

std::shared_ptr<const Block> block_of(const PushedGroup& group, const HiddenFamilies& hidden) {
  const auto block = std::make_shared<Block>();
  const auto owner = std::make_shared<Owner>();
  BlockSink sink(*block);
  SeriesLabels labels;
  labels.assign(group, nullptr);
  const LabelId own = sink.labels(labels.names(), labels.values());
  sink.add(kPushed, own, group.pushed);
  sink.add(kFailed, own, group.failed);
  if (group.content) {
    owner->content = group.content;
    const Exposition& read = group.content->read;
    const std::vector<bool> used = families_in_use(read);
    std::vector<const Family*> families(read.families.size(), nullptr);
    for (std::size_t i = 0; i < families.size(); ++i) {
      const auto& family = read.families[i];
      if (!used[i] || hidden.contains(family.name)) continue;
      families[i] = &owner->families.emplace_back(Family{family.name, family.kind, family.help});
    }
    for (const Exposition::Sample& sample : read.samples) {
      if (families[sample.family] == nullptr) continue;
      labels.assign(group, &sample);
      sink.add(*families[sample.family], sink.labels(labels.names(), labels.values()), sample.value, sample.part);
    }
  }
  sink.keep(owner);
  block->finish();
  return block;
}

void add_names(const PushedGroup& group, NameBook& names) {
  if (!group.content) return;
  const std::vector<bool> used = families_in_use(group.content->read);
  for (std::size_t i = 0; i < used.size(); ++i) {
    const auto& family = group.content->read.families[i];
    if (used[i]) names.add(family.name, family.kind);
  }
}

std::size_t series_of(const PushedGroup& group) noexcept {
  return group.content ? group.content->read.samples.size() : 0;
}

std::string encode_group(const PushedGroup& group) {
  std::string text = "group ";
  text += push_path::kOwn;
  append_percent(text, group.labels.find("job")->second);
  for (const auto& [name, value] : group.labels) {
    if (name == "job") continue;
    text.append("/").append(name).append("/");
    append_percent(text, value);
  }
  for (const auto& [key, time] :
       {std::pair{"\npushed ", group.pushed}, {"\nfailed ", group.failed}, {"\nexpires ", group.expires}}) {
    text += key;
    append_value(text, time);
  }
  text += group.content ? "\ncontent 1\n" : "\ncontent 0\n";
  if (group.content) text += group.content->text;
  return text;
}

std::optional<PushedGroup> decode_group(std::string_view text, std::size_t most_series) {
  PushedGroup group;
  std::string_view path, has_content;
  if (!take_line(text, "group", path) || !take_time(text, "pushed", group.pushed) ||
      !take_time(text, "failed", group.failed) || !take_time(text, "expires", group.expires) ||
      !take_line(text, "content", has_content)) {
    return {};
  }
  auto labels = push_path::parse(path);
  if (!labels || !path.starts_with(push_path::kOwn)) return {};
  group.labels = *std::move(labels);
  if (has_content != "1") return group;
  auto content = parse_content(std::string(text), most_series);
  if (!content) return {};
  group.content = *std::move(content);
  return group;
}

}  // namespace vitalsd
