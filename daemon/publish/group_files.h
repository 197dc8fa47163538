// The files that groups are kept in, one each, below the state directory: blocking, for the pool.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/temp_files.h"
#include "daemon/publish/group.h"

namespace vitalsd {

class GroupFiles {
 public:
  struct Found {
    std::uint64_t number;
    PushedGroup group;
  };
  struct Listing {
    std::vector<Found> groups;
    std::vector<std::string> faults;  ///< one line each, for the log
  };

  /// Below `state`/publish, which is made when it is not there; what a killed daemon left half-written goes. The error
  /// is one line.
  static std::expected<std::shared_ptr<GroupFiles>, std::string> open(const std::string& state);
  GroupFiles(std::string directory, std::shared_ptr<TempFiles> uploads)
      : directory_(std::move(directory)), uploads_(std::move(uploads)) {}

  Listing load(std::size_t most_series) const;
  /// Replaces the group's file in one rename. Nothing: it is there; else why not, with 507 where there is no room.
  std::optional<PushRefusal> save(std::uint64_t number, const PushedGroup& group) const;
  std::optional<PushRefusal> remove(std::uint64_t number) const;
  /// For bodies on their way.
  TempFiles& uploads() const noexcept { return *uploads_; }

 private:
  std::string directory_;
  std::shared_ptr<TempFiles> uploads_;
};

/// The answer to a push that the disk would not take.
PushRefusal disk_refusal(const Error& error);

}  // namespace vitalsd
