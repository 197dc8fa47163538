// The newest block of each collector, and the epoch that moves whenever one is published or withdrawn.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/block.h"

namespace vitalsd {

/// Lives on the loop.
class Store {
 public:
  void publish(std::string_view collector, std::shared_ptr<const Block> block) {
    const auto found = blocks_.find(collector);
    if (found != blocks_.end()) {
      found->second = std::move(block);
    } else {
      blocks_.emplace(collector, std::move(block));
    }
    ++epoch_;
  }

  /// The collector has nothing to say any more: its series disappear.
  void withdraw(std::string_view collector) {
    const auto found = blocks_.find(collector);
    if (found == blocks_.end()) return;
    blocks_.erase(found);
    ++epoch_;
  }

  std::uint64_t epoch() const noexcept { return epoch_; }

  /// The newest block of a collector, or null.
  const Block* find(std::string_view collector) const {
    const auto found = blocks_.find(collector);
    return found == blocks_.end() ? nullptr : found->second.get();
  }

  /// Samples of all blocks.
  std::size_t samples() const noexcept {
    std::size_t count = 0;
    for (const auto& [name, block] : blocks_) count += block->samples().size();
    return count;
  }

  /// Appends the names of all blocks that begin with `prefix`.
  void append_names(std::string_view prefix, std::vector<std::string>& names) const {
    for (const auto& [name, block] : blocks_) {
      if (name.starts_with(prefix)) names.push_back(name);
    }
  }

  /// All blocks by collector name into `out`, which is reused.
  void snapshot(Snapshot& out) const {
    out.clear();
    for (const auto& [name, block] : blocks_) out.push_back(block);
  }
  /// Those of the named collectors alone.
  Snapshot snapshot_of(const std::vector<std::string>& collectors) const {
    Snapshot out;
    for (const auto& [name, block] : blocks_) {
      if (std::ranges::find(collectors, name) != collectors.end()) out.push_back(block);
    }
    return out;
  }

 private:
  std::map<std::string, std::shared_ptr<const Block>, std::less<>> blocks_;
  std::uint64_t epoch_ = 1;
};

/// The value of the series that has this label text, as a Block holds it.
std::optional<double> find_value(const Block& block, std::string_view family, std::string_view label_text);
/// The value of the only series of a family, wherever it is in the snapshot.
std::optional<double> find_value(const Snapshot& snapshot, std::string_view family);

}  // namespace vitalsd
