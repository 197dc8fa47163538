#include "collectors/cgroup/cgroup_walk.h"

#include <ranges>

namespace vitalsd {

Result<void> CgroupWalk::round(const FileSource& files, const Hierarchy& tree, GoneCgroups& gone) {
  gone_ = &gone;
  ++round_;
  met_ = left_out_ = 0;
  changed_ = false;
  Result<void> listed = fail(Errc::unavailable, "cgroups");
  for (const std::string& root : tree.roots()) {
    id_ = "/";
    Cgroup* top = meet(id_, 0);
    id_.clear();
    path_ = root;
    if (const auto done = visit(files, *top, 0); done || !listed) listed = done;
  }
  if (!listed) return listed;
  const auto left = std::erase_if(cgroups_, [&](const auto& entry) {
    const auto& [id, cgroup] = entry;
    if (cgroup.seen == round_) return false;
    if (cgroup.reported) gone.note(id, cgroup.inode, cgroup.last, cgroup.past, cgroup.names);
    return true;
  });
  if (left != 0) changed_ = true;
  wanted_ = 0;
  for (auto& [id, cgroup] : std::views::reverse(cgroups_)) {
    if (cgroup.reported) cgroup.wanted = true;
    if (cgroup.wanted) ++wanted_;
    if (Cgroup* parent = cgroup.wanted ? parent_of(id) : nullptr) parent->wanted = true;
  }
  return {};
}

// `id_` and `path_` name the cgroup, and do so again at the end.
Result<void> CgroupWalk::visit(const FileSource& files, Cgroup& cgroup, std::size_t depth) {
  while (names_.size() <= depth) names_.emplace_back();
  Names& names = names_[depth];
  if (const auto listed = files.directories(path_.empty() ? "." : std::string_view(path_), names); !listed)
    return listed;
  if (names.size() != 0) cgroup.leaf = false;
  if (depth == max_depth_) {
    left_out_ += names.size();
    return {};
  }
  const std::size_t id_size = id_.size(), path_size = path_.size();
  for (std::size_t i = 0; i < names.size(); ++i) {
    id_.append("/").append(names[i]);
    if (!path_.empty()) path_.push_back('/');
    path_.append(names[i]);
    if (Cgroup* child = meet(id_, names.inode(i))) {
      // One that has gone meanwhile, or may not be listed, has nothing below that could be told.
      if (const auto below = visit(files, *child, depth + 1); !below) child->leaf = false;
    } else {
      ++left_out_;
    }
    id_.resize(id_size);
    path_.resize(path_size);
  }
  return {};
}

// In version 1 a cgroup is met once in each hierarchy. Null: there are too many.
Cgroup* CgroupWalk::meet(std::string_view id, std::uint64_t inode) {
  auto found = cgroups_.find(id);
  if (found == cgroups_.end()) {
    if (met_ == max_cgroups_) return nullptr;
    found = cgroups_.try_emplace(std::string(id)).first;
    changed_ = true;
    found->second.identity = identify(found->first);
    found->second.reported = filter_.keeps(found->first);
    found->second.past = gone_->take(id, inode);
  }
  Cgroup& cgroup = found->second;
  if (cgroup.seen != round_) {
    if (met_ == max_cgroups_) return nullptr;
    ++met_;
    // A service that is started again has its cgroup's name, and none of its past.
    const bool remade = cgroup.inode != 0 && inode != 0 && cgroup.inode != inode;
    if (remade) {
      cgroup = {.identity = cgroup.identity, .reported = cgroup.reported, .past = cgroup.last};
      changed_ = true;
    }
    cgroup.remade = remade;
    if (inode != 0) cgroup.inode = inode;
    cgroup.seen = round_;
    cgroup.leaf = true;
    cgroup.wanted = false;
  }
  return &cgroup;
}

Cgroup* CgroupWalk::parent_of(std::string_view id) {
  if (id == "/") return nullptr;
  const std::size_t end = id.rfind('/');
  const auto found = cgroups_.find(end == 0 ? std::string_view("/") : id.substr(0, end));
  return found == cgroups_.end() ? nullptr : &found->second;
}

}  // namespace vitalsd
