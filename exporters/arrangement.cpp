#include "exporters/arrangement.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>

#include "core/collector.h"
#include "core/label_text.h"
#include "core/native_samples.h"

namespace vitalsd {
namespace {

bool is_compound(Kind kind) { return kind == Kind::histogram || kind == Kind::summary; }
// Of a collector of the program, and not made from what somebody else wrote.
bool is_registered(const Family* family) {
  static const std::unordered_set<const Family*> families = [] {
    std::unordered_set<const Family*> all;
    for (const CollectorSpec& spec : registered_collectors()) all.insert(spec.families.begin(), spec.families.end());
    return all;
  }();
  return families.contains(family);
}
// Whether a series has one such sample: not so with the parts of native histograms.
bool has_one(Part part) { return !is_native(part); }

// The same for the same labels in any order.
std::uint64_t key_of(const Block& block, const Sample& sample) {
  std::uint64_t key = static_cast<std::uint64_t>(sample.part) + 1;
  for (LabelReader labels(block.label_text(sample.labels)); labels.next();) {
    if (labels.escaped().empty()) continue;  // as if it were not there
    const std::uint64_t name = std::hash<std::string_view>{}(labels.name());
    key += (name * 0x9E3779B97F4A7C15U) ^ std::hash<std::string_view>{}(labels.escaped());
  }
  return key;
}

}  // namespace

void Arrangement::arrange(const Snapshot& snapshot) {
  found_.clear();
  for (const auto& block : snapshot) {
    if (!block) continue;
    const auto groups = block->groups();
    for (const Block::Group& group : groups) found_.push_back({group.family, block.get(), block->samples(group)});
  }
  if (shape_ == 0 ||
      !std::ranges::equal(found_, families_, [](const Part& p, const Known& k) { return k.is(*p.family); })) {
    ++shape_;
    families_.clear();
    for (const auto& [family, block, samples] : found_) {
      families_.push_back({std::string(family->name), std::string(family->help), family->kind});
    }
    order_.resize(found_.size());
    std::iota(order_.begin(), order_.end(), 0U);
    const auto key = [this](std::uint32_t i) {
      return std::pair<std::string_view, bool>(families_[i].name, !is_registered(found_[i].family));
    };
    std::ranges::stable_sort(order_, {}, key);
    const auto same_name = [this](std::uint32_t a, std::uint32_t b) { return families_[a].name == families_[b].name; };
    has_twins_ = std::ranges::adjacent_find(order_, same_name) != order_.end();
  }
  parts_.clear();
  for (const std::uint32_t i : order_) parts_.push_back(found_[i]);
  left_out_.family.clear();
  left_out_.samples = 0;
  if (!has_twins_) return;
  thinned_.clear();
  for (std::size_t begin = 0, end = 0; begin < parts_.size(); begin = end) {
    for (end = begin + 1; end < parts_.size() && parts_[end].family->name == parts_[begin].family->name;) ++end;
    if (end - begin > 1) drop_repeated(std::span(parts_).subspan(begin, end - begin));
  }
}

void Arrangement::drop_repeated(std::span<Part> twins) {
  series_.clear();
  for (Part& part : twins) {
    // A native histogram's buckets have no labels that tell them apart: a whole histogram is a series.
    const auto is_repeated = [&](const Sample& sample) {
      return has_one(sample.part) && series_.contains(key_of(*part.block, sample));
    };
    const bool fits = is_compound(part.family->kind) == is_compound(twins.front().family->kind);
    const auto lost = fits ? std::ranges::count_if(part.kept, is_repeated) : std::ssize(part.kept);
    if (lost > 0) {
      if (left_out_.family.empty()) left_out_.family = part.family->name;
      left_out_.samples += static_cast<std::size_t>(lost);
      std::vector<Sample>& rest = thinned_.emplace_back();
      if (fits) std::ranges::remove_copy_if(part.kept, std::back_inserter(rest), is_repeated);
      part.kept = rest;
    }
    for (const Sample& sample : part.kept) {
      if (has_one(sample.part)) series_.insert(key_of(*part.block, sample));
    }
  }
}

}  // namespace vitalsd
