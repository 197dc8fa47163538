// The forms of an exposition that a scraper may ask for, and their Content-Type.
//   content_type({Format::openmetrics_1_0_0, Escaping::underscores})
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vitalsd {

enum class Format : std::uint8_t { text_0_0_4, text_1_0_0, openmetrics_0_0_1, openmetrics_1_0_0, protobuf };
inline constexpr std::size_t kFormats = 5;

/// What becomes of characters that names had not before Prometheus 3. All names here are of the old kind: `dots` alone
/// changes them, each underscore to two.
enum class Escaping : std::uint8_t { allow_utf8, underscores, dots, values };
inline constexpr std::size_t kEscapings = 4;

struct Form {
  Format format = Format::text_0_0_4;
  Escaping escaping = Escaping::underscores;
  bool operator==(const Form&) const = default;
};

/// As client_golang writes it; static.
std::string_view content_type(Form form);
/// The words of the parameter `escaping`, in the order of the enumerators.
std::string_view escaping_word(Escaping escaping) noexcept;

/// What differs in the bytes: formats that differ in their version number alone share them.
enum class Body : std::uint8_t { text, openmetrics, protobuf };
inline constexpr std::size_t kBodies = 3;

struct Variant {
  Body body = Body::text;
  bool dots = false;
  bool operator==(const Variant&) const = default;
};
inline constexpr std::size_t kVariants = kBodies * 2;

Variant variant_of(Form form) noexcept;
constexpr std::size_t index_of(Variant variant) noexcept {
  return static_cast<std::size_t>(variant.body) * 2 + (variant.dots ? 1 : 0);
}

}  // namespace vitalsd
