#include "daemon/run/own_network.h"

#include <linux/magic.h>
#include <sys/vfs.h>

namespace vitalsd {

bool reads_own_network(const std::string& procfs) {
  struct statfs found{};
  return ::statfs(procfs.c_str(), &found) == 0 && found.f_type == PROC_SUPER_MAGIC;
}

}  // namespace vitalsd
