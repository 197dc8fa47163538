// The static description of a metric family, and the table row that fills one from a parsed struct.
//   constexpr std::array kRows = {Row<Load>{{"node_load1", Kind::gauge, "1m load average."}, [](const Load& l) { return
//   l.one; }}};
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace vitalsd {

enum class Kind : std::uint8_t { gauge, counter, untyped, histogram, summary };

/// The word for `kind` in the TYPE line of an exposition.
constexpr std::string_view type_word(Kind kind) noexcept {
  constexpr std::array<std::string_view, 5> kWords = {"gauge", "counter", "untyped", "histogram", "summary"};
  return kWords[static_cast<std::size_t>(kind)];
}

/// All text has static storage, or lives as long as the Block that keep()s its owner.
struct Family {
  std::string_view name;
  Kind kind = Kind::gauge;
  std::string_view help;
  std::string_view unit = {};                     ///< "seconds", "bytes" or empty
  std::span<const std::string_view> labels = {};  ///< names, in the order of the values given to Sink::add
};

/// A Row's getter returns this for a field that could not be read: the sample is left out.
inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

/// One sample of a struct: its family, and the function that takes its value from the struct.
template <class T>
struct Row {
  Family family;
  double (*get)(const T&);
};

namespace detail {
constexpr std::size_t family_count(const Family&) { return 1; }
template <class T, std::size_t N>
constexpr std::size_t family_count(const std::array<T, N>&) {
  return N;
}
constexpr const Family* family_of(const Family& family) { return &family; }
/// For a row of any table that has a `family`.
template <class T>
constexpr const Family* family_of(const T& row) {
  return &row.family;
}
constexpr void put(const Family**& out, const Family& family) { *out++ = &family; }
template <class T, std::size_t N>
constexpr void put(const Family**& out, const std::array<T, N>& table) {
  for (const T& entry : table) *out++ = family_of(entry);
}
}  // namespace detail

/// Lists the families of single Family constants and of whole tables, for a collector's registration:
///   constexpr auto kFamilies = family_list<family_total(kRows, kInfo)>(kRows, kInfo);
template <class... Tables>
constexpr std::size_t family_total(const Tables&... tables) {
  return (std::size_t{0} + ... + detail::family_count(tables));
}
template <std::size_t N, class... Tables>
constexpr std::array<const Family*, N> family_list(const Tables&... tables) {
  std::array<const Family*, N> list{};
  const Family** out = list.data();
  (detail::put(out, tables), ...);
  return list;
}

}  // namespace vitalsd
