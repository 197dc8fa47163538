#include "daemon/sandbox/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>

#include <array>

#include "daemon/sandbox/sandbox_step.h"

namespace vitalsd::landlock {
namespace {

// Constants that old kernel headers lack.
constexpr std::uint64_t kTruncate = 1ULL << 14U, kDeviceIoctl = 1ULL << 15U;
constexpr std::uint64_t kAbstractSockets = 1ULL << 0U, kSignals = 1ULL << 1U;
struct RulesetAttributes {
  std::uint64_t files = 0, network = 0, scopes = 0;
};

constexpr std::uint64_t kWriting = LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
constexpr std::uint64_t kMaking = LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR;
constexpr std::uint64_t kRemoving = LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR;

// The rights that each version of Landlock added. Reading is never restricted, since the daemon reads everywhere.
struct Added {
  int version;
  std::uint64_t files, scopes;
};
constexpr std::array kAdded = {
    Added{1,
          LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | kMaking | kRemoving |
              LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
              LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM,
          0},
    Added{2, LANDLOCK_ACCESS_FS_REFER, 0},
    Added{3, kTruncate, 0},
    Added{5, kDeviceIoctl, 0},
    Added{6, 0, kAbstractSockets | kSignals},
};

// Indexed by Rights.
constexpr std::array<std::uint64_t, 3> kRights = {
    kWriting | kMaking | kRemoving | LANDLOCK_ACCESS_FS_REFER,
    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE,
    kWriting,
};

RulesetAttributes attributes_of(int version, const Restrictions& restrictions) {
  RulesetAttributes attributes;
  for (const Added& added : kAdded) {
    if (added.version > version) continue;
    attributes.files |= added.files;
    attributes.scopes |= added.scopes;
  }
  if (restrictions.abstract_sockets) attributes.scopes &= ~kAbstractSockets;
  if (restrictions.programs) attributes.files &= ~std::uint64_t{LANDLOCK_ACCESS_FS_EXECUTE};
  return attributes;
}

}  // namespace

int version(int& error) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  error = version < 0 ? errno : 0;
  return version < 0 ? 0 : static_cast<int>(version);
}

std::string restrict(const Restrictions& restrictions, std::vector<Fd>& pins) {
  int error = 0;
  const int known = version(error);
  if (known == 0) return describe_step_error(error);
  const RulesetAttributes attributes = attributes_of(known, restrictions);
  const Fd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!rules) return describe_step_error(errno);
  for (const Writable& writable : restrictions.writable) {
    const int kind = writable.rights == Rights::write_files ? 0 : O_DIRECTORY;
    Fd directory(::open(writable.directory.c_str(), O_PATH | kind | O_CLOEXEC));
    if (!directory) continue;
    landlock_path_beneath_attr beneath{};
    beneath.allowed_access = kRights[static_cast<std::size_t>(writable.rights)] & attributes.files;
    beneath.parent_fd = directory.get();
    if (::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0) {
      return describe_step_error(errno);
    }
    pins.push_back(std::move(directory));
  }
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return describe_step_error(errno);
  return std::string(kStepOn);
}

}  // namespace vitalsd::landlock
