#include "daemon/rules/language/functions.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "daemon/rules/language/range_functions.h"

namespace vitalsd::rules {
namespace {

using enum ValueType;
using Special = FunctionSpec::Special;
using Maybe = std::optional<double>;
using Scalars = FunctionSpec::Scalars;

// As Go's: NaN if either is.
double lesser(double a, double b) { return std::isnan(a) || std::isnan(b) ? NAN : std::min(a, b); }
double greater(double a, double b) { return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b); }

Maybe rounded(double value, Scalars to) {
  // Ties go up. The inverse is taken because 1/10 is more exact than 0.1.
  const double inverse = 1 / (to.empty() ? 1.0 : to[0]);
  return std::floor(value * inverse + 0.5) / inverse;
}

Maybe clamped(double value, Scalars to) {
  if (to[1] < to[0]) return {};
  return greater(to[0], lesser(to[1], value));
}

template <double (*Function)(double)>
Maybe of(double value, Scalars) {
  return Function(value);
}

double sign(double value) { return value < 0 ? -1 : value > 0 ? 1 : value; }
double abs_of(double v) { return std::fabs(v); }
double ceil_of(double v) { return std::ceil(v); }
double floor_of(double v) { return std::floor(v); }
double exp_of(double v) { return std::exp(v); }
double ln_of(double v) { return std::log(v); }
double log2_of(double v) { return std::log2(v); }
double log10_of(double v) { return std::log10(v); }
double sqrt_of(double v) { return std::sqrt(v); }

// By name.
constexpr FunctionSpec kFunctions[] = {
    {.name = "abs", .parameters = {vector}, .of_value = of<abs_of>},
    {.name = "absent", .parameters = {vector}, .special = Special::absent},
    {.name = "absent_over_time", .parameters = {range}, .special = Special::absent},
    {.name = "avg_over_time", .parameters = {range}, .of_range = range::avg},
    {.name = "ceil", .parameters = {vector}, .of_value = of<ceil_of>},
    {.name = "changes", .parameters = {range}, .of_range = range::changes},
    {.name = "clamp", .parameters = {vector, scalar, scalar}, .least = 3, .most = 3, .of_value = clamped},
    {.name = "clamp_max",
     .parameters = {vector, scalar},
     .least = 2,
     .most = 2,
     .of_value = [](double v, Scalars to) -> Maybe { return lesser(to[0], v); }},
    {.name = "clamp_min",
     .parameters = {vector, scalar},
     .least = 2,
     .most = 2,
     .of_value = [](double v, Scalars to) -> Maybe { return greater(to[0], v); }},
    {.name = "count_over_time", .parameters = {range}, .of_range = range::count},
    {.name = "delta", .parameters = {range}, .of_range = range::delta},
    {.name = "deriv", .parameters = {range}, .of_range = range::deriv},
    {.name = "exp", .parameters = {vector}, .of_value = of<exp_of>},
    {.name = "floor", .parameters = {vector}, .of_value = of<floor_of>},
    {.name = "idelta", .parameters = {range}, .of_range = range::idelta},
    {.name = "increase", .parameters = {range}, .of_range = range::increase},
    {.name = "irate", .parameters = {range}, .of_range = range::irate},
    {.name = "last_over_time", .parameters = {range}, .keeps_name = true, .of_range = range::last},
    {.name = "ln", .parameters = {vector}, .of_value = of<ln_of>},
    {.name = "log10", .parameters = {vector}, .of_value = of<log10_of>},
    {.name = "log2", .parameters = {vector}, .of_value = of<log2_of>},
    {.name = "max_over_time", .parameters = {range}, .of_range = range::max},
    {.name = "min_over_time", .parameters = {range}, .of_range = range::min},
    {.name = "predict_linear", .parameters = {range, scalar}, .least = 2, .most = 2, .of_range = range::predict_linear},
    {.name = "present_over_time", .parameters = {range}, .of_range = range::present},
    {.name = "quantile_over_time", .parameters = {scalar, range}, .least = 2, .most = 2, .of_range = range::quantile},
    {.name = "rate", .parameters = {range}, .of_range = range::rate},
    {.name = "resets", .parameters = {range}, .of_range = range::resets},
    {.name = "round", .parameters = {vector, scalar}, .least = 1, .most = 2, .of_value = rounded},
    {.name = "scalar", .parameters = {vector}, .result = scalar, .special = Special::scalar},
    {.name = "sgn", .parameters = {vector}, .of_value = of<sign>},
    {.name = "sqrt", .parameters = {vector}, .of_value = of<sqrt_of>},
    {.name = "stddev_over_time", .parameters = {range}, .of_range = range::stddev},
    {.name = "stdvar_over_time", .parameters = {range}, .of_range = range::stdvar},
    {.name = "sum_over_time", .parameters = {range}, .of_range = range::sum},
    {.name = "time", .least = 0, .most = 0, .result = scalar, .special = Special::time},
    {.name = "vector", .parameters = {scalar}, .special = Special::vector},
};
static_assert(std::ranges::is_sorted(kFunctions, {}, &FunctionSpec::name));

}  // namespace

const FunctionSpec* find_function(std::string_view name) {
  const auto* found = std::ranges::lower_bound(kFunctions, name, {}, &FunctionSpec::name);
  return found != std::end(kFunctions) && found->name == name ? found : nullptr;
}

std::span<const FunctionSpec> all_functions() { return kFunctions; }

double quantile_of(double quantile, std::span<double> values) {
  if (values.empty() || std::isnan(quantile)) return NAN;
  if (quantile < 0) return -HUGE_VAL;
  if (quantile > 1) return HUGE_VAL;
  std::ranges::sort(values, [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; });
  const double rank = quantile * static_cast<double>(values.size() - 1);
  const double whole = std::floor(rank);
  const auto lower = static_cast<std::size_t>(whole);
  const std::size_t upper = std::min(lower + 1, values.size() - 1);
  return values[lower] * (1 - (rank - whole)) + values[upper] * (rank - whole);
}

}  // namespace vitalsd::rules
