#include "daemon/publish/content.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/block.h"
#include "core/utf8.h"
#include "daemon/publish/group.h"
#include "exporters/text.h"

namespace vitalsd {
namespace {

constexpr std::string_view kTooMany = "too many samples";  // as the parser says it

std::unexpected<PushRefusal> refuse_at(std::size_t line, std::size_t column, std::string_view what) {
  std::string text = "line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
  return std::unexpected(PushRefusal{400, text.append(what)});
}

constexpr std::string_view suffix_of(Part part) {
  constexpr std::string_view kSuffixes[] = {"", "_bucket", "_sum", "_count"};
  return kSuffixes[static_cast<std::size_t>(part)];
}

void append_help(std::string& out, std::string_view help) {
  for (const char c : help) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\') {
      out += "\\\\";
    } else {
      out += c;
    }
  }
}

void append_head(std::string& out, const Exposition::Family& family) {
  if (family.has_help) {
    out.append("# HELP ").append(family.name).append(" ");
    append_help(out, family.help);
    out += '\n';
  }
  if (!family.has_type) return;
  out.append("# TYPE ").append(family.name).append(" ").append(type_word(family.kind)).append("\n");
}

void append_sample(std::string& out, const Exposition& read, const Exposition::Sample& sample) {
  out.append(read.families[sample.family].name).append(suffix_of(sample.part));
  for (std::size_t i = 0; i < sample.labels; ++i) {
    const Exposition::Label& label = read.labels[sample.first_label + i];
    out.append(i == 0 ? "{" : ",").append(label.name).append("=\"");
    append_escaped_label(out, label.value);
    out += '"';
  }
  if (sample.labels > 0) out += '}';
  out += ' ';
  append_value(out, sample.value);
  out += '\n';
}

void append_families(std::string& out, const Exposition& read, const std::vector<bool>& wanted) {
  std::vector<std::vector<const Exposition::Sample*>> samples(read.families.size());
  for (const auto& sample : read.samples) samples[sample.family].push_back(&sample);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!wanted[i]) continue;
    append_head(out, read.families[i]);
    for (const auto* sample : samples[i]) append_sample(out, read, *sample);
  }
}

}  // namespace

std::expected<ContentPtr, PushRefusal> parse_content(std::string text, std::size_t most_series) {
  auto content = std::make_shared<Content>();
  content->text = std::move(text);
  const std::string_view all = content->text;
  if (const auto at = find_no_text(all); at != all.npos) {
    const std::string_view before = all.substr(0, at);
    const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
    const std::size_t begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return refuse_at(line, at - begin + 1, all[at] == '\0' ? "a NUL" : "no UTF-8 text");
  }
  if (const auto error = exposition::parse(all, {.samples = most_series}, content->read)) {
    if (error->what != kTooMany) return refuse_at(error->line, error->column, error->what);
    return std::unexpected(
        PushRefusal{413, "more than the " + std::to_string(most_series) + " series of publish.max_series"});
  }
  if (content->read.timestamps) {
    return refuse_at(content->read.timestamp_line, content->read.timestamp_column,
                     "pushed metrics must not have timestamps");
  }
  return content;
}

std::expected<ContentPtr, PushRefusal> merge_content(const Content& old, const Content& fresh,
                                                     std::size_t most_series) {
  const std::vector<bool> replacing = families_in_use(fresh.read);
  std::set<std::string_view> replaced;
  for (std::size_t i = 0; i < replacing.size(); ++i) {
    if (replacing[i]) replaced.insert(fresh.read.families[i].name);
  }
  std::vector<bool> kept = families_in_use(old.read);
  NameBook names;  // without it a sample could go over to a histogram of the other text
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto& family = old.read.families[i];
    kept[i] = kept[i] && !replaced.contains(family.name);
    if (kept[i]) names.add(family.name, family.kind);
  }
  for (std::size_t i = 0; i < replacing.size(); ++i) {
    const auto& family = fresh.read.families[i];
    const auto other = names.in_the_way(family.name, family.kind);
    if (!replacing[i] || other.empty()) continue;
    return std::unexpected(
        PushRefusal{400, std::string(family.name).append(" has a name of the family ").append(other)});
  }
  std::string text;
  append_families(text, old.read, kept);
  append_families(text, fresh.read, replacing);
  return parse_content(std::move(text), most_series);
}

std::vector<bool> families_in_use(const Exposition& read) {
  std::vector<bool> used(read.families.size(), false);
  for (const auto& sample : read.samples) used[sample.family] = true;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (is_push_time(read.families[i].name)) used[i] = false;
  }
  return used;
}

}  // namespace vitalsd
