// An expression or a template from anybody: it is refused with a place inside it, or evaluated over series that fit,
// within the limits.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemon/rules/language/evaluate.h"
#include "daemon/rules/language/template.h"

namespace {

using namespace vitalsd::rules;

class Samples final : public SampleSource {
 public:
  void append_instant(const SelectorNode& selector, std::size_t most, InstantVector& out) const override {
    for (const auto* labels : kLabels) {
      if (out.size() < most && selector.fits("x", labels)) out.push_back({LabelSet("x", labels), 1.5});
    }
  }
  void append_range(const SelectorNode& selector, std::int64_t start_ms, std::int64_t end_ms, const EvaluationLimits&,
                    std::vector<RangeSeries>& out) const override {
    for (const auto* labels : kLabels) {
      if (selector.fits("x", labels)) out.push_back({LabelSet("x", labels), {{start_ms + 1, 1}, {end_ms, -2}}});
    }
  }

 private:
  static constexpr const char* kLabels[] = {R"(a="1")", R"(a="2",b="3")", R"(a="say \"hi\"",c="")"};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto is_placed = [&](const ExpressionFault& fault) { return fault.offset <= size && !fault.message.empty(); };
  const auto expression = parse_expression(text);
  if (!expression && !is_placed(expression.error())) std::abort();
  if (expression) {
    const EvaluationLimits limits{.series = 100, .points = 200};
    const auto result = evaluate(**expression, Samples(), 1'000'000'000'000, limits);
    if (!result && result.error().empty()) std::abort();
    if (result && result->size() > 2 * limits.series) std::abort();
  }
  const auto made = parse_template(text);
  if (!made && !is_placed(made.error())) std::abort();
  if (made) (void)made->expand(LabelSet("x", R"(a="1")"), 0.1);
  return 0;
}
