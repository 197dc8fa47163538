// Runs a registered collector over a FakeHost with options that are given as text.
//   const auto run = run_registered("netstat", fake.host, {{"fields", ".*"}});
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "tests/fakes/fake_host.h"
#include "tests/fakes/run_collector.h"

namespace vitalsd {

using OptionTexts = std::initializer_list<std::pair<std::string_view, std::string>>;

inline std::unique_ptr<Collector> make_registered(std::string_view name, OptionTexts texts = {}) {
  const CollectorSpec& spec = *find_collector(name);
  Options options = Options::defaults(spec.options);
  for (const auto& [option, text] : texts) options.set(option, {.text = text, .items = {}, .records = {}});
  return spec.make(options);
}

inline RunResult run_registered(std::string_view name, const Host& host, OptionTexts texts = {}) {
  return run_collector(*make_registered(name, texts), host);
}

}  // namespace vitalsd
