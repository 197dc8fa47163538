// Where a configured value came from, and the faults of one loading run, kept until all are known.
//   faults.add(origin, "expected true or false, got " + quoted(text));
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/load_config.h"

namespace vitalsd::conf {

struct Origin {
  enum class Layer : std::uint8_t { flag, environment, file, standard };
  Layer layer = Layer::standard;
  std::string name = {};  ///< "--flag" as spelled, a variable without '$', the file's path, or what is at fault
  int line = 0;           ///< in files, from 1
  int column = 0;

  /// As in ConfigFault::where.
  std::string where() const;
  /// As --config.print shows it: "default", "file:LINE", "env NAME", "flag --x".
  std::string comment() const;
};

class Faults {
 public:
  /// At most kLimit are kept; a hostile file could make tens of thousands.
  static constexpr std::size_t kLimit = 256;

  void add(const Origin& origin, std::string message);
  std::size_t count() const noexcept { return faults_.size() + dropped_; }
  /// Forgets what other layers are at fault for.
  void keep_only(Origin::Layer layer);
  /// Flags, then environment, then the file from top to bottom.
  std::vector<ConfigFault> sorted() const;

 private:
  std::vector<std::pair<Origin, std::string>> faults_;
  std::size_t dropped_ = 0;
};

/// 'text' on one line whatever is in it: control characters escaped, the end of long text left out, and
/// the secrets of a URL.
std::string quoted(std::string_view text);

}  // namespace vitalsd::conf
