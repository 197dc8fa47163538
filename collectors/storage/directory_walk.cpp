#include "collectors/storage/directory_walk.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace vitalsd {
namespace {

constexpr std::string_view kWhere = "directory";
constexpr std::size_t kMostPending = std::size_t{16} << 20U;  // bytes of names of directories that wait to be read
constexpr std::size_t kLongestPath = 4096;
constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
constexpr std::uint64_t kBlock = 512;  // stat(2)'s unit

// For kernels before 5.6, and seccomp filters that do not know the call: a component at a time, each looked at.
int open_by_component(int root, std::string_view path, std::uint64_t device) {
  Fd at(::fcntl(root, F_DUPFD_CLOEXEC, 0));
  while (!path.empty() && at) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string name(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    Fd next(::openat(at.get(), name.c_str(), kFlags));
    if (!next) return -1;
    struct stat info{};
    if (::fstat(next.get(), &info) != 0) return -1;
    if (info.st_dev != device) {
      errno = EXDEV;
      return -1;
    }
    at = std::move(next);
  }
  return at.release();
}

int open_below(int root, const std::string& path, std::uint64_t device) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(kFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  const int fd = static_cast<int>(::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how));
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
  return open_by_component(root, path, device);
}

bool is_dots(const char* name) { return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')); }

}  // namespace

Result<void> DirectoryWalk::begin() {
  found_ = {};
  pending_.assign(1, "");
  pending_bytes_ = 0;
  directory_.reset();
  const Fd root(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat info{};
  if (!root || ::fstat(root.get(), &info) != 0) return fail(classify_errno(errno), kWhere, errno);
  device_ = info.st_dev;
  return {};
}

Result<DirectoryWalk::State> DirectoryWalk::step(std::size_t entries, const std::stop_token& stop) {
  if (!going_) {
    if (const auto begun = begin(); !begun) return fail(begun.error());
    going_ = true;
  }
  for (std::size_t i = 0; i < entries && !stop.stop_requested(); ++i) {
    while (directory_ == nullptr) {
      if (pending_.empty()) {
        going_ = false;
        return State::done;
      }
      const bool is_root = pending_.back().empty();
      if (enter()) continue;
      if (is_root) {
        going_ = false;
        return fail(found_.first_unreadable);
      }
    }
    errno = 0;
    if (const dirent* const entry = ::readdir(directory_.get())) {
      take(*entry);
      continue;
    }
    if (errno != 0) lose(errno);
    directory_.reset();
  }
  return State::going;
}

// Opens the next directory that waits. False: it was not to be had.
bool DirectoryWalk::enter() {
  current_ = std::move(pending_.back());
  pending_.pop_back();
  pending_bytes_ -= current_.size();
  // Between turns no descriptor holds the file system, but of a directory that a turn ended in.
  const Fd root(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  Fd opened(root ? open_below(root.get(), current_, device_) : -1);
  const int sys = errno;
  if (opened) {
    directory_.reset(::fdopendir(opened.get()));
    if (directory_ != nullptr) {
      (void)opened.release();
      if (!current_.empty()) ++found_.directories;
      return true;
    }
  }
  const bool is_other = sys == EXDEV || sys == ELOOP || sys == ENOTDIR || sys == ENOENT;  // a mount, a link, or gone
  if (!is_other || current_.empty()) lose(sys);
  return false;
}

void DirectoryWalk::lose(int sys) {
  if (found_.unreadable++ == 0) found_.first_unreadable = {classify_errno(sys), sys, kWhere};
}

void DirectoryWalk::take(const dirent& entry) {
  if (is_dots(entry.d_name)) return;
  switch (entry.d_type) {
    case DT_DIR:
      // Not looked at before it is opened: what is mounted on it may hang.
      if (!remember(entry.d_name)) lose(ENAMETOOLONG);
      break;
    case DT_REG: count_file(entry.d_name); break;
    case DT_UNKNOWN: {
      struct stat info{};
      if (::fstatat(::dirfd(directory_.get()), entry.d_name, &info, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) break;
      if (S_ISREG(info.st_mode)) count_file(entry.d_name);
      if (S_ISDIR(info.st_mode) && !remember(entry.d_name)) lose(ENAMETOOLONG);
      break;
    }
    default: break;
  }
}

bool DirectoryWalk::remember(const char* name) {
  std::string path = current_.empty() ? name : current_ + "/" + name;
  if (path.size() > kLongestPath || pending_bytes_ + path.size() > kMostPending) return false;
  pending_bytes_ += path.size();
  pending_.push_back(std::move(path));
  return true;
}

void DirectoryWalk::count_file(const char* name) {
  struct stat info{};
  if (::fstatat(::dirfd(directory_.get()), name, &info, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
    if (errno != ENOENT) lose(errno);
    return;
  }
  if (!S_ISREG(info.st_mode) || info.st_dev != device_) return;
  ++found_.files;
  found_.bytes += static_cast<std::uint64_t>(std::max<std::int64_t>(info.st_size, 0));
  found_.allocated += static_cast<std::uint64_t>(std::max<std::int64_t>(info.st_blocks, 0)) * kBlock;
  const std::int64_t modified = info.st_mtim.tv_sec;
  found_.oldest = std::min(found_.oldest.value_or(modified), modified);
  found_.newest = std::max(found_.newest.value_or(modified), modified);
}

}  // namespace vitalsd
