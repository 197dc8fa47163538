// Collector `network_route`: the routes of the network namespace that the daemon is in, over netlink alone.
#include <algorithm>
#include <array>

#include "collectors/formats/netlink/net_routes.h"
#include "collectors/kit/digits.h"
#include "collectors/kit/link_names.h"
#include "collectors/kit/netlink_run.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 7> kInfoLabels = {"device", "src", "dest", "gw", "priority", "proto", "weight"};
constexpr std::array<std::string_view, 1> kDevice = {"device"};
constexpr Family kInfo{"node_network_route_info", Kind::gauge, "network routing table information", "", kInfoLabels};
constexpr Family kRoutes{"node_network_routes", Kind::gauge, "network routes by interface", "", kDevice};
constexpr auto kFamilies = family_list<2>(kInfo, kRoutes);

// A router of the Internet has a million routes, which are no series; their number is reported all the same.
constexpr std::size_t kMostSeries = 10'000;
constexpr std::size_t kMostRoutes = 4'000'000;

class NetworkRouteCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    NetlinkSource* const netlink = netlink_of(context);
    if (netlink == nullptr) return fail(Errc::unavailable, "netlink");
    if (const auto named = names_.read(*netlink, context); !named) return named;
    const auto asked = netlink->stream(
        net_routes::request(), [this] { routes_.clear(); },
        [this, &context](const NetlinkMessage& message) -> Result<void> {
          if (routes_.size() >= kMostRoutes) return fail(Errc::too_large, "netlink/routes");
          const auto added = net_routes::add(message, routes_);
          if (!added) context.faults.partial("netlink", "route", added.error(), {});
          return {};
        });
    if (!asked) return asked;
    std::ranges::sort(routes_);
    add_numbers(sink);
    add_routes(context, sink);
    return {};
  }

 private:
  /// One device after the other, as they are sorted. A device that went away meanwhile has no routes any more.
  void add_numbers(Sink& sink) const {
    for (auto at = routes_.begin(); at != routes_.end();) {
      const auto end = std::ranges::upper_bound(at, routes_.end(), at->device, {}, &NetRoute::device);
      if (is_there(at->device)) sink.add(kRoutes, {names_.find(at->device)}, static_cast<double>(end - at));
      at = end;
    }
  }

  void add_routes(CollectContext& context, Sink& sink) {
    std::size_t series = 0;
    for (auto at = routes_.begin(); at != routes_.end(); ++at) {
      // Tables that say the same would be the same series twice.
      if (!is_there(at->device) || (at != routes_.begin() && *at == *std::prev(at))) continue;
      if (++series > kMostSeries) {
        context.faults.partial("routes", "network_route", {Errc::too_large, 0, "netlink/routes"}, {});
        return;
      }
      add_route(*at, sink);
    }
  }

  void add_route(const NetRoute& route, Sink& sink) {
    const Digits priority(route.priority);
    const Digits weight(route.weight);
    sink.add(kInfo,
             {names_.find(route.device), net_routes::print(route.source, source_),
              net_routes::print_destination(route, destination_), net_routes::print(route.gateway, gateway_), priority,
              net_routes::protocol_word(route.protocol), route.weight > 0 ? std::string_view(weight) : ""},
             1);
  }

  bool is_there(std::int32_t device) const { return device == 0 || !names_.find(device).empty(); }

  LinkNames names_;
  std::vector<NetRoute> routes_;
  std::string source_, destination_, gateway_;
};

const Registration kRegistration{{.name = "network_route",
                                  .enabled = false,
                                  .help = "Routes, and how many each network device has.",
                                  .families = kFamilies,
                                  .make = make_collector<NetworkRouteCollector>}};

}  // namespace
}  // namespace vitalsd
