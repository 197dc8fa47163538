#include "collectors/storage/host_mounts.h"

#include "collectors/kit/read_whole.h"

namespace vitalsd {
namespace {

constexpr std::size_t kLongestMountinfo = 64U << 20U;  // of overlay file systems a line may be a page

}  // namespace

std::string_view below_root(std::string_view root, std::string_view point) {
  while (root.ends_with('/')) root.remove_suffix(1);
  if (root.empty()) return point;
  if (!point.starts_with(root)) return {};
  point.remove_prefix(root.size());
  if (point.empty()) return "/";
  return point.starts_with('/') ? point : std::string_view();
}

Result<void> HostMounts::read(CollectContext& context) {
  const FileSource& procfs = *context.host.procfs;
  of_self_ = false;
  auto text = read_whole(procfs, "1/mountinfo", text_, kLongestMountinfo);
  if (!text && (is_gone(text.error()) || text.error().code == Errc::denied)) {
    of_self_ = true;
    text = read_whole(procfs, "self/mountinfo", text_, kLongestMountinfo);
  }
  if (!text) return fail(text.error());
  return mountinfo::parse(*text, mounts_, context.faults);
}

}  // namespace vitalsd
