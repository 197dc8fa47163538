// Concatenates text at compile time, so that families whose names differ in one word are declared by that word.
//   Family{.name = joined<"node_memory_", "MemFree_bytes">, ...}
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace vitalsd {

/// A string literal as a template argument.
template <std::size_t N>
struct Literal {
  char text[N]{};
  consteval Literal(const char (&from)[N]) { std::copy_n(from, N, text); }  // NOLINT: a literal is meant to convert
  static constexpr std::size_t size() { return N - 1; }
};

namespace detail {
template <Literal... Parts>
consteval auto join() {
  std::array<char, (std::size_t{0} + ... + Parts.size())> all{};
  char* out = all.data();
  ((out = std::copy_n(Parts.text, Parts.size(), out)), ...);
  return all;
}
template <Literal... Parts>
inline constexpr auto kJoined = join<Parts...>();
}  // namespace detail

/// The concatenation of all parts, with static storage.
template <Literal... Parts>
inline constexpr std::string_view joined{detail::kJoined<Parts...>.data(), detail::kJoined<Parts...>.size()};

}  // namespace vitalsd
