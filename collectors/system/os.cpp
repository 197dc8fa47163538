#include <array>

#include "collectors/formats/os_release.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 12> kInfoLabels = {"build_id",      "id",      "id_like",          "image_id",
                                                          "image_version", "name",    "pretty_name",      "variant",
                                                          "variant_id",    "version", "version_codename", "version_id"};
constexpr std::array<std::string_view, 3> kVersionLabels = {"id", "id_like", "name"};

constexpr Family kInfo{"node_os_info",
                       Kind::gauge,
                       "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, "
                       "name, pretty_name, variant, variant_id, version, version_codename, version_id.",
                       {},
                       kInfoLabels};
constexpr Family kVersion{
    "node_os_version", Kind::gauge, "Metric containing the major.minor part of the OS version.", {}, kVersionLabels};
constexpr Family kSupportEnd{"node_os_support_end_timestamp_seconds", Kind::gauge,
                             "Metric containing the end-of-life date timestamp of the OS.", "seconds"};
constexpr auto kFamilies = family_list<3>(kInfo, kVersion, kSupportEnd);

// In the order of os-release(5): the first file that exists is used.
constexpr std::array<std::string_view, 2> kPaths = {"etc/os-release", "usr/lib/os-release"};

constexpr auto kLookAgain = std::chrono::minutes(1);  // it changes when the system is upgraded

class OsCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    if (const auto now = context.host.clock->steady(); now >= next_look_) {
      if (const auto looked = look(context); !looked) return looked;
      next_look_ = now + kLookAgain;
    }
    const OsRelease& os = release_;
    sink.add(kInfo,
             {os.build_id, os.id, os.id_like, os.image_id, os.image_version, os.name, os.pretty_name, os.variant,
              os.variant_id, os.version, os.version_codename, os.version_id},
             1);
    if (const auto number = os.major_minor()) sink.add(kVersion, {os.id, os.id_like, os.name}, *number);
    if (const auto end = os.support_end_seconds()) sink.add(kSupportEnd, *end);
    return {};
  }

 private:
  Result<void> look(CollectContext& context) {
    auto text = context.host.rootfs->read(kPaths[0], context.buffer);
    if (!text && text.error().code == Errc::unavailable) text = context.host.rootfs->read(kPaths[1], context.buffer);
    if (!text) return fail(text.error());
    return understand(*text, context.faults);
  }

  // The file changes only with an upgrade. Comparing it is cheaper than parsing, and allocates nothing.
  Result<void> understand(std::string_view text, FaultSink& faults) {
    if (!text_.empty() && text == text_) return {};
    auto parsed = os_release::parse(text, faults);
    if (!parsed) return fail(parsed.error());
    release_ = std::move(*parsed);
    text_ = text;
    return {};
  }

  std::string text_;
  OsRelease release_;
  std::chrono::steady_clock::time_point next_look_{};
};

const Registration kRegistration{{.name = "os",
                                  .help = "Name and version of the operating system, from os-release.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<OsCollector>}};

}  // namespace
}  // namespace vitalsd
