// The functions of the rules' language: a row each with its parameters and what it does.
//   const FunctionSpec* rate = find_function("rate"); rate->of_range(window, {});
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "daemon/rules/language/expression.h"

namespace vitalsd::rules {

struct RangePoint {
  std::int64_t ms;  ///< since the epoch
  double value;
};

/// The samples of one series after `start_ms` and up to `end_ms`; there is at least one.
struct RangeWindow {
  std::span<const RangePoint> points;
  std::int64_t start_ms, end_ms;
};

struct FunctionSpec {
  enum class Special : std::uint8_t { none, absent, scalar, vector, time };
  using Scalars = std::span<const double>;

  std::string_view name;
  std::array<ValueType, 3> parameters = {};
  std::uint8_t least = 1, most = 1;  ///< how many arguments
  ValueType result = ValueType::vector;
  Special special = Special::none;
  bool keeps_name = false;
  /// Of one series; nothing: it has no value. `scalars` are the arguments that are scalars, in their order.
  std::optional<double> (*of_range)(const RangeWindow& window, Scalars scalars) = nullptr;
  std::optional<double> (*of_value)(double value, Scalars scalars) = nullptr;
};

/// Null when there is none of that name.
const FunctionSpec* find_function(std::string_view name);
std::span<const FunctionSpec> all_functions();

/// The quantile of the values, which are reordered: linear between the nearest two, as Prometheus has it.
double quantile_of(double quantile, std::span<double> values);

}  // namespace vitalsd::rules
