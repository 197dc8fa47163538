// Parses the query of a request, which is encoded like an HTML form.
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
  /// All values of `name`, in their order in the query. The views are valid as long as the Query.
  std::vector<std::string_view> all(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& parameters() const noexcept { return parameters_; }

 private:
  friend std::expected<Query, std::string_view> parse_query(std::string_view);
  std::vector<std::pair<std::string, std::string>> parameters_;
};

/// Splits at '&' and decodes "%xx", and '+' as a space. A name without '=' has an empty value. The error is a static
/// text: a bad escape, or a limit is exceeded.
std::expected<Query, std::string_view> parse_query(std::string_view text);

}  // namespace vitalsd::http
