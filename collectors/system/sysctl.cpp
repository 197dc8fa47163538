// Selected kernel parameters as metrics (Documentation/admin-guide/sysctl/): "NAME", or "NAME:KEY,KEY" for a parameter
// with several numbers.
#include <array>
#include <string>
#include <vector>

#include "collectors/kit/digits.h"
#include "collectors/kit/made_families.h"
#include "core/collector.h"
#include "core/scan.h"

namespace vitalsd {
namespace {

constexpr std::array<std::string_view, 1> kIndex = {"index"};
constexpr std::array<std::string_view, 3> kInfoLabels = {"name", "value", "index"};
constexpr Family kInfo{"node_sysctl_info", Kind::gauge, "sysctl info", {}, kInfoLabels};
constexpr std::array kFamilies = {&kInfo};
constexpr std::size_t kMostValues = 256;

constexpr std::array kOptions = {
    OptionSpec{"include", OptionType::list, "", "Parameters to report as numbers: NAME, or NAME:KEY,KEY for several."},
    OptionSpec{"include_info", OptionType::list, "", "Parameters to report as text, in node_sysctl_info."},
};

struct Parameter {
  std::string name, path;
  std::vector<std::string> keys;
};

// As in sysctl(8), dots separate, and a slash stands for a dot in a name ("net.ipv4.conf.eth0/100.forwarding").
Parameter parameter_of(std::string_view option, const std::string& text) {
  Parameter parameter{.name = text.substr(0, text.find(':')), .path = "sys/", .keys = {}};
  if (const std::size_t colon = text.find(':'); colon != std::string::npos) {
    for (std::size_t begin = colon + 1; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      parameter.keys.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  for (const char c : parameter.name) parameter.path += c == '.' ? '/' : c == '/' ? '.' : c;
  if (parameter.name.empty() || parameter.path.find("//") != std::string::npos ||
      parameter.path.find("..") != std::string::npos) {
    throw OptionError(option, "'" + text + "' is not the name of a kernel parameter such as vm.swappiness");
  }
  return parameter;
}

class SysctlCollector final : public Collector {
 public:
  explicit SysctlCollector(const Options& options) {
    for (const std::string& text : options.list("include")) numbers_.push_back(parameter_of("include", text));
    for (const std::string& text : options.list("include_info")) texts_.push_back(parameter_of("include_info", text));
  }

  Result<void> collect(CollectContext& context, Sink& sink) override {
    for (const Parameter& parameter : numbers_) {
      if (const auto text = read(context, parameter)) add_numbers(context, sink, parameter, *text);
    }
    for (const Parameter& parameter : texts_) {
      if (const auto text = read(context, parameter)) add_texts(sink, parameter, *text);
    }
    made_.keep(sink);
    return {};
  }

 private:
  // A parameter that cannot be read is reported; the others are still published.
  static Result<std::string_view> read(CollectContext& context, const Parameter& parameter) {
    const auto text = context.host.procfs->attribute(parameter.path, context.buffer, Keep::yes);
    if (!text) context.faults.partial(parameter.name, "sysctl", text.error(), {});
    return text;
  }

  void add_numbers(CollectContext& context, Sink& sink, const Parameter& parameter, std::string_view text) {
    values_.clear();
    for (Scan scan(text, "sysctl"); !scan.skip_blanks().at_end() && values_.size() < kMostValues;) {
      values_.push_back(static_cast<double>(scan.integer<std::int64_t>()));
      if (!scan.ok()) return context.faults.partial(parameter.name, "sysctl", scan.error(), {});
    }
    if (values_.empty() || (!parameter.keys.empty() && parameter.keys.size() != values_.size())) {
      return context.faults.partial(parameter.name, "sysctl", {Errc::malformed, 0, "sysctl"},
                                    "as many keys as the parameter has numbers");
    }
    name_ = "node_sysctl_";
    append_metric_name(name_, parameter.name);
    const std::size_t base = name_.size();
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const bool keyed = !parameter.keys.empty(), indexed = !keyed && values_.size() > 1;
      name_.resize(base);
      if (keyed) append_metric_name(name_ += '_', parameter.keys[i]);
      const Family* family = made_.find(name_, [&] {
        std::string help = "sysctl " + parameter.name;
        if (keyed) help += ", field " + std::to_string(i);
        return MadeFamily{std::move(help), Kind::untyped,
                          indexed ? std::span<const std::string_view>(kIndex) : std::span<const std::string_view>()};
      });
      if (family == nullptr) return;
      if (indexed)
        sink.add(*family, {Digits(i)}, values_[i]);
      else
        sink.add(*family, values_[i]);
    }
  }

  static void add_texts(Sink& sink, const Parameter& parameter, std::string_view text) {
    std::size_t index = 0;
    for (Scan scan(text, "sysctl"); !scan.skip_blanks().at_end() && index < kMostValues; ++index) {
      const std::string_view word = scan.optional_word();
      if (word.empty()) return;
      sink.add(kInfo, {parameter.name, word, Digits(index)}, 1);
    }
  }

  std::vector<Parameter> numbers_, texts_;
  std::vector<double> values_;
  std::string name_;
  MadeFamilies made_;
};

const Registration kRegistration{{.name = "sysctl",
                                  .enabled = false,
                                  .help = "Chosen kernel parameters.",
                                  .options = kOptions,
                                  .families = kFamilies,
                                  .make = make_configured<SysctlCollector>}};

}  // namespace
}  // namespace vitalsd
