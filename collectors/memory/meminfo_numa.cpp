// Memory by NUMA node (/sys/devices/system/node/nodeN/{meminfo,numastat}, Documentation/admin-guide/numastat.rst).
#include <array>
#include <string>

#include "collectors/kit/digits.h"
#include "collectors/kit/made_families.h"
#include "core/collector.h"
#include "core/lines.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "devices/system/node";
constexpr std::array<std::string_view, 1> kLabels = {"node"};
constexpr std::array kKnown = {
    Family{"node_memory_numa_MemTotal", Kind::gauge, "Memory information field MemTotal.", {}, kLabels},
    Family{"node_memory_numa_numa_hit_total", Kind::counter, "Memory information field numa_hit_total.", {}, kLabels},
};
constexpr auto kFamilies = family_list<family_total(kKnown)>(kKnown);

class MeminfoNumaCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kRoot, names_); !listed) return fail(listed.error());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const std::string_view node = number_behind("node", names_[i]);
      if (node.empty()) continue;
      const std::array values = {node};
      const LabelId labels = sink.labels(kLabels, values);
      path_.assign(kRoot).append("/").append(names_[i]).append("/meminfo");
      if (const auto text = sysfs.read(path_, context.buffer, Keep::yes)) add_meminfo(*text, context, sink, labels);
      path_.assign(kRoot).append("/").append(names_[i]).append("/numastat");
      if (const auto text = sysfs.read(path_, context.buffer, Keep::yes)) add_numastat(*text, context, sink, labels);
    }
    made_.keep(sink);
    return {};
  }

 private:
  // "Node 0 Active(anon):     707915 kB"
  void add_meminfo(std::string_view text, CollectContext& context, Sink& sink, LabelId labels) {
    Lines lines(text, "node/meminfo", context.faults);
    while (lines.next()) {
      lines->expect("Node");
      lines->word();
      std::string_view field = lines->word();
      auto value = static_cast<double>(lines->integer());
      if (!field.ends_with(':')) lines->set_failed();
      if (!lines.keep(field)) continue;
      if (lines->optional_word() == "kB") value *= 1024;
      field.remove_suffix(1);
      name_ = "node_memory_numa_";
      append_field_name(name_, field);
      add(sink, labels, Kind::gauge, value);
    }
  }

  // "numa_hit 193460335812"
  void add_numastat(std::string_view text, CollectContext& context, Sink& sink, LabelId labels) {
    Lines lines(text, "node/numastat", context.faults);
    while (lines.next()) {
      const std::string_view field = lines->word();
      const auto value = static_cast<double>(lines->integer());
      if (!lines.keep(field)) continue;
      name_ = "node_memory_numa_";
      append_metric_name(name_, field);
      name_ += "_total";
      add(sink, labels, Kind::counter, value);
    }
  }

  void add(Sink& sink, LabelId labels, Kind kind, double value) {
    constexpr std::string_view kPrefix = "node_memory_numa_";
    for (const Family& known : kKnown) {
      if (known.name == name_) return sink.add(known, labels, value);
    }
    const Family* family = made_.find(name_, [&] {
      return MadeFamily{"Memory information field " + name_.substr(kPrefix.size()) + ".", kind, kLabels};
    });
    if (family != nullptr) sink.add(*family, labels, value);
  }

  Names names_;
  std::string path_, name_;
  MadeFamilies made_;
};

const Registration kRegistration{{.name = "meminfo_numa",
                                  .enabled = false,
                                  .help = "Memory by NUMA node.",
                                  .families = kFamilies,
                                  .make = make_collector<MeminfoNumaCollector>}};

}  // namespace
}  // namespace vitalsd
