// The query of a request, decoded as HTML forms encode it.
//   auto query = parse_query("collect[]=cpu&collect[]=netdev"); query->all("collect[]") is {"cpu", "netdev"}
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitalsd::http {

class Query {
 public:
  static constexpr std::size_t kMostParameters = 256;
  static constexpr std::size_t kMostBytes = 8192;

  bool has(std::string_view name) const noexcept;
  /// Every value of `name`, in the order they came. Views live as long as the query.
  std::vector<std::string_view> all(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& parameters() const noexcept { return parameters_; }

 private:
  friend std::expected<Query, std::string_view> parse_query(std::string_view);
  std::vector<std::pair<std::string, std::string>> parameters_;
};

/// Pairs separated by '&', each decoded: "%xx" and '+' for a space; a name alone has an empty value. The error is a
/// static text: a bad escape, or more than the limits.
std::expected<Query, std::string_view> parse_query(std::string_view text);

/// False when a '%' is not followed by two hexadecimal digits.
bool append_decoded(std::string& out, std::string_view text);

}  // namespace vitalsd::http
