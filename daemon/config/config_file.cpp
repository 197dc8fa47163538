#include "daemon/config/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "core/fd.h"
#include "daemon/config/fault.h"

namespace vitalsd::conf {
namespace {

std::unexpected<std::string> failed(const char* what, const std::string& path) {
  return std::unexpected(std::string("cannot ") + what + " " + quoted(path) + ": " +
                         std::generic_category().message(errno));
}

}  // namespace

std::expected<std::string, std::string> read_config_file(const std::string& path) {
  // Without O_NONBLOCK the open of a FIFO would wait for a writer.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return failed("open", path);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return failed("examine", path);
  if (S_ISDIR(info.st_mode)) return std::unexpected(quoted(path) + " is a directory, a file is needed");
  if (!S_ISREG(info.st_mode)) return std::unexpected(quoted(path) + " is not a regular file");
  std::string text(kConfigFileLimit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kConfigFileLimit) return std::unexpected(quoted(path) + " is larger than 1 MiB");
  text.resize(size);
  return text;
}

}  // namespace vitalsd::conf
