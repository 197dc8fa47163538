// The labels of the configuration that every series gets, unless it has a label of that name itself: its own wins, as
// in Prometheus (storage/remote, "labels already present on the series take precedence"). Twice the same name is no
// exposition.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vitalsd {

class ExternalLabels {
 public:
  /// Label text as in a Block: `cluster="eu",zone="1"`.
  explicit ExternalLabels(std::string_view label_text = {});

  std::string_view text() const noexcept { return text_; }
  /// Whether a series with these labels has one of the names itself. Cheap: all series are asked.
  bool collide_with(std::string_view label_text) const noexcept;
  /// Those whose names the series has not, in `out`.
  void beside(std::string_view label_text, std::string& out) const;

 private:
  std::string text_;
  std::vector<std::string> starts_;  ///< `cluster="`: no value holds it, for its quotes are escaped
};

}  // namespace vitalsd
