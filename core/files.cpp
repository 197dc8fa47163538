#include "core/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "core/fd.h"
#include "core/kept_files.h"
#include "core/kernel_roots.h"
#include "core/untrusted.h"

namespace vitalsd {
namespace {

constexpr std::size_t kFileLimit = 4U << 20U;
constexpr std::size_t kFirstRead = 16U << 10U;  // most files fit; /proc/stat of many CPUs grows it once
constexpr std::size_t kPage = 4096;
constexpr std::size_t kGiveBack = 16;    // kept descriptors to close when the process has none left
constexpr std::size_t kNamedLimit = 64;  // how many paths errors can name

class DirectoryFiles final : public FileSource {
 public:
  DirectoryFiles(std::string root, Resolve resolve, OpenRule* rule)
      : root_(std::move(root)), resolve_(resolve), rule_(rule != nullptr ? *rule : free_) {}

  Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep) const override {
    return with_descriptor(path, keep, [&](int fd) { return read_open(fd, path, buffer); });
  }

  Result<std::string_view> attribute(std::string_view path, std::string& buffer, Keep keep) const override {
    return with_descriptor(path, keep, [&](int fd) -> Result<std::string_view> {
      if (buffer.size() < kPage) buffer.resize(kPage);
      const ssize_t got = ::pread(fd, buffer.data(), kPage, 0);
      if (got < 0 && errno != ESPIPE) return failed(path);
      const auto stream = got < 0 ? read_stream(fd, path, buffer) : Result<std::string_view>();
      if (!stream) return stream;
      std::string_view text = got < 0 ? *stream : std::string_view(buffer.data(), static_cast<std::size_t>(got));
      if (text.ends_with('\n')) text.remove_suffix(1);
      return text;
    });
  }

  Result<std::string_view> link(std::string_view path, std::string& buffer) const override {
    if (buffer.size() < kPage) buffer.resize(kPage);
    if (!may_open()) return must_wait();
    const int dir = directory();
    if (dir < 0) return no_root();
    const ssize_t got = ::readlinkat(dir, c_path(path), buffer.data(), buffer.size());
    if (got < 0) return failed(path);
    return std::string_view(buffer.data(), static_cast<std::size_t>(got));
  }

  Result<void> list(std::string_view path, Names& out) const override {
    out.clear();
    const auto opened = open_at(path, O_RDONLY | O_DIRECTORY);
    if (!opened) return fail(opened.error());
    return list_open(Fd(*opened), path, out, [](int, const dirent64&) { return true; });
  }

  Result<void> directories(std::string_view path, Names& out) const override {
    out.clear();
    // A cgroup has dozens of files, but its link count shows its children (fs/kernfs/inode.c kernfs_refresh_inode()).
    struct stat info{};
    const bool known = is_in_cgroups(path, info);
    if (known && info.st_nlink == 2) return {};
    const auto opened = open_at(path, O_RDONLY | O_DIRECTORY);
    if (!opened) return fail(opened.error());
    Fd fd(*opened);
    if (!known && is_of_cgroups(fd.get()) && ::fstat(fd.get(), &info) == 0) {
      cgroup_devices_.insert(info.st_dev);
      if (info.st_nlink == 2) return {};
    }
    return list_open(std::move(fd), path, out, [](int parent, const dirent64& entry) {
      if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
      struct stat of_entry{};
      return ::fstatat(parent, entry.d_name, &of_entry, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(of_entry.st_mode);
    });
  }

  Result<std::uint64_t> count(std::string_view path, Names& scratch, Keep keep) const override {
    // proc_fd_getattr() sets st_size since Linux 6.2. Before that it is 0, and the directory is listed.
    const auto size = size_of(path, keep);
    if (!size) return fail(size.error());
    if (*size > 0) return *size;
    if (const auto listed = list(path, scratch); !listed) return fail(listed.error());
    return scratch.size();
  }

  Result<int> open(std::string_view path) const override { return open_at(path, O_RDONLY); }

  Result<RegularFile> regular(std::string_view path, std::string& buffer) const override {
    const auto opened = open_at(path, O_PATH);
    if (!opened) return fail(opened.error());
    const Fd place(*opened);
    struct stat info{};
    const auto file = open_untrusted(place.get(), info);
    if (!file) return fail(file.error().code, named(path), file.error().sys);
    if (buffer.size() < kPage) buffer.resize(kPage);
    const ssize_t got = ::read(file->get(), buffer.data(), kPage);
    if (got < 0) return failed(path);
    return RegularFile{
        {buffer.data(), static_cast<std::size_t>(got)},
        std::chrono::system_clock::time_point(std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::seconds(info.st_mtim.tv_sec) + std::chrono::nanoseconds(info.st_mtim.tv_nsec)))};
  }

  bool is_kernel() const noexcept override {
    if (!root_fd_ && may_open()) reopen();
    return kernel_;
  }
  std::string_view root() const noexcept override { return root_; }

