// A small file that outlives the daemon: whole or not there, whenever the daemon is killed.
//   StateFile file(directory, "groups", 1); if (auto body = file.load(buffer)) ...; file.save(body);
// Its first line tells name, version, length and checksum of what follows. A damaged one is set aside as NAME.damaged.
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

  /// The body as it was saved. Errors: unavailable (there is none, or of another version), malformed (it was damaged
  /// and has been set aside), denied, too_large, io.
  Result<std::string_view> load(std::string& buffer) const;

  /// Replaces the file (its directory is made when it is not there): written to NAME.tmp, renamed. With `sync` the disk
  /// has it before the name: against a loss of power, while a rename is enough against a loss of the process.
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
