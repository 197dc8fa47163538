// Numbers with names of two parts, a protocol and a field, such as "TcpExt_ListenDrops". The memory is reused.
//   Statistics all; net_netstat::parse(text, all, faults); for (const Field& field : all.fields()) ...
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/formats/fields.h"

namespace vitalsd {

class Statistics {
 public:
  Statistics() { names_.reserve(kMostText); }
  Statistics(const Statistics&) = delete;  // the fields are views into this object
  Statistics& operator=(const Statistics&) = delete;

  void clear() noexcept {
    names_.clear();
    fields_.clear();
  }
  /// `bytes` is as in Field. Drops fields beyond kMostFields or beyond the memory for names.
  void add(std::string_view protocol, std::string_view name, double value, bool bytes = false) {
    const std::size_t size = protocol.size() + 1 + name.size();
    if (fields_.size() == kMostFields || names_.size() + size > kMostText) return;
    const std::size_t begin = names_.size();
    names_.append(protocol).append("_").append(name);  // never grows, so views into it stay valid
    fields_.push_back({std::string_view(names_).substr(begin, size), value, bytes});
  }
  std::span<const Field> fields() const noexcept { return fields_; }

 private:
  static constexpr std::size_t kMostText = 64U << 10U;  // kernels have 10 KiB of names
  std::string names_;
  std::vector<Field> fields_;
};

}  // namespace vitalsd
