#include "collectors/cgroup/cgroup_labels.h"

#include <algorithm>

namespace vitalsd {

using std::string_view;

void CgroupLabels::add_constant(std::string name, std::string value) {
  constant_.emplace_back(std::move(name), std::move(value));
}

void CgroupLabels::add(string_view name, string_view value) {
  if (value.empty()) return;
  names_.push_back(name);
  values_.push_back(value);
}

void CgroupLabels::add_ids() {
  add("container_id", identity_->container_id);
  add("pod_uid", identity_->pod_uid);
  add("qos", identity_->qos);
}

void CgroupLabels::set(string_view id, const ContainerIdentity& identity, const ContainerNames* names) {
  identity_ = &identity;
  names_.clear();
  values_.clear();
  // What has neither of the two cannot be found by its names.
  const bool is_named = names != nullptr && (!names->pod.empty() || !names->name.empty());
  has_ids_ = mode_ != Mode::names || !is_named;
  add("id", id);
  if (has_ids_) add_ids();
  if (names != nullptr && mode_ != Mode::ids) {
    add("namespace", names->ns);
    add("pod", names->pod);
    add("container", names->container);
    add("image", names->image);
    add("name", names->name);
  }
  const bool is_of_pod = names != nullptr && !names->pod.empty();
  for (const auto& [name, value] : constant_) {
    if (!is_of_pod || name == "node") add(name, value);
  }
}

LabelId CgroupLabels::make(Sink& sink, std::initializer_list<std::pair<string_view, string_view>> more) {
  return finish(sink, names_.size(), more);
}

LabelId CgroupLabels::make_whole(Sink& sink, std::initializer_list<std::pair<string_view, string_view>> more) {
  const std::size_t own = names_.size();
  if (!has_ids_) add_ids();
  return finish(sink, own, more);
}

LabelId CgroupLabels::finish(Sink& sink, std::size_t own,
                             std::initializer_list<std::pair<string_view, string_view>> more) {
  for (const auto& [name, value] : more) add(name, value);
  const LabelId made = sink.labels(names_, values_);
  names_.resize(own);
  values_.resize(own);
  return made;
}

}  // namespace vitalsd
