#include "core/temp_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <utility>
#include <vector>

#include "core/whole_file.h"

namespace vitalsd {
namespace {

constexpr std::string_view kWhere = "temporary file";

std::unexpected<Error> failed() {
  const int sys = errno;
  return fail(classify_errno(sys), kWhere, sys);
}

}  // namespace

TempFile::~TempFile() { ::unlinkat(directory_->get(), name_.c_str(), 0); }

Result<void> TempFile::append(std::string_view bytes) const { return write_all(fd_.get(), bytes, kWhere); }

Result<void> TempFile::read(std::string& out, std::size_t limit) const {
  struct stat info{};
  if (::fstat(fd_.get(), &info) != 0) return failed();
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > limit) return fail(Errc::too_large, kWhere, EFBIG);
  out.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd_.get(), out.data() + done, size - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed();
    if (got == 0) return fail(Errc::io, kWhere, EIO);
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::shared_ptr<TempFiles>> TempFiles::open(const std::string& parent, const std::string& name) {
  const Fd above(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!above) return failed();
  if (::mkdirat(above.get(), name.c_str(), 0700) != 0 && errno != EEXIST) return failed();
  Fd directory(::openat(above.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info{};
  if (!directory || ::fstat(directory.get(), &info) != 0) return failed();
  const bool is_ours = info.st_uid == ::geteuid() && (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  if (!is_ours) return fail(Errc::denied, kWhere, EPERM);
  // What another process writes right now must not be swept.
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) return fail(Errc::io, kWhere, EBUSY);
  auto files = std::make_shared<TempFiles>(std::move(directory));
  files->sweep();
  return files;
}

TempFiles::~TempFiles() { sweep(); }

void TempFiles::sweep() const {
  // A descriptor of its own: fdopendir() takes it over.
  const int again = ::openat(directory_->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (again < 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(again), ::closedir);
  if (!listing) {
    ::close(again);
    return;
  }
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(listing.get())) names.emplace_back(entry->d_name);
  for (const std::string& name : names) ::unlinkat(directory_->get(), name.c_str(), 0);  // no directory: none is made
}

Result<std::shared_ptr<TempFile>> TempFiles::make() {
  static std::atomic<unsigned> next{0};
  constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  std::string name = "upload-" + std::to_string(next++);
  Fd fd(::openat(directory_->get(), name.c_str(), kFlags, 0600));
  if (!fd) return failed();
  return std::make_shared<TempFile>(directory_, std::move(name), std::move(fd));
}

}  // namespace vitalsd
