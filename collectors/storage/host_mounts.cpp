#include "collectors/storage/host_mounts.h"

#include "core/fd.h"

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
  auto text = read_whole(procfs, "1/mountinfo");
  if (!text && (is_gone(text.error()) || text.error().code == Errc::denied)) {
    of_self_ = true;
    text = read_whole(procfs, "self/mountinfo");
  }
  if (!text) return fail(text.error());
  return mountinfo::parse(*text, mounts_, context.faults);
}

Result<std::string_view> HostMounts::read_whole(const FileSource& procfs, std::string_view path) {
  auto text = procfs.read(path, text_, Keep::yes);
  if (text || text.error().code != Errc::too_large) return text;
  const auto opened = procfs.open(path);
  if (!opened) return fail(opened.error());
  const Fd fd(*opened);
  return read_to_end(fd.get(), text_, kLongestMountinfo, "mountinfo");
}

}  // namespace vitalsd
