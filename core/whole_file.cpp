#include "core/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "core/fd.h"

namespace vitalsd {
namespace {

std::unexpected<Error> failed(std::string_view where) {
  const int sys = errno;
  return fail(classify_errno(sys), where, sys);
}

}  // namespace

Result<void> write_all(int fd, std::string_view data, std::string_view where) {
  while (!data.empty()) {
    const ssize_t put = ::write(fd, data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed(where);
    data.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> replace_file(const std::string& path, std::initializer_list<std::string_view> parts, Sync sync,
                          std::string_view where) {
  const std::string temporary = path + ".tmp";
  const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!fd) return failed(where);
  for (const std::string_view part : parts) {
    if (const auto done = write_all(fd.get(), part, where); !done) return done;
  }
  if (sync == Sync::yes && ::fdatasync(fd.get()) != 0) return failed(where);
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return failed(where);
  if (sync == Sync::no) return {};
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  const Fd parent(::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent || ::fsync(parent.get()) != 0) return failed(where);
  return {};
}

Result<std::string_view> read_file(const std::string& path, std::string& buffer, std::size_t limit,
                                   std::string_view where) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return failed(where);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return failed(where);
  if (!S_ISREG(info.st_mode)) return fail(Errc::malformed, where);
  if (static_cast<std::size_t>(info.st_size) > limit) return fail(Errc::too_large, where, EFBIG);
  buffer.resize(static_cast<std::size_t>(info.st_size));
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::read(fd.get(), buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(where);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return std::string_view(buffer.data(), size);
}

}  // namespace vitalsd
