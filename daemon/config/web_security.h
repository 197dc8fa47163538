// Turns web.config_file into what the server uses: reads the certificates and checks the password hashes.
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

/// Identifies one state of a file without reading it: differs once the file has changed. All zero when there is no
/// file.
struct FileStamp {
  std::string path;
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified = 0, changed = 0;  ///< nanoseconds since 1970
  bool operator==(const FileStamp&) const = default;
};
FileStamp stamp_of(const std::string& path);

struct WebSecurity {
  std::shared_ptr<const tls::Context> tls;                ///< null: plain HTTP
  std::map<std::string, std::string, std::less<>> users;  ///< name to bcrypt hash; empty: no password is asked for
  std::string fields;                                     ///< header fields of every response, "Name: value\r\n" each
  std::chrono::nanoseconds rate_interval{};               ///< between requests in the long run; 0: no limit
  unsigned rate_burst = 0;                                ///< 0: every request is refused, as by the toolkit
  std::vector<std::string> warnings;                      ///< valid settings that are hardly meant, with their places
  std::vector<FileStamp> files;                           ///< its sources, as they were before they were read
};

namespace conf {

/// Reads the file and those that it names. Null when there are faults. `named` is the setting that gave `path`.
std::shared_ptr<const WebSecurity> load_web_security(const std::string& path, const Origin& named,
                                                     const ReadFile& read_file, Faults& faults);

}  // namespace conf
}  // namespace vitalsd
