// The one access to the file system: procfs, sysfs or a directory of fixtures, read relative to its root.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace vitalsd {

/// Whether the descriptor stays open for the next read, which halves the cost of a file that is read each round. All
/// sources of the process share what RLIMIT_NOFILE allows (core/kept_files.h). Ignored outside kernel file systems,
/// where a file may be replaced by another of the same name.
enum class Keep : bool { no, yes };

/// The entries of a directory, sorted. The arena is reused, so a warm listing allocates nothing.
class Names {
 public:
  void clear() noexcept;
  void add(std::string_view name, std::uint64_t inode = 0);
  void sort();
  std::size_t size() const noexcept { return extents_.size(); }
  std::string_view operator[](std::size_t i) const noexcept;
  /// The inode of an entry, which distinguishes two directories that had the same name in turn. 0: not known.
  std::uint64_t inode(std::size_t i) const noexcept { return extents_[i].inode; }

 private:
  struct Extent {
    std::uint32_t offset, size;
    std::uint64_t inode;
  };
  std::string text_;
  std::vector<Extent> extents_;
};

/// What the sources of one host may do. They share it; see open_directory().
struct OpenRule {
  bool kept_only = false;   ///< only kept descriptors are read; a call that would look up a path fails with would_open
  bool no_waiting = false;  ///< opening and reading a FIFO does not wait for its writer
  bool opened = false;      ///< set when a path was looked up or would have been; the user of the rule resets it
};

/// The result of FileSource::regular(): both members describe the same file.
struct RegularFile {
  std::string_view text;
  std::chrono::system_clock::time_point modified;
};

/// Paths are relative to the source's root. Returned views are valid until the buffer is next used. Errors: unavailable
/// (no such file), vanished (process or device gone), denied, too_large, io, would_open. A source must be used by one
/// thread at a time.
class FileSource {
 public:
  virtual ~FileSource() = default;

  /// Reads a whole seq file to its end, up to the source's limit (4 MiB).
  virtual Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep = Keep::no) const = 0;
  /// Reads a short file that the kernel writes at once, such as any in sysfs: one read of at most a page, without the
  /// final newline. Half the cost of read().
  virtual Result<std::string_view> attribute(std::string_view path, std::string& buffer,
                                             Keep keep = Keep::no) const = 0;
  /// The target of a symbolic link, unresolved.
  virtual Result<std::string_view> link(std::string_view path, std::string& buffer) const = 0;
  /// Lists the names in a directory, sorted, without "." and "..".
  virtual Result<void> list(std::string_view path, Names& out) const = 0;
  /// Lists the subdirectories of a directory, sorted. On cgroup file systems a directory without any is not read at
  /// all.
  virtual Result<void> directories(std::string_view path, Names& out) const = 0;
  /// The number of entries of a directory. On procfs since Linux 6.2 this neither reads the directory nor needs
  /// privilege.
  virtual Result<std::uint64_t> count(std::string_view path, Names& scratch, Keep keep = Keep::no) const = 0;
  /// Opens a new descriptor (O_RDONLY|O_CLOEXEC), for files that must be polled. The caller closes it. Fakes return -1.
  virtual Result<int> open(std::string_view path) const = 0;
  /// Reads a short file that others may replace at any moment, with its modification time: one read of at most a page.
  /// Follows links. Malformed if it is not a regular file, such as a FIFO. Never waits (core/untrusted.h).
  virtual Result<RegularFile> regular(std::string_view path, std::string& buffer) const = 0;
  /// True on a kernel file system, false for a directory of ordinary files.
  virtual bool is_kernel() const noexcept = 0;
  /// The path that the source was opened with, as labels show it; empty for fakes.
  virtual std::string_view root() const noexcept { return {}; }
};

/// Reads a whole open file by position, from its start. `buffer` grows as needed. Errors, which name `where`: too_large
/// from `limit` bytes on, or the system's error (ESPIPE: the file cannot be read by position).
Result<std::string_view> read_to_end(int fd, std::string& buffer, std::size_t limit, std::string_view where);

/// How a source resolves symbolic links that leave its root.
enum class Resolve : bool {
  as_is,    ///< for procfs and sysfs, whose links are the kernel's own
  in_root,  ///< for a host's root below a mount point: "/usr/lib/x" is resolved in that root
};

/// A source for a real directory. Opening it never blocks: a missing directory is reported by the first read, so the
/// daemon may start before its mounts. `rule` must outlive the source; null: everything is allowed.
std::unique_ptr<FileSource> open_directory(std::string path, Resolve resolve = Resolve::as_is,
                                           OpenRule* rule = nullptr);

}  // namespace vitalsd