 private:
  static bool is_of_cgroups(int fd) {
    struct statfs system{};
    return ::fstatfs(fd, &system) == 0 && (system.f_type == CGROUP2_SUPER_MAGIC || system.f_type == CGROUP_SUPER_MAGIC);
  }

  // Whether `path` is a directory in a known cgroup file system. Fills `info` for it. One call instead of four.
  bool is_in_cgroups(std::string_view path, struct stat& info) const {
    if (cgroup_devices_.empty() || resolve_ != Resolve::as_is || !may_open()) return false;
    return ::fstatat(root_number(), c_path(path), &info, 0) == 0 && S_ISDIR(info.st_mode) &&
           cgroup_devices_.contains(info.st_dev);
  }

  template <class Wanted>
  Result<void> list_open(Fd fd, std::string_view path, Names& out, Wanted wanted) const {
    alignas(dirent64) std::array<char, 8192> batch;
    for (;;) {
      const ssize_t got = ::getdents64(fd.get(), batch.data(), batch.size());
      if (got < 0) return failed(path);
      if (got == 0) break;
      for (ssize_t at = 0; at < got;) {
        const auto* entry = reinterpret_cast<const dirent64*>(batch.data() + at);
        const std::string_view name(entry->d_name);
        if (name != "." && name != ".." && wanted(fd.get(), *entry)) out.add(name, entry->d_ino);
        at += entry->d_reclen;
      }
    }
    out.sort();
    return {};
  }

  // Error::where must outlive the call, so failed paths are kept here, up to a limit.
  std::string_view named(std::string_view path) const {
    const auto known = failed_.find(path);
    if (known != failed_.end()) return *known;
    return failed_.size() < kNamedLimit ? std::string_view(*failed_.emplace(path).first) : "file";
  }
  std::unexpected<Error> failed(std::string_view path) const {
    const int sys = errno;  // before another call can change it
    return fail(classify_errno(sys), named(path), sys);
  }

  static bool is_of_kernel(int fd) {
    struct statfs info{};
    return ::fstatfs(fd, &info) == 0 && (info.f_type == PROC_SUPER_MAGIC || info.f_type == SYSFS_MAGIC ||
                                         info.f_type == CGROUP2_SUPER_MAGIC || info.f_type == CGROUP_SUPER_MAGIC);
  }

  void reopen() const {
    cgroup_devices_.clear();
    root_info_ = {};
    root_fd_ = KernelRoots::of_process().find(root_);
    kernel_ = root_fd_ != nullptr;
    if (kernel_) return;
    Fd fd(with_reserve([this] { return ::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }));
    if (!fd) return;
    kernel_ = is_of_kernel(fd.get());
    if (!kernel_) (void)::fstat(fd.get(), &root_info_);
    root_fd_ =
        kernel_ ? KernelRoots::of_process().share(root_, std::move(fd)) : std::make_shared<const Fd>(std::move(fd));
  }

  int root_number() const noexcept { return root_fd_ ? root_fd_->get() : -1; }

  // The first read opens the root, since most collectors use only one or two of their sources. A directory of ordinary
  // files may be replaced by another of the same name; a kernel file system cannot.
  int directory() const {
    if (!root_fd_ || (!kernel_ && is_replaced())) reopen();
    return root_number();
  }

  bool is_replaced() const {
    struct stat now{};
    return ::stat(root_.c_str(), &now) != 0 || now.st_dev != root_info_.st_dev || now.st_ino != root_info_.st_ino;
  }

  bool may_open() const noexcept {
    rule_.opened = true;
    return !rule_.kept_only;
  }
  static std::unexpected<Error> must_wait() { return fail(Errc::would_open, "file that is not open yet"); }
  static std::unexpected<Error> no_root() { return fail(Errc::unavailable, "root directory", ENOENT); }

  // A descriptor that is needed now is worth more than descriptors kept for later.
  template <class Open>
  static int with_reserve(Open open) {
    const int fd = open();
    const bool is_full = fd < 0 && (errno == EMFILE || errno == ENFILE);
    return is_full && KeptBudget::of_process().give_back(kGiveBack) > 0 ? open() : fd;
  }

  // System calls need a terminated string; one buffer serves all paths.
  const char* c_path(std::string_view path) const {
    path_.assign(path.empty() ? std::string_view(".") : path);
    return path_.c_str();
  }

  Result<int> open_at(std::string_view path, int flags) const {
    if (!may_open()) return must_wait();
    const int dir = directory();
    if (dir < 0) return no_root();
    flags |= O_CLOEXEC | (rule_.no_waiting && (flags & O_PATH) == 0 ? O_NONBLOCK : 0);
    if (resolve_ == Resolve::in_root) {
      open_how how{};
      how.flags = static_cast<std::uint64_t>(flags);
      how.resolve = RESOLVE_IN_ROOT;
      const int fd =
          with_reserve([&] { return static_cast<int>(::syscall(SYS_openat2, dir, c_path(path), &how, sizeof how)); });
      if (fd >= 0) return fd;
      if (errno != ENOSYS && errno != EPERM) return failed(path);  // old kernels and old seccomp filters: use openat(2)
    }
    const int fd = with_reserve([&] { return ::openat(dir, c_path(path), flags); });
    if (fd < 0) return failed(path);
    return fd;
  }

