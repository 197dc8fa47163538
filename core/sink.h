// The sink into which collectors put their samples.
//   sink.add(kUp, 1);  sink.add(kSeconds, {"0", "idle"}, 12.5);  sink.add_rows(kRows, load);
#pragma once

#include <cmath>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

#include "core/block.h"

namespace vitalsd {

class Sink {
 public:
  virtual ~Sink() = default;

  /// Makes the label set of one entity, which all its samples share. Valid only in this run.
  virtual LabelId labels(std::span<const std::string_view> names, std::span<const std::string_view> values) = 0;
  virtual void add(const Family& family, LabelId labels, double value, Part part = Part::value) = 0;
  /// Keeps the owner of families that are not static alive for as long as the samples.
  virtual void keep(std::shared_ptr<const void> owner) = 0;

  void add(const Family& family, double value) { add(family, kNoLabels, value); }
  void add(const Family& family, std::initializer_list<std::string_view> values, double value) {
    add(family, labels(family.labels, {values.begin(), values.size()}), value);
  }

  /// Adds one sample per row. A row whose value is kAbsent is left out.
  template <class Rows, class T>
  void add_rows(const Rows& rows, const T& from, LabelId labels = kNoLabels) {
    for (const auto& row : rows) {
      const double value = row.get(from);
      if (!std::isnan(value)) add(row.family, labels, value);
    }
  }
};

/// The daemon's sink, which fills a Block.
class BlockSink final : public Sink {
 public:
  explicit BlockSink(Block& block) : block_(block) {}
  using Sink::add;
  LabelId labels(std::span<const std::string_view> names, std::span<const std::string_view> values) override {
    return block_.add_labels(names, values);
  }
  void add(const Family& family, LabelId labels, double value, Part part = Part::value) override {
    block_.append(family, labels, value, part);
  }
  void keep(std::shared_ptr<const void> owner) override { block_.keep(std::move(owner)); }

 private:
  Block& block_;
};

}  // namespace vitalsd
