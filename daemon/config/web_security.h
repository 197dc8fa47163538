// What web.config_file asks for, ready to use: certificates read, hashes checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/fault.h"
#include "daemon/config/loader.h"
#include "exporters/tls/context.h"

namespace vitalsd {

/// Distinguishes one state of a file from another without reading it; all zero when it is not there.
struct FileStamp {
  std::string path;
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified = 0, changed = 0;  ///< nanoseconds since 1970
  bool operator==(const FileStamp&) const = default;
};
FileStamp stamp_of(const std::string& path);

struct WebSecurity {
  std::shared_ptr<const tls::Context> tls;                ///< null: plain HTTP
  std::map<std::string, std::string, std::less<>> users;  ///< name to bcrypt hash; empty: everyone
  std::string fields;                                     ///< of every answer, "Name: value\r\n" each
  std::chrono::nanoseconds rate_interval{};               ///< between two requests in the long run; 0: no limit
  unsigned rate_burst = 0;                                ///< 0: nothing is let through, as the toolkit has it
  std::vector<std::string> warnings;                      ///< what is legal and hardly meant, with its place
  std::vector<FileStamp> files;                           ///< that it was made of, as they were before they were read
};

namespace conf {

/// Reads the file and those that it names. Null when there are faults; `named` is where the file itself was asked for.
std::shared_ptr<const WebSecurity> load_web_security(const std::string& path, const Origin& named,
                                                     const ReadFile& read_file, Faults& faults);

}  // namespace conf
}  // namespace vitalsd