  // The st_size of a file in a kernel file system; 0 for any other file.
  Result<std::uint64_t> size_of(std::string_view path, Keep keep) const {
    struct stat info{};
    if (keep == Keep::no) {
      if (!may_open()) return must_wait();
      const int dir = directory();
      if (dir < 0 || !kernel_) return 0;
      if (::fstatat(dir, c_path(path), &info, 0) != 0) return failed(path);
      return static_cast<std::uint64_t>(info.st_size);
    }
    auto kept = kept_.use(path);
    if (!kept) {
      const auto opened = open_at(path, O_PATH);
      if (!opened) return fail(opened.error());
      Fd fd(*opened);
      if (!is_of_kernel(fd.get())) return 0;
      const auto now_kept = kept_.keep(path, std::move(fd));
      return size_of_open(now_kept.fd(), path);
    }
    const auto size = size_of_open(kept.fd(), path);
    if (!size) kept.drop();
    return size;
  }

  Result<std::uint64_t> size_of_open(int fd, std::string_view path) const {
    struct stat info{};
    if (::fstat(fd, &info) != 0) return failed(path);
    return static_cast<std::uint64_t>(info.st_size);
  }

  template <class Use>
  Result<std::string_view> with_descriptor(std::string_view path, Keep keep, Use use) const {
    if (keep == Keep::yes) {
      if (auto kept = kept_.use(path)) return read_kept(kept, use);
    }
    const auto opened = open_at(path, O_RDONLY);
    if (!opened) return fail(opened.error());
    Fd fd(*opened);
    // Each file is checked, since the root of cgroup v1 is a tmpfs.
    if (keep == Keep::no || !is_of_kernel(fd.get())) return use(fd.get());
    auto kept = kept_.keep(path, std::move(fd));
    return read_kept(kept, use);
  }

  template <class Use>
  static Result<std::string_view> read_kept(KeptFiles::Use& kept, Use use) {
    auto text = use(kept.fd());
    if (!text) kept.drop();  // the next read opens a new descriptor
    return text;
  }

  Result<std::string_view> read_open(int fd, std::string_view path, std::string& buffer) const {
    const auto text = read_to_end(fd, buffer, kFileLimit, {});
    if (text) return text;
    if (text.error().sys == ESPIPE) return read_stream(fd, path, buffer);
    return fail(text.error().code, named(path), text.error().sys);
  }

  // Reads a file that has no positions (a FIFO in a tree of fixtures) as a stream.
  Result<std::string_view> read_stream(int fd, std::string_view path, std::string& buffer) const {
    std::size_t size = 0;
    while (size < buffer.size()) {
      const ssize_t got = ::read(fd, buffer.data() + size, buffer.size() - size);
      if (got < 0) return failed(path);
      if (got == 0) return std::string_view(buffer.data(), size);
      size += static_cast<std::size_t>(got);
    }
    return fail(Errc::too_large, named(path), EFBIG);
  }

  std::string root_;
  Resolve resolve_;
  mutable OpenRule free_;  // for a source without a rule
  OpenRule& rule_;
  mutable SharedFd root_fd_;
  mutable bool kernel_ = false;
  mutable struct stat root_info_{};  // of a root that is not a kernel file system
  mutable std::string path_;
  mutable KeptFiles kept_{KeptBudget::of_process()};
  mutable std::set<std::string, std::less<>> failed_;
  mutable std::set<dev_t> cgroup_devices_;  // the known cgroup file systems
};

}  // namespace

Result<std::string_view> read_to_end(int fd, std::string& buffer, std::size_t limit, std::string_view where) {
  if (buffer.size() < kFirstRead) buffer.resize(kFirstRead);
  std::size_t size = 0;
  for (;;) {
    if (size == buffer.size()) {
      if (size >= limit) return fail(Errc::too_large, where, EFBIG);
      buffer.resize(size * 2);
    }
    const ssize_t got = ::pread(fd, buffer.data() + size, buffer.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(classify_errno(errno), where, errno);
    if (got == 0) return std::string_view(buffer.data(), size);
    size += static_cast<std::size_t>(got);
  }
}

void Names::clear() noexcept {
  text_.clear();
  extents_.clear();
}

void Names::add(std::string_view name, std::uint64_t inode) {
  extents_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()), inode});
  text_ += name;
}

std::string_view Names::operator[](std::size_t i) const noexcept {
  return std::string_view(text_).substr(extents_[i].offset, extents_[i].size);
}

void Names::sort() {
  const std::string_view text(text_);
  std::ranges::sort(extents_, {}, [text](const Extent& e) { return text.substr(e.offset, e.size); });
}

std::unique_ptr<FileSource> open_directory(std::string path, Resolve resolve, OpenRule* rule) {
  return std::make_unique<DirectoryFiles>(std::move(path), resolve, rule);
}

}  // namespace vitalsd
