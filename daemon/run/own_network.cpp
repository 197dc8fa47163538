#include "daemon/run/own_network.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

namespace vitalsd {
namespace {

bool is_of_type(const std::string& path, long magic) {
  struct statfs found{};
  return ::statfs(path.c_str(), &found) == 0 && found.f_type == magic;
}

}  // namespace

bool reads_own_network(const Config::Paths& paths, const std::string& own) {
  if (!is_of_type(paths.procfs, PROC_SUPER_MAGIC) || !is_of_type(paths.sysfs, SYSFS_MAGIC)) return false;
  if (paths.procfs == "/proc" && paths.sysfs == "/sys") return true;
  struct stat ours{}, first{};
  if (::stat(own.c_str(), &ours) != 0) return false;
  if (::stat((paths.procfs + "/1/ns/net").c_str(), &first) != 0) return false;
  return ours.st_dev == first.st_dev && ours.st_ino == first.st_ino;
}

}  // namespace vitalsd
