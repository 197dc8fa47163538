#include "collectors/cgroup/neighbour_files.h"

#include <fcntl.h>
#include <linux/openat2.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "collectors/formats/mountinfo.h"
#include "core/scan.h"
#include "core/untrusted.h"

namespace vitalsd {
namespace {

using std::string_view;

constexpr string_view kWhere = "root/sys/fs/cgroup";
constexpr string_view kNoCgroups = "root/sys/fs/cgroup is no cgroup file system";
constexpr std::size_t kLimit = 4U << 20U;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kMostMounts = 64;

// Whose directories are looked up without asking a server (an overlay of such ones may be said to be another).
constexpr std::array<string_view, 14> kAnswering = {"overlay", "ext4", "xfs",  "btrfs", "tmpfs", "ramfs", "rootfs",
                                                    "sysfs",   "ext3", "ext2", "f2fs",  "erofs", "zfs",   "squashfs"};

std::unexpected<Error> failed(string_view where) { return fail(classify_errno(errno), where, errno); }

// Of the mount that a descriptor lies in; asks nothing of its file system, whatever that is.
std::optional<std::uint64_t> mount_of(int fd) {
  constexpr string_view kKey = "mnt_id:";
  const Fd info(::open(("/proc/self/fdinfo/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 512> text{};
  const ssize_t got = info ? ::read(info.get(), text.data(), text.size()) : -1;
  if (got <= 0) return std::nullopt;
  for (Scan scan({text.data(), static_cast<std::size_t>(got)}, "fdinfo"); !scan.at_end();) {
    Scan line(scan.line(), "fdinfo");
    if (line.word() != kKey) continue;
    const auto id = line.integer<std::uint64_t>();
    return line.ok() ? std::optional(id) : std::nullopt;
  }
  return std::nullopt;
}

const Mount* find_mount(const Mounts& mounts, int fd) {
  const auto id = mount_of(fd);
  const auto found = id ? std::ranges::find(mounts.all, *id, &Mount::id) : mounts.all.end();
  return found == mounts.all.end() ? nullptr : &*found;
}

bool is_cgroups(const Mount& mount) { return mount.type == "cgroup" || mount.type == "cgroup2"; }

/// The next directory on the way. No link is followed: it would lead into our own files.
Result<Fd> step(const Mounts& mounts, int from, const std::string& name) {
  auto cached = open_cached(from, name.c_str());
  // EAGAIN: it is not in memory, or its file system wants to be asked whether it still is, as sysfs always does
  // (fs/kernfs/dir.c kernfs_dop_revalidate()). ENOSYS: the kernel or a filter does not know openat2(2).
  const bool undecided = !cached && (cached.error().sys == EAGAIN || cached.error().sys == ENOSYS);
  if (!undecided) return cached;
  const Mount* const mount = find_mount(mounts, from);
  if (mount == nullptr || std::ranges::find(kAnswering, mount->type) == kAnswering.end()) {
    return fail(Errc::io, kWhere, EAGAIN);
  }
  Fd fd(::openat(from, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return failed(kWhere);
  return fd;
}

/// The hierarchies of version 1 that are mounted in the directories of `place`.
Result<void> find_hierarchies(const Mounts& mounts, const Mount& place, int directory, SeenCgroups& seen) {
  for (const Mount& each : mounts.all) {
    if (each.parent != place.id || each.covered || !is_cgroups(each) || seen.mounts.size() == kMostMounts) continue;
    if (!each.point.starts_with(SeenCgroups::kPlace) || each.point.size() < SeenCgroups::kPlace.size() + 2) continue;
    std::string name(each.point.substr(SeenCgroups::kPlace.size() + 1));
    if (name.find('/') != std::string::npos) continue;
    auto opened = step(mounts, directory, name);
    if (!opened) return fail(opened.error());
    if (mount_of(opened->get()) != each.id) return fail(Errc::malformed, kNoCgroups);  // something lies on it
    seen.mounts.push_back({std::move(name), std::move(*opened)});
  }
  if (seen.mounts.empty()) return fail(Errc::malformed, kNoCgroups);
  return {};
}

}  // namespace

Result<SeenCgroups> find_cgroups_of(int process, std::string& buffer) {
  const Fd file(::openat(process, "mountinfo", O_RDONLY | O_CLOEXEC));
  if (!file) return failed("mountinfo");
  const auto text = read_to_end(file.get(), buffer, kLimit, "mountinfo");
  if (!text) return fail(text.error());
  Mounts mounts;
  NoFaults unheard;  // the collector of file systems reports what it cannot read
  if (const auto parsed = mountinfo::parse(*text, mounts, unheard); !parsed) return fail(parsed.error());

  Fd at(::openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!at) return failed(kWhere);
  for (const char* name : {"sys", "fs", "cgroup"}) {
    auto next = step(mounts, at.get(), name);
    if (!next) return fail(next.error());
    at = std::move(*next);
  }
  const Mount* const place = find_mount(mounts, at.get());
  if (place == nullptr || place->point != SeenCgroups::kPlace) return fail(Errc::malformed, kNoCgroups);
  SeenCgroups seen{.mounts = {}, .mountinfo = *text};
  if (is_cgroups(*place)) {
    seen.mounts.push_back({"", std::move(at)});
  } else if (place->type != "tmpfs") {
    return fail(Errc::malformed, kNoCgroups);
  } else if (const auto found = find_hierarchies(mounts, *place, at.get(), seen); !found) {
    return fail(found.error());
  }
  return seen;
}

Result<int> NeighbourFiles::open(string_view path) const {
  for (const SeenCgroups::Mount& mount : mounts_) {
    string_view below = path;
    if (!mount.name.empty()) {
      if (!below.starts_with(mount.name)) continue;
      below.remove_prefix(mount.name.size());
      if (!below.empty() && below.front() != '/') continue;
      below.remove_prefix(std::min<std::size_t>(1, below.size()));
    }
    path_.assign(below.empty() ? string_view(".") : below);
    auto opened = open_below(mount.directory.get(), path_.c_str());
    if (!opened) return fail(opened.error().code, "cgroup", opened.error().sys);
    return opened->release();
  }
  return fail(Errc::unavailable, "cgroup", ENOENT);
}

template <class Use>
Result<string_view> NeighbourFiles::with_descriptor(string_view path, Keep keep, Use use) const {
  if (keep == Keep::yes) {
    if (auto kept = kept_.use(path)) {
      auto text = use(kept.fd());
      if (!text) kept.drop();
      return text;
    }
  }
  const auto opened = open(path);
  if (!opened) return fail(opened.error());
  Fd fd(*opened);
  if (keep == Keep::no) return use(fd.get());
  auto kept = kept_.keep(path, std::move(fd));
  auto text = use(kept.fd());
  if (!text) kept.drop();
  return text;
}

Result<string_view> NeighbourFiles::read(string_view path, std::string& buffer, Keep keep) const {
  return with_descriptor(path, keep, [&](int fd) { return read_to_end(fd, buffer, kLimit, "cgroup"); });
}

Result<string_view> NeighbourFiles::attribute(string_view path, std::string& buffer, Keep keep) const {
  return with_descriptor(path, keep, [&](int fd) -> Result<string_view> {
    if (buffer.size() < kPage) buffer.resize(kPage);
    const ssize_t got = ::pread(fd, buffer.data(), kPage, 0);
    if (got < 0) return failed("cgroup");
    string_view text(buffer.data(), static_cast<std::size_t>(got));
    if (text.ends_with('\n')) text.remove_suffix(1);
    return text;
  });
}

Result<void> NeighbourFiles::directories(string_view path, Names& out) const {
  out.clear();
  if (!path.empty()) return fail(Errc::unavailable, "cgroup");
  for (const SeenCgroups::Mount& mount : mounts_) {
    if (!mount.name.empty()) out.add(mount.name);
  }
  out.sort();
  return {};
}

Result<void> NeighbourFiles::list(string_view path, Names& out) const { return directories(path, out); }
Result<string_view> NeighbourFiles::link(string_view, std::string&) const { return fail(Errc::unavailable, "cgroup"); }
Result<std::uint64_t> NeighbourFiles::count(string_view, Names&, Keep) const {
  return fail(Errc::unavailable, "cgroup");
}
Result<RegularFile> NeighbourFiles::regular(string_view, std::string&) const {
  return fail(Errc::unavailable, "cgroup");
}

}  // namespace vitalsd
