// The files of the status page as they are in the binary. daemon/web/page/ has their sources; the build compresses
// them.
#pragma once

#include <span>
#include <string_view>

namespace vitalsd {

/// All of it has static storage.
struct PageFile {
  std::string_view name;  ///< "index.html"
  std::string_view type;  ///< Content-Type
  std::string_view etag;  ///< with its quotes, weak: it is the same whether compressed or not
  std::string_view gzip;  ///< one member
};

std::span<const PageFile> page_files();
/// Of all files but the HTML, which has it in its links.
std::string_view page_hash();

}  // namespace vitalsd
