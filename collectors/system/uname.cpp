#include <sys/utsname.h>

#include <array>
#include <cerrno>

#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 6> kLabels = {"sysname", "release",  "version",
                                                     "machine", "nodename", "domainname"};
constexpr Family kInfo{
    "node_uname_info", Kind::gauge, "Labeled system information as provided by the uname system call.", {}, kLabels};
constexpr auto kFamilies = family_list<1>(kInfo);

class UnameCollector final : public Collector {
 public:
  Result<void> collect(CollectContext&, Sink& sink) override {
    utsname name{};
    if (::uname(&name) != 0) return fail(Errc::io, "uname", errno);
    sink.add(kInfo, {name.sysname, name.release, name.version, name.machine, name.nodename, name.domainname}, 1);
    return {};
  }
};

const Registration kRegistration{{.name = "uname",
                                  .help = "Kernel, machine and host name, from uname(2).",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<UnameCollector>}};

}  // namespace
}  // namespace vitalsd
