// One push from its whole body to what it makes of a group: blocking, for the pool.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "daemon/publish/group.h"
#include "daemon/publish/group_files.h"

namespace vitalsd {

struct Push {
  enum class How : unsigned char {
    replace,  ///< PUT: all that the group holds
    merge,    ///< POST: the families of the same names
    remove,   ///< DELETE
  };

  // What it is.
  GroupLabels labels;
  How how = How::replace;
  bool compressed = false;
  std::string memory;              ///< the body, where there are no files
  std::shared_ptr<TempFile> file;  ///< the body, where there are; null: it is empty
  double time_to_live = 0;         ///< seconds; 0: for ever
  std::size_t most_bytes = 0;      ///< of the body, also once it is inflated

  // What it meets.
  double now = 0;
  std::uint64_t number = 0;  ///< of the group's file
  GroupPtr old;              ///< null: the group is new
  bool notes_failure = true;
  PushNeighbours neighbours;
  HiddenFamilies hidden;
  std::shared_ptr<GroupFiles> files;  ///< null: groups are kept in memory alone

  // What came of it.
  std::optional<PushRefusal> refused;
  GroupPtr group;  ///< as it is from now on, also after a refusal; null: there is none
  std::shared_ptr<const Block> block;
  NameBook names;  ///< of all groups from now on
  bool changed = false;

  /// Does not throw.
  void run() noexcept;

 private:
  void take_back();
  void store();
  std::optional<PushRefusal> read_body(std::string& text);
  std::optional<PushRefusal> make(PushedGroup& made);
  void note_failure();
  void use(PushedGroup made);
};

}  // namespace vitalsd
