// What functions of ranges compute, as Prometheus does (promql/functions.go describes the facts).
#pragma once

#include "daemon/rules/language/functions.h"

namespace vitalsd::rules::range {

using Scalars = FunctionSpec::Scalars;
using Maybe = std::optional<double>;

Maybe rate(const RangeWindow& window, Scalars);
Maybe increase(const RangeWindow& window, Scalars);
Maybe delta(const RangeWindow& window, Scalars);
Maybe irate(const RangeWindow& window, Scalars);
Maybe idelta(const RangeWindow& window, Scalars);
Maybe deriv(const RangeWindow& window, Scalars);
Maybe predict_linear(const RangeWindow& window, Scalars seconds);
Maybe changes(const RangeWindow& window, Scalars);
Maybe resets(const RangeWindow& window, Scalars);
Maybe avg(const RangeWindow& window, Scalars);
Maybe sum(const RangeWindow& window, Scalars);
Maybe min(const RangeWindow& window, Scalars);
Maybe max(const RangeWindow& window, Scalars);
Maybe count(const RangeWindow& window, Scalars);
Maybe last(const RangeWindow& window, Scalars);
Maybe present(const RangeWindow& window, Scalars);
Maybe stddev(const RangeWindow& window, Scalars);
Maybe stdvar(const RangeWindow& window, Scalars);
Maybe quantile(const RangeWindow& window, Scalars quantile);

}  // namespace vitalsd::rules::range
