// Where a configured value came from, and the faults of one load of the configuration, kept until all are known.
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
  std::string name = {};  ///< "--flag" as typed, a variable without '$', a file's path, or a subject ("command line")
  int line = 0;           ///< in files, both from 1
  int column = 0;

  /// The text of ConfigFault::where.
  std::string where() const;
  /// The comment that --config.print writes: "default", "file:LINE", "env NAME", "flag --x".
  std::string comment() const;
};

class Faults {
 public:
  /// At most kLimit faults are kept; a hostile file could cause tens of thousands.
  static constexpr std::size_t kLimit = 256;

  /// `excerpt` as in ConfigFault.
  void add(const Origin& origin, std::string message, std::string excerpt = {});
  std::size_t count() const noexcept { return faults_.size() + dropped_; }
  /// Drops the faults of all other layers.
  void keep_only(Origin::Layer layer);
  /// In this order: flags, environment, the file from top to bottom.
  std::vector<ConfigFault> sorted() const;

 private:
  struct Entry {
    Origin origin;
    std::string message, excerpt;
  };
  std::vector<Entry> faults_;
  std::size_t dropped_ = 0;
};

/// `text` in single quotes, on one line whatever it holds: control characters are escaped, long text is cut, and the
/// secrets of URLs are masked.
std::string quoted(std::string_view text);

}  // namespace vitalsd::conf
