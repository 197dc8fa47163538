#include "collectors/service/systemd_units.h"

#include <algorithm>
#include <utility>

namespace vitalsd::systemd {
namespace {

using namespace std::chrono_literals;

constexpr const char* kService = "org.freedesktop.systemd1";
constexpr BusObject kManager{kService, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"};
constexpr std::string_view kField = "systemd";

// A service's Type changes when unit files are read again, of which systemd sends a signal; one that sends none is
// asked again after this long, the units spread over the minute that follows.
constexpr auto kTypeAge = 5min;
constexpr std::size_t kSpread = 60;

struct PropertySpec {
  Property property;
  std::string_view suffix;  ///< of the units that have it
  const char* interface;
  const char* name;
  char type;            ///< of D-Bus
  bool Wanted::* when;  ///< null: always
};
constexpr std::array<PropertySpec, kPropertyCount> kProperties = {{
    {Property::service_type, ".service", "org.freedesktop.systemd1.Service", "Type", 's', nullptr},
    {Property::mount_type, ".mount", "org.freedesktop.systemd1.Mount", "Type", 's', nullptr},
    {Property::restarts, ".service", "org.freedesktop.systemd1.Service", "NRestarts", 'u', &Wanted::restarts},
    {Property::tasks_current, ".service", "org.freedesktop.systemd1.Service", "TasksCurrent", 't', &Wanted::tasks},
    {Property::tasks_max, ".service", "org.freedesktop.systemd1.Service", "TasksMax", 't', &Wanted::tasks},
    {Property::start_time, "", "org.freedesktop.systemd1.Unit", "ActiveEnterTimestamp", 't', &Wanted::start_time},
    {Property::last_trigger, ".timer", "org.freedesktop.systemd1.Timer", "LastTriggerUSec", 't', nullptr},
    {Property::accepted, ".socket", "org.freedesktop.systemd1.Socket", "NAccepted", 'u', nullptr},
    {Property::connections, ".socket", "org.freedesktop.systemd1.Socket", "NConnections", 'u', nullptr},
    {Property::refused, ".socket", "org.freedesktop.systemd1.Socket", "NRefused", 'u', nullptr},
}};

constexpr const PropertySpec& spec_of(Property property) { return kProperties[static_cast<std::size_t>(property)]; }

constexpr bool is_type(Property property) {
  return property == Property::service_type || property == Property::mount_type;
}

// The columns of ListUnits, a(ssssssouso).
constexpr const char* kUnitsSignature = "a(ssssssouso)";
enum Column : std::size_t { kName = 0, kLoad = 2, kActive = 3, kSub = 4, kPath = 6, kColumns = 10 };

// What is asked first, in one batch.
constexpr std::array kFirst = {
    BusCall{kManager.service, kManager.path, kManager.interface, "ListUnits", kUnitsSignature},
    bus_property(kManager, "Version"),
    bus_property(kManager, "Virtualization"),
    bus_property(kManager, "SystemState"),
    bus_property(kManager, "UnitsLoadTimestampMonotonic"),
};
enum First : std::size_t { kList, kVersion, kVirtualization, kState, kLoaded };

const BusValue* single(const BusAnswer& answer, char type) {
  return answer && answer->size() == 1 && answer->front().type == type ? answer->data() : nullptr;
}

void report(CollectContext& context, std::string_view entity, const BusAnswer& answer) {
  const Error error = answer ? Error{Errc::malformed, 0, kField} : answer.error();
  if (!is_gone(error)) context.faults.partial(entity, kField, error, "see whether the D-Bus policy lets it be read");
}

}  // namespace

Result<void> Units::read(CollectContext& context, const Wanted& wanted) {
  if (context.host.bus == nullptr) return fail(Errc::unavailable, "D-Bus");
  BusSource& bus = *context.host.bus;
  const BusPatience patience{context.stop, context.deadline};
  now_ = context.host.clock->steady();
  manager_ = {};
  Result<void> listed = fail(Errc::malformed, kField);
  const auto first = bus.ask(peer_, kFirst, patience, [&](std::size_t index, const BusAnswer& answer) {
    if (index == kList) {
      listed = answer ? take_units(*answer, context) : fail(answer.error());
    } else if (index == kLoaded) {
      if (const BusValue* const value = single(answer, 't')) manager_.loaded = value->number;
    } else if (const BusValue* const value = single(answer, 's')) {
      (index == kVersion ? manager_.version : index == kState ? manager_.state : manager_.virtualization) = value->text;
      if (index == kVirtualization) manager_.has_virtualization = true;
    } else {
      report(context, kFirst[index].arguments[1], answer);
    }
  });
  if (!first) return first;
  if (!listed) return listed;
  if (manager_.loaded != known_since_ || known_.size() > 2 * units_.size() + kSpread) known_.clear();
  known_since_ = manager_.loaded;
  choose_questions(wanted);
  return bus.ask(peer_, calls_, patience,
                 [&](std::size_t index, const BusAnswer& answer) { take_answer(questions_[index], answer, context); });
}

Result<void> Units::take_units(std::span<const BusValue> values, CollectContext& context) {
  summary_.clear();
  for (const char* state : {"active", "activating", "deactivating", "inactive", "failed"}) summary_[state] = 0;
  units_.clear();
  if (values.size() % kColumns != 0) return fail(Errc::malformed, kField);
  bool too_many = false;
  for (; !values.empty(); values = values.subspan(kColumns)) {
    const auto found = summary_.find(values[kActive].text);
    if (found != summary_.end()) {
      ++found->second;
    } else if (summary_.size() < 32) {  // systemd has eight
      ++summary_[std::string(values[kActive].text)];
    }
    if (values[kLoad].text != "loaded" || !keeps_(values[kName].text)) continue;
    if (units_.size() == most_) {
      too_many = true;
      continue;
    }
    Unit& unit = units_.emplace_back();
    unit.name = values[kName].text;
    unit.path = values[kPath].text;
    unit.active = values[kActive].text;
    unit.sub = values[kSub].text;
    unit.numbers.fill(kAbsent);
  }
  if (too_many) {
    context.faults.partial("units", kField, {Errc::too_large, 0, kField},
                           "narrow collectors.systemd.unit_include, or raise max_units");
  }
  return {};
}

bool Units::recall_type(Unit& unit, std::size_t index) const {
  const auto known = known_.find(unit.name);
  if (known == known_.end()) return false;
  const Known& then = known->second;
  const auto age = kTypeAge + std::chrono::seconds(index % kSpread);
  if (then.path != unit.path || then.active != unit.active || then.sub != unit.sub || now_ - then.asked > age)
    return false;
  unit.type = then.type;
  return true;
}

void Units::choose_questions(const Wanted& wanted) {
  questions_.clear();
  calls_.clear();
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Unit& unit = units_[i];
    for (const PropertySpec& spec : kProperties) {
      if ((spec.when != nullptr && !(wanted.*spec.when)) || !unit.is(spec.suffix)) continue;
      if (is_type(spec.property) && recall_type(unit, i)) continue;
      if (spec.property == Property::start_time && unit.active != "active") {
        unit.numbers[static_cast<std::size_t>(spec.property)] = 0;  // as node_exporter has it
        continue;
      }
      questions_.push_back({i, spec.property});
      calls_.push_back(bus_property({kService, unit.path.c_str(), spec.interface}, spec.name));
    }
  }
}

void Units::take_answer(const Question& question, const BusAnswer& answer, CollectContext& context) {
  Unit& unit = units_[question.unit];
  const PropertySpec& spec = spec_of(question.property);
  const BusValue* const value = single(answer, spec.type);
  if (value == nullptr) return report(context, unit.name, answer);
  if (is_type(question.property)) {
    unit.type = value->text;
    known_.insert_or_assign(unit.name, Known{unit.path, unit.active, unit.sub, unit.type, now_});
    return;
  }
  const bool is_tasks = question.property == Property::tasks_current || question.property == Property::tasks_max;
  constexpr std::uint64_t kNotKnown = std::numeric_limits<std::uint64_t>::max();
  if (is_tasks && value->number == kNotKnown) return;
  const bool is_time = question.property == Property::start_time || question.property == Property::last_trigger;
  unit.numbers[static_cast<std::size_t>(question.property)] =
      is_time ? static_cast<double>(value->number) / 1e6 : static_cast<double>(value->number);
}

}  // namespace vitalsd::systemd
