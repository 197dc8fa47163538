#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "collectors/kit/digits.h"
#include "collectors/kit/joined.h"
#include "collectors/storage/exclusive_filter.h"
#include "collectors/storage/host_mounts.h"
#include "collectors/storage/mount_asker.h"
#include "core/collector.h"
#include "core/named_families.h"

namespace vitalsd {
namespace {

constexpr std::string_view kIgnoredPoints =
    "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)";
constexpr std::string_view kIgnoredTypes =
    "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|"
    "proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$";

constexpr std::array<std::string_view, 4> kLabels = {"device", "mountpoint", "fstype", "device_error"};
constexpr std::array<std::string_view, 4> kInfoLabels = {"device", "major", "minor", "mountpoint"};

using Numbers = struct statfs;
template <Literal Name, Literal Help>
constexpr Family kFamily{joined<"node_filesystem_", Name>, Kind::gauge, joined<Help>,
                         joined<Name>.ends_with("bytes") ? "bytes" : "", kLabels};

constexpr Family kError =
    kFamily<"device_error", "Whether an error occurred while getting statistics for the given device.">;
constexpr Family kReadOnly = kFamily<"readonly", "Filesystem read-only status.">;
constexpr Family kInfo{"node_filesystem_mount_info", Kind::gauge, "Filesystem mount information.", "", kInfoLabels};

double bytes(std::uint64_t blocks, const Numbers& of) {
  return static_cast<double>(blocks) * static_cast<double>(of.f_bsize);
}
constexpr std::array kRows = {
    Row<Numbers>{kFamily<"size_bytes", "Filesystem size in bytes.">,
                 [](const Numbers& n) { return bytes(n.f_blocks, n); }},
    Row<Numbers>{kFamily<"free_bytes", "Filesystem free space in bytes.">,
                 [](const Numbers& n) { return bytes(n.f_bfree, n); }},
    Row<Numbers>{kFamily<"avail_bytes", "Filesystem space available to non-root users in bytes.">,
                 [](const Numbers& n) { return bytes(n.f_bavail, n); }},
    Row<Numbers>{kFamily<"files", "Filesystem total file nodes.">,
                 [](const Numbers& n) { return static_cast<double>(n.f_files); }},
    Row<Numbers>{kFamily<"files_free", "Filesystem total free file nodes.">,
                 [](const Numbers& n) { return static_cast<double>(n.f_ffree); }},
};
constexpr auto kFamilies = family_list<family_total(kRows, kError, kReadOnly, kInfo)>(kRows, kError, kReadOnly, kInfo);
constexpr auto kRemembered = families_named(
    kFamilies, {"node_filesystem_size_bytes", "node_filesystem_avail_bytes", "node_filesystem_files_free"});

constexpr std::array kOptions = {
    OptionSpec{"mount_points_include", OptionType::regex, "", "Mount points to report; excludes mount_points_exclude."},
    OptionSpec{"mount_points_exclude", OptionType::regex, kIgnoredPoints,
               "Mount points to leave out; excludes mount_points_include."},
    OptionSpec{"fs_types_include", OptionType::regex, "", "File system types to report; excludes fs_types_exclude."},
    OptionSpec{"fs_types_exclude", OptionType::regex, kIgnoredTypes,
               "File system types to leave out; excludes fs_types_include."},
    OptionSpec{"mount_timeout", OptionType::duration, "5s",
               "How long to wait for a file system's answer; never longer than half of what the run may take."},
};

// Who serves these may be gone, and then no call returns.
bool is_remote(std::string_view type) {
  constexpr std::array<std::string_view, 19> kTypes = {
      "9p",    "afs", "beegfs", "ceph",  "cifs",     "coda", "gfs2",  "glusterfs", "gpfs",  "lustre",
      "ncpfs", "nfs", "nfs4",   "ocfs2", "orangefs", "smb3", "smbfs", "virtiofs",  "wekafs"};
  return type.starts_with("fuse") || std::ranges::find(kTypes, type) != kTypes.end();
}

// Errors in Go's words: the C library's, in lower case, but for one.
std::string_view words_of(int error, std::string& buffer) {
  if (error == ESTALE) return "stale NFS file handle";
  const char* const text = ::strerrordesc_np(error);
  buffer = text != nullptr ? text : "errno";
  if (buffer.size() > 1 && buffer[0] >= 'A' && buffer[0] <= 'Z' && !(buffer[1] >= 'A' && buffer[1] <= 'Z'))
    buffer[0] = static_cast<char>(buffer[0] - 'A' + 'a');
  return buffer;
}

// One for the whole process: a reload must not leave another few threads behind at mounts that hang. It is never
// destroyed, since such a thread may come back at any time.
MountAsker& shared_asker() {
  static auto* const asker =
      new MountAsker([](const char* path, Numbers& out) { return ::statfs(path, &out) == 0 ? 0 : errno; });
  return *asker;
}

class FilesystemCollector final : public Collector {
 public:
  explicit FilesystemCollector(const Options& options)
      : points_(exclusive_filter(options, {"mount_points_include", "mount_points_exclude", kIgnoredPoints})),
        types_(exclusive_filter(options, {"fs_types_include", "fs_types_exclude", kIgnoredTypes})),
        timeout_(options.duration("mount_timeout")) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto read = mounts_.read(context); !read) return read;
    choose(context.host.root_path);
    const auto now = std::chrono::steady_clock::now();
    const auto left = std::max((context.deadline - now) / 2, std::chrono::steady_clock::duration::zero());
    shared_asker().ask(questions_, now + std::min<std::chrono::nanoseconds>(timeout_, left), context.stop);
    for (std::size_t i = 0; i < chosen_.size(); ++i) publish(*chosen_[i].mount, chosen_[i].point, questions_[i], sink);
    return {};
  }

