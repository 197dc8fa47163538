#include "daemon/publish/push.h"

#include <algorithm>
#include <new>
#include <utility>

#include "exporters/gunzip.h"

namespace vitalsd {
namespace {

PushRefusal too_large(std::size_t most) {
  return {413, "the body is larger than the " + std::to_string(most) + " bytes of publish.max_size"};
}

}  // namespace

void Push::run() noexcept {
  group = old;
  try {
    how == How::remove ? take_back() : store();
  } catch (const std::exception&) {
    refused = PushRefusal{503, "no memory for it"};
    changed = false;
  }
  memory.clear();
  file.reset();
}

void Push::take_back() {
  for (const GroupPtr& other : neighbours.groups) add_names(*other, names);
  if (!old) return;
  if (files) refused = files->remove(number);
  if (refused) return;
  group.reset();
  changed = true;
}

void Push::store() {
  PushedGroup made;
  refused = make(made);
  if (!refused && files) refused = files->save(number, made);
  if (!refused) {
    use(std::move(made));
  } else if (refused->status == 400 && notes_failure) {
    note_failure();
  }
}

std::optional<PushRefusal> Push::read_body(std::string& text) {
  std::string raw = std::move(memory);
  if (file) {
    if (const auto read = file->read(raw, most_bytes); !read) return disk_refusal(read.error());
  }
  if (!compressed || raw.empty()) {
    text = std::move(raw);
    return {};
  }
  switch (gunzip(raw, most_bytes, text)) {
    case Gunzip::done: return {};
    case Gunzip::damaged: return PushRefusal{400, "the body is no gzip, or damaged"};
    case Gunzip::too_large: return too_large(most_bytes);
    case Gunzip::no_memory: break;
  }
  return PushRefusal{503, "no memory for it"};
}

std::optional<PushRefusal> Push::make(PushedGroup& made) {
  made.labels = labels;
  made.pushed = now;
  made.failed = old ? old->failed : 0;
  made.expires = time_to_live > 0 ? now + time_to_live : 0;
  std::string text;
  if (auto fault = read_body(text)) return fault;
  auto content = parse_content(std::move(text), neighbours.most_series);
  if (content && how == How::merge && old && old->content) {
    content = merge_content(*old->content, **content, neighbours.most_series);
  }
  if (!content) return content.error();
  made.content = *std::move(content);
  for (const GroupPtr& other : neighbours.groups) {
    if (is_twin(made, *other)) {
      return PushRefusal{400, "only empty labels tell the group from another: " + describe(other->labels)};
    }
  }
  return find_conflict(made, neighbours, names);
}

// What the group holds stays; that a push failed shows. A disk that does not take it loses that alone.
void Push::note_failure() {
  PushedGroup noted = old ? *old : PushedGroup{.labels = labels, .content = {}};
  noted.failed = now;
  if (!old && time_to_live > 0) noted.expires = now + time_to_live;
  const auto is_twin_of = [&](const GroupPtr& other) { return is_twin(noted, *other); };
  if (std::ranges::any_of(neighbours.groups, is_twin_of)) return;
  names = {};
  for (const GroupPtr& other : neighbours.groups) add_names(*other, names);
  add_names(noted, names);
  if (files && files->save(number, noted)) return;
  use(std::move(noted));
}

void Push::use(PushedGroup made) {
  block = block_of(made, hidden);
  group = std::make_shared<const PushedGroup>(std::move(made));
  changed = true;
}

}  // namespace vitalsd
