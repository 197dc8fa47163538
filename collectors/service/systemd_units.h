// What systemd reports of its units, as a run of the collector `systemd` needs it (org.freedesktop.systemd1(5)).
//   Units units(BusPeer::system, limits); if (auto read = units.read(context, wanted); !read) ...
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/bus.h"
#include "core/collector.h"

namespace vitalsd::systemd {

/// Properties of units, each asked where its unit is of that kind. In the order of kProperties.
enum class Property : std::uint8_t {
  service_type,
  mount_type,
  restarts,
  tasks_current,
  tasks_max,
  start_time,
  last_trigger,
  accepted,
  connections,
  refused,
};
inline constexpr std::size_t kPropertyCount = 10;

struct Wanted {
  bool restarts = false, tasks = false, start_time = false;
};

struct Unit {
  std::string name, path, active, sub;
  std::string type;                              ///< of services and mounts; empty where it is not known
  std::array<double, kPropertyCount> numbers{};  ///< kAbsent where not asked or not known
  double number(Property property) const { return numbers[static_cast<std::size_t>(property)]; }
  bool is(std::string_view suffix) const { return std::string_view(name).ends_with(suffix); }
};

/// Of the manager itself; texts are empty where they could not be read.
struct Manager {
  std::string version, virtualization, state;
  bool has_virtualization = false;
  std::uint64_t loaded = 0;  ///< when unit files were read last, on the monotonic clock; 0: an old systemd
};

class Units {
 public:
  using Keeps = std::function<bool(std::string_view)>;

  Units(BusPeer peer, std::size_t most, Keeps keeps) : peer_(peer), most_(most), keeps_(std::move(keeps)) {}

  /// One look at all units; an error leaves nothing that is of use.
  Result<void> read(CollectContext& context, const Wanted& wanted);

  const Manager& manager() const { return manager_; }
  /// How many units there are by their state, whether they are kept or not.
  const std::map<std::string, std::uint64_t, std::less<>>& summary() const { return summary_; }
  const std::vector<Unit>& units() const { return units_; }

 private:
  struct Known {
    std::string path, active, sub, type;
    std::chrono::steady_clock::time_point asked;
  };
  struct Question {
    std::size_t unit;
    Property property;
  };

  Result<void> take_units(std::span<const BusValue> values, CollectContext& context);
  bool recall_type(Unit& unit, std::size_t index) const;
  void choose_questions(const Wanted& wanted);
  void take_answer(const Question& question, const BusAnswer& answer, CollectContext& context);

  BusPeer peer_;
  std::size_t most_;
  Keeps keeps_;
  Manager manager_;
  std::map<std::string, std::uint64_t, std::less<>> summary_;
  std::vector<Unit> units_;
  std::vector<Question> questions_;
  std::vector<BusCall> calls_;
  std::map<std::string, Known, std::less<>> known_;  // types, by the unit's name
  std::uint64_t known_since_ = 0;                    // the manager's `loaded` that they are of
  std::chrono::steady_clock::time_point now_;        // of the present run
};

}  // namespace vitalsd::systemd
