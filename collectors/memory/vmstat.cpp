#include <algorithm>
#include <array>

#include "collectors/kit/field_families.h"
#include "collectors/kit/joined.h"
#include "collectors/kit/pattern.h"
#include "core/collector.h"
#include "core/named_families.h"

namespace vitalsd {
namespace {

template <Literal Name>
constexpr KnownField kField{
    joined<Name>, {joined<"node_vmstat_", Name>, Kind::untyped, joined<"/proc/vmstat information field ", Name, ".">}};

// The fields that the default of `fields` selects. Others get a family when they are first seen.
constexpr std::array kKnown = {
    kField<"oom_kill">, kField<"pgfault">, kField<"pgmajfault">, kField<"pgpgin">,
    kField<"pgpgout">,  kField<"pswpin">,  kField<"pswpout">,
};
static_assert(std::ranges::is_sorted(kKnown, {}, &KnownField::name));
constexpr auto kFamilies = families_of(kKnown);
constexpr auto kRemembered = families_named(
    kFamilies, {"node_vmstat_oom_kill", "node_vmstat_pgmajfault", "node_vmstat_pswpin", "node_vmstat_pswpout"});

constexpr std::array kOptions = {
    OptionSpec{"fields", OptionType::regex, "^(oom_kill|pgpg|pswp|pg.*fault).*", "Which fields to report."},
};

class VmstatCollector final : public Collector {
 public:
  explicit VmstatCollector(const Options& options)
      : families_(kKnown,
                  {.prefix = "node_vmstat_", .help_before = "/proc/vmstat information field ", .kind = Kind::untyped},
                  make_filter(options, "fields", {}).include) {}

  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("vmstat", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = vmstat::parse(*text, fields_, context.faults); !parsed) return parsed;
    families_.publish(fields_, sink);
    return {};
  }

 private:
  std::vector<Field> fields_;
  FieldFamilies families_;
};

const Registration kRegistration{{.name = "vmstat",
                                  .help = "Memory events from /proc/vmstat.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_configured<VmstatCollector>}};

}  // namespace
}  // namespace vitalsd
