// The labels of one cgroup: what its path says of it, and the names that people know it by.
//   labels.set(id, identity, names); sink.add(family, labels.make(sink, {{"device", "sda"}}), value);
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/cgroup/container_path.h"
#include "collectors/formats/container_names.h"
#include "core/sink.h"

namespace vitalsd {

/// All labels that distinguish one cgroup from the others, and `more`; those without a value are absent.
template <class... More>
constexpr auto cgroup_label_names(More... more) {
  return std::array<std::string_view, 9 + sizeof...(more)>{"id",  "container_id", "pod_uid", "qos",  "namespace",
                                                           "pod", "container",    "image",   "name", more...};
}

/// Label names and values in step; those without a value are left out, so that they are absent.
class CgroupLabels {
 public:
  enum class Mode : std::uint8_t {
    names,  ///< of a cgroup with names, these and `id`; of the others, the ids
    ids,    ///< container_id, pod_uid and qos
    both,
  };
  explicit CgroupLabels(Mode mode = Mode::names) : mode_(mode) {}

  /// Null: it has no names. All must live until the last make().
  void set(std::string_view id, const ContainerIdentity& identity, const ContainerNames* names);
  /// Labels that all cgroups get, such as the pod's name; one that has names of its own has those.
  void add_constant(std::string name, std::string value);
  /// With more labels at the end.
  LabelId make(Sink& sink, std::initializer_list<std::pair<std::string_view, std::string_view>> more = {});
  /// With the ids, whatever the mode is.
  LabelId make_whole(Sink& sink, std::initializer_list<std::pair<std::string_view, std::string_view>> more);

 private:
  void add(std::string_view name, std::string_view value);
  void add_ids();
  LabelId finish(Sink& sink, std::size_t own,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> more);

  Mode mode_;
  const ContainerIdentity* identity_ = nullptr;
  bool has_ids_ = false;
  std::vector<std::pair<std::string, std::string>> constant_;
  std::vector<std::string_view> names_, values_;
};

}  // namespace vitalsd
