#include "core/options.h"

#include "core/quantity.h"
#include "core/scan.h"

namespace vitalsd {

Options Options::defaults(std::span<const OptionSpec> specs) {
  Options options;
  for (const OptionSpec& spec : specs)
    options.set(spec.name, {.text = std::string(spec.default_value), .items = {}, .records = {}});
  return options;
}

const Options::Value& Options::at(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::out_of_range("option is not declared: " + std::string(name));
  return found->second;
}

std::int64_t Options::integer(std::string_view name) const {
  return parse_number<std::int64_t>(text(name), "integer").value();
}

std::chrono::nanoseconds Options::duration(std::string_view name) const { return parse_duration(text(name)).value(); }

std::uint64_t Options::size(std::string_view name) const { return parse_size(text(name)).value(); }

}  // namespace vitalsd
