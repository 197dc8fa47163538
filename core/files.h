// The one seam to the file system: procfs, sysfs or a directory of fixtures, read relative to its root.
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

/// Whether the descriptor stays open for the next read: halves the price of a file that is read each round. All sources
/// of the process share what its limit of descriptors allows (core/kept_files.h).
/// Ignored for what is not of a kernel file system, where a file may be replaced by another of the same name.
enum class Keep : bool { no, yes };

/// The entries of a directory, sorted; a reused arena, so that a warm listing allocates nothing.
class Names {
 public:
  void clear() noexcept;
  void add(std::string_view name, std::uint64_t inode = 0);
  void sort();
  std::size_t size() const noexcept { return extents_.size(); }
  std::string_view operator[](std::size_t i) const noexcept;
  /// Of an entry of a real directory: what tells two of the same name apart. 0: not known.
  std::uint64_t inode(std::size_t i) const noexcept { return extents_[i].inode; }

 private:
  struct Extent {
    std::uint32_t offset, size;
    std::uint64_t inode;
  };
  std::string text_;
  std::vector<Extent> extents_;
};

/// What the sources of one host may do, shared by them; see open_directory().
struct OpenRule {
  bool kept_only = false;   ///< whatever would look up a path fails (would_open): only kept descriptors are read
  bool no_waiting = false;  ///< a FIFO is opened and read without waiting for its writer
  bool opened = false;      ///< a path was looked up, or would have been; whoever wants to know sets it back
};

/// What FileSource::regular() tells: both of the same file.
struct RegularFile {
  std::string_view text;
  std::chrono::system_clock::time_point modified;
};

/// Paths are relative to the source's root. Views returned live until the buffer is next used.
/// Errors: unavailable (no such file), vanished (process or device gone), denied, too_large, io, would_open.
/// One source is used by one thread at a time.
class FileSource {
 public:
  virtual ~FileSource() = default;

  /// The whole of a seq file, by reading to its end; at most the source's limit (4 MiB).
  virtual Result<std::string_view> read(std::string_view path, std::string& buffer, Keep keep = Keep::no) const = 0;
  /// A short file that the kernel writes at once, such as any of sysfs: one read of at most a page, without the newline
  /// at the end. Half the price of read().
  virtual Result<std::string_view> attribute(std::string_view path, std::string& buffer,
                                             Keep keep = Keep::no) const = 0;
  /// The target of a symbolic link, unresolved.
  virtual Result<std::string_view> link(std::string_view path, std::string& buffer) const = 0;
  /// The names in a directory, "." and ".." left out, sorted.
  virtual Result<void> list(std::string_view path, Names& out) const = 0;
  /// The names of the directories in a directory, sorted. On cgroup file systems one without any costs no listing.
  virtual Result<void> directories(std::string_view path, Names& out) const = 0;
  /// How many entries a directory has; on procfs of Linux 6.2 and later without reading it, nor any privilege.
  virtual Result<std::uint64_t> count(std::string_view path, Names& scratch, Keep keep = Keep::no) const = 0;
  /// A new descriptor (O_RDONLY|O_CLOEXEC) that the caller closes; for what must be polled. -1 from fakes' sources.
  virtual Result<int> open(std::string_view path) const = 0;
  /// A short file that others may exchange at any moment, and when it was written: one read of at most a page. Links
  /// are followed; malformed is what is no regular file, such as a FIFO. Never waits for anybody (core/untrusted.h).
  virtual Result<RegularFile> regular(std::string_view path, std::string& buffer) const = 0;
  /// True on a kernel file system, false for a directory of ordinary files.
  virtual bool is_kernel() const noexcept = 0;
  /// The path that it was opened with, as labels show it; empty for fakes.
  virtual std::string_view root() const noexcept { return {}; }
};

/// The whole of an open file, from its start, by position; `buffer` grows as needed. Errors: too_large from `limit`
/// bytes on, or what the system says (ESPIPE: it cannot be read by position); `where` is what they name.
Result<std::string_view> read_to_end(int fd, std::string& buffer, std::size_t limit, std::string_view where);

/// How a source resolves symbolic links that leave its root.
enum class Resolve : bool {
  as_is,    ///< procfs and sysfs, whose links are the kernel's own
  in_root,  ///< a host's root below a mount point: "/usr/lib/x" means that root's
};

/// A source over a real directory. Opening never blocks here: a missing directory shows in the first read,
/// so that a daemon may start before its mounts. `rule` must outlive the source; null: it may do anything.
std::unique_ptr<FileSource> open_directory(std::string path, Resolve resolve = Resolve::as_is,
                                           OpenRule* rule = nullptr);

}  // namespace vitalsd
