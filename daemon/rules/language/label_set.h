// The labels of one series in an expression, with its name as __name__, sorted; what PromQL compares and groups by.
//   LabelSet labels("node_cpu_seconds_total", R"(cpu="0",mode="idle")"); labels.get("mode"); labels.keep({"cpu"});
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitalsd::rules {

inline constexpr std::string_view kNameLabel = "__name__";

class LabelSet {
 public:
  using Pair = std::pair<std::string, std::string>;

  LabelSet() = default;
  /// `label_text` is as a Block holds it. Labels without a value are left out, as Prometheus does.
  LabelSet(std::string_view name, std::string_view label_text);

  /// Empty when there is none.
  std::string_view get(std::string_view name) const noexcept;
  /// An empty value removes the label.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  void remove_name() { remove(kNameLabel); }
  void keep(const std::vector<std::string>& names);
  void remove(const std::vector<std::string>& names);

  const std::vector<Pair>& pairs() const noexcept { return pairs_; }
  bool empty() const noexcept { return pairs_.empty(); }
  /// `{cpu="0"}`, for messages.
  std::string text() const;
  /// `cpu="0",mode="idle"` as a Block holds it, with what `skip` names left out.
  std::string block_text(std::string_view skip = {}) const;

  auto operator<=>(const LabelSet&) const = default;

 private:
  std::vector<Pair> pairs_;
};

}  // namespace vitalsd::rules
