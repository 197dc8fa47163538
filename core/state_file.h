// A small file that outlives the daemon. Whenever the daemon is killed, the file is complete or absent.
//   StateFile file(directory, "groups", 1); if (auto body = file.load(buffer)) ...; file.save(body);
// Its first line holds the name, version, length and checksum of the body. A damaged file is renamed to NAME.damaged.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace vitalsd {

class StateFile {
 public:
  static constexpr std::size_t kLimit = 64U << 20U;

  /// `name` has static storage. Files of another version are left alone and read as unavailable.
  StateFile(std::string directory, std::string_view name, unsigned version)
      : directory_(std::move(directory)), name_(name), version_(version) {}

  /// The body as it was saved. Errors: unavailable (no file, or another version), malformed (the file is damaged and
  /// has been renamed), denied, too_large, io.
  Result<std::string_view> load(std::string& buffer) const;

  /// Replaces the file by writing NAME.tmp and renaming it. Creates the directory if it is missing. With `sync` the
  /// data is on disk before the rename, which protects against power loss; the rename alone protects against process
  /// death.
  Result<void> save(std::string_view body, bool sync) const;

 private:
  std::string path(std::string_view suffix = {}) const;
  void set_aside() const;

  std::string directory_;
  std::string_view name_;
  unsigned version_;
};

/// CRC-32 (IEEE 802.3) of `data`.
std::uint32_t crc32(std::string_view data) noexcept;

}  // namespace vitalsd
