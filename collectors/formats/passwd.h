// The format of /etc/passwd (passwd(5)): the name of a numeric user, and the numbers of a name.
//   const std::string_view name = passwd::name_of(*text, 33); // "www-data", or empty
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vitalsd::passwd {

/// The first name with this id; empty if there is none. Ignores lines of another form (NIS's "+", comments), because
/// they cannot affect the one name that is looked up.
std::string_view name_of(std::string_view text, std::uint64_t uid);

struct Account {
  std::uint32_t uid = 0, gid = 0;
};

/// The numbers of the first user with this name.
std::optional<Account> account_of(std::string_view text, std::string_view name);

}  // namespace vitalsd::passwd
