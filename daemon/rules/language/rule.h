// Rules as they are written: groups of alerts and of recorded expressions, in Prometheus' shape.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/rules/language/expression.h"
#include "daemon/rules/language/template.h"

namespace vitalsd::rules {

/// What a firing alert makes fail besides.
enum class Affects : std::uint8_t { none, health, ready };
constexpr std::string_view name_of(Affects affects) {
  constexpr std::string_view kNames[] = {"none", "health", "ready"};
  return kNames[static_cast<std::size_t>(affects)];
}

struct Rule {
  using Texts = std::vector<std::pair<std::string, TextTemplate>>;

  std::string name;
  bool is_alert = true;  ///< else its values are recorded under its name
  std::string query;     ///< as written
  std::shared_ptr<const Expression> expression;
  std::chrono::nanoseconds hold{};         ///< `for`
  std::chrono::nanoseconds keep_firing{};  ///< `keep_firing_for`
  Texts labels = {}, annotations = {};
  Affects affects = Affects::none;

  /// How far back it reads; 0: it reads only what is fresh.
  std::chrono::milliseconds range() const;
};

struct RuleGroup {
  std::string name, file;
  std::chrono::nanoseconds interval{};
  std::size_t limit = 0;  ///< the most results of a rule; 0: kMostResults
  std::vector<Rule> rules = {};
};

struct RuleBook {
  static constexpr std::size_t kMostRules = 2'000;
  static constexpr std::size_t kMostResults = 1'000;  ///< of one rule

  std::vector<RuleGroup> groups = {};

  /// The families that ranges are read of, each with the longest of them.
  std::map<std::string, std::chrono::milliseconds> ranges() const;
  bool empty() const noexcept { return groups.empty(); }
};

}  // namespace vitalsd::rules
