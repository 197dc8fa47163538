// Collector `logind`: sessions by seat, kind and class, as systemd-logind reports them over D-Bus
// (org.freedesktop.login1(5)).
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/bus.h"
#include "core/collector.h"

namespace vitalsd::logind {
namespace {

constexpr std::array<std::string_view, 4> kLabels = {"seat", "remote", "type", "class"};
constexpr Family kSessions{"node_logind_sessions", Kind::gauge, "Number of sessions registered in logind.", "",
                           kLabels};
constexpr auto kFamilies = family_list<family_total(kSessions)>(kSessions);

// What else logind may come to know counts as "other".
constexpr std::array<std::string_view, 2> kRemote = {"true", "false"};
constexpr std::array<std::string_view, 7> kTypes = {"other", "unspecified", "tty", "x11", "wayland", "mir", "web"};
constexpr std::array<std::string_view, 5> kClasses = {"other", "user", "greeter", "lock-screen", "background"};

constexpr const char* kService = "org.freedesktop.login1";
constexpr BusObject kManager{kService, "/org/freedesktop/login1", "org.freedesktop.login1.Manager"};
constexpr const char* kSessionInterface = "org.freedesktop.login1.Session";
constexpr std::string_view kField = "logind";

// ListSeats a(so) and ListSessions a(susso).
constexpr std::array kFirst = {
    BusCall{kManager.service, kManager.path, kManager.interface, "ListSeats", "a(so)"},
    BusCall{kManager.service, kManager.path, kManager.interface, "ListSessions", "a(susso)"},
};
constexpr std::size_t kSeatColumns = 2, kSessionColumns = 5, kSessionSeat = 3, kSessionPath = 4;
constexpr std::size_t kMostSeats = 64, kMostSessions = 16'384;  // logind itself allows 8192 sessions

constexpr std::array<const char*, 3> kProperties = {"Remote", "Type", "Class"};
constexpr std::array<char, 3> kPropertyTypes = {'b', 's', 's'};

template <std::size_t N>
std::string_view known_or_other(std::string_view text, const std::array<std::string_view, N>& known) {
  const auto found = std::ranges::find(known, text);
  return found == known.end() ? "other" : *found;
}

struct Session {
  std::string id, seat, path;
  std::array<std::string_view, 3> values{};  ///< of kRemote, kTypes and kClasses; empty: not known
};

class LogindCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (context.host.bus == nullptr) return fail(Errc::unavailable, "D-Bus");
    BusSource& bus = *context.host.bus;
    const BusPatience patience{context.stop, context.deadline};
    Result<void> listed;
    seats_.clear();
    sessions_.clear();
    const auto first = bus.ask(BusPeer::system, kFirst, patience, [&](std::size_t index, const BusAnswer& answer) {
      const auto taken = !answer      ? Result<void>(fail(answer.error()))
                         : index == 0 ? take_seats(*answer, context)
                                      : take_sessions(*answer, context);
      if (!taken) listed = taken;
    });
    if (!first) return first;
    if (!listed) return listed;
    std::vector<BusCall> calls;
    for (const Session& session : sessions_) {
      for (const char* property : kProperties)
        calls.push_back(bus_property({kService, session.path.c_str(), kSessionInterface}, property));
    }
    const auto second = bus.ask(BusPeer::system, calls, patience, [&](std::size_t index, const BusAnswer& answer) {
      take_property(sessions_[index / kProperties.size()], index % kProperties.size(), answer, context);
    });
    if (!second) return second;
    publish(sink);
    return {};
  }

 private:
  static Result<void> too_many(CollectContext& context, std::string_view what) {
    context.faults.partial(what, kField, {Errc::too_large, 0, kField}, {});
    return {};
  }

  Result<void> take_seats(std::span<const BusValue> values, CollectContext& context) {
    if (values.size() % kSeatColumns != 0) return fail(Errc::malformed, kField);
    for (; !values.empty(); values = values.subspan(kSeatColumns)) {
      if (seats_.size() == kMostSeats) return too_many(context, "seats");
      seats_.emplace_back(values[0].text);
    }
    return {};
  }

  Result<void> take_sessions(std::span<const BusValue> values, CollectContext& context) {
    if (values.size() % kSessionColumns != 0) return fail(Errc::malformed, kField);
    for (; !values.empty(); values = values.subspan(kSessionColumns)) {
      if (sessions_.size() == kMostSessions) return too_many(context, "sessions");
      sessions_.push_back({std::string(values[0].text), std::string(values[kSessionSeat].text),
                           std::string(values[kSessionPath].text)});
    }
    return {};
  }

  // A session that ended meanwhile is none.
  static void take_property(Session& session, std::size_t property, const BusAnswer& answer, CollectContext& context) {
    if (!answer || answer->size() != 1 || answer->front().type != kPropertyTypes[property]) {
      const Error error = answer ? Error{Errc::malformed, 0, kField} : answer.error();
      if (!is_gone(error)) context.faults.partial(session.id, kField, error, {});
      return;
    }
    const BusValue& value = answer->front();
    session.values[property] = property == 0   ? kRemote[value.number != 0 ? 0 : 1]
                               : property == 1 ? known_or_other(value.text, kTypes)
                                               : known_or_other(value.text, kClasses);
  }

  void publish(Sink& sink) {
    seats_.emplace_back();  // sessions without one, such as those of ssh
    std::map<std::array<std::string_view, 4>, double> counts;
    for (const Session& session : sessions_) {
      // One that could not be read has an empty value, and is none of those that are reported.
      ++counts[{session.seat, session.values[0], session.values[1], session.values[2]}];
    }
    for (const std::string_view remote : kRemote) {
      for (const std::string_view type : kTypes) {
        for (const std::string_view session_class : kClasses) {
          for (const std::string& seat : seats_) {
            const std::array<std::string_view, 4> values = {seat, remote, type, session_class};
            const auto found = counts.find(values);
            sink.add(kSessions, sink.labels(kLabels, values), found == counts.end() ? 0 : found->second);
          }
        }
      }
    }
  }

  std::vector<std::string> seats_;
  std::vector<Session> sessions_;
};

const Registration kRegistration{{.name = "logind",
                                  .enabled = false,
                                  .help = "Sessions of systemd-logind.",
                                  .families = kFamilies,
                                  .make = make_collector<LogindCollector>}};

}  // namespace
}  // namespace vitalsd::logind