 private:
  struct Chosen {
    const Mount* mount;
    std::string_view point;  // below the root of the host
    std::size_t path;        // where its path begins in paths_
  };

  void choose(std::string_view root) {
    chosen_.clear();
    questions_.clear();
    paths_.clear();
    while (root.ends_with('/')) root.remove_suffix(1);
    // In a container that sees its own mounts alone, those below the mounted root are the host's, the others are not.
    const bool only_below = mounts_.of_self() && std::ranges::any_of(mounts_.all(), [root](const Mount& mount) {
                              return !below_root(root, mount.point).empty();
                            });
    for (const Mount& mount : mounts_.all()) {
      std::string_view point = below_root(root, mount.point);
      if (point.empty() && only_below) continue;
      if (point.empty()) point = mount.point;
      // To ask an autofs is to have it mounted, whatever the options say of its type.
      if (mount.covered || mount.type == "autofs" || !points_.keeps(point) || !types_.keeps(mount.type)) continue;
      chosen_.push_back({.mount = &mount, .point = point, .path = paths_.size()});
      paths_.append(root).append(point) += '\0';
    }
    for (const Chosen& each : chosen_) {
      questions_.push_back({.path = std::string_view(paths_.data() + each.path, root.size() + each.point.size()),
                            .device = std::uint64_t{each.mount->major} << 32U | each.mount->minor,
                            .remote = is_remote(each.mount->type)});
    }
  }

  void publish(const Mount& mount, std::string_view point, const MountAsker::Question& asked, Sink& sink) {
    using Outcome = MountAsker::Outcome;
    const std::string_view error = asked.outcome == Outcome::answered    ? std::string_view()
                                   : asked.outcome == Outcome::timed_out ? "timed out"
                                                                         : words_of(asked.error, words_);
    const std::array values = {mount.source, point, mount.type, error};
    const LabelId labels = sink.labels(kLabels, values);
    sink.add(kError, labels, error.empty() ? 0 : 1);
    sink.add(kReadOnly, labels, mount.read_only ? 1 : 0);
    if (!error.empty()) return;
    sink.add_rows(kRows, asked.numbers, labels);
    sink.add(kInfo, {mount.source, Digits(mount.major), Digits(mount.minor), point}, 1);
  }

  Filter points_, types_;
  std::chrono::nanoseconds timeout_;
  HostMounts mounts_;
  std::string paths_, words_;
  std::vector<Chosen> chosen_;
  std::vector<MountAsker::Question> questions_;
};

const Registration kRegistration{{.name = "filesystem",
                                  .help = "Sizes and states of mounted file systems.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .make = make_configured<FilesystemCollector>}};

}  // namespace
}  // namespace vitalsd
