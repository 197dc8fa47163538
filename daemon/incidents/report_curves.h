// The series of a kept report as curves: a counter as what it grew by per second.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitalsd {

struct ReportCurve {
  std::string family;
  std::vector<std::pair<std::string, std::string>> labels;
  bool is_rate = false;
  std::vector<double> values;  ///< oldest first, without those that are not known

  /// Empty where it has none.
  std::string_view label(std::string_view name) const;
  double mean_of_last(std::size_t part) const;   ///< of the last `1 / part` of the values, at least of one
  double mean_of_first(std::size_t part) const;  ///< the same of the first
  double most() const;
};

/// All that have values; what is not as a report has it is left out.
std::vector<ReportCurve> report_curves(const boost::json::value& report);

}  // namespace vitalsd
