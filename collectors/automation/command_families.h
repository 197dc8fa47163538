// The families of what commands print, merged over all of them, so that the exposition stays one whatever they print.
//   families.rebuild(commands, faults); families.publish(sink);
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/automation/command_reading.h"
#include "core/sink.h"

namespace vitalsd {

/// What one command contributes; both outlive the families until the next rebuild().
struct Contribution {
  const CommandSpec* spec;
  const CommandReading* reading;
};

class CommandFamilies {
 public:
  CommandFamilies();

  /// The first command decides on a family's type and HELP. A family of another type, with a name of the daemon's own,
  /// or whose series another family has, is left out and reported, as is a series that another command has.
  void rebuild(std::span<const Contribution> all, FaultSink& faults);
  void publish(Sink& sink) const;

 private:
  struct Series {
    std::vector<std::string_view> names, values;
    double value;
    Part part;
  };
  struct Merged {
    std::string name, help;
    Family family;
    std::vector<Series> series;
    std::set<std::string> keys;
  };
  Merged* merge(const Contribution& one, const Exposition::Family& family, FaultSink& faults);
  std::string conflict(const Exposition::Family& family) const;
  bool is_taken(std::string_view name) const;
  static void add(Merged& merged, const Contribution& one, const Exposition::Sample& sample, FaultSink& faults);

  std::set<std::string_view> ours_;  ///< names of the families of all collectors
  std::shared_ptr<std::deque<Merged>> merged_;
  std::map<std::string_view, Merged*> by_name_;
  std::set<std::string, std::less<>> taken_;  ///< names of series
};

}  // namespace vitalsd
