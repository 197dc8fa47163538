#include "collectors/formats/json_values.h"

#include <boost/json.hpp>
#include <optional>

namespace vitalsd {

bool is_json_pointer(std::string_view text) noexcept {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

struct JsonNumbers::Document {
  std::optional<boost::json::value> root;

  Result<const boost::json::value*> find(std::string_view pointer) const {
    if (!root) return fail(Errc::malformed, "JSON");
    boost::json::error_code failed;
    const boost::json::value* found = root->find_pointer({pointer.data(), pointer.size()}, failed);
    if (found == nullptr || failed || found->is_null()) return fail(Errc::unavailable, "JSON pointer");
    return found;
  }
};

JsonNumbers::JsonNumbers(std::string_view text) : document_(std::make_unique<Document>()) {
  boost::json::error_code failed;
  auto root = boost::json::parse({text.data(), text.size()}, failed);
  if (!failed) document_->root.emplace(std::move(root));
}
JsonNumbers::~JsonNumbers() = default;

bool JsonNumbers::ok() const noexcept { return document_->root.has_value(); }

Result<double> JsonNumbers::at(std::string_view pointer) const {
  const auto found = document_->find(pointer);
  if (!found) return fail(found.error());
  const boost::json::value& value = **found;
  if (value.is_double()) return value.get_double();
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  if (value.is_bool()) return value.get_bool() ? 1 : 0;
  return fail(Errc::malformed, "JSON pointer");
}

Result<std::string_view> JsonNumbers::text_at(std::string_view pointer) const {
  const auto found = document_->find(pointer);
  if (!found) return fail(found.error());
  if (!(*found)->is_string()) return fail(Errc::malformed, "JSON pointer");
  const boost::json::string& text = (*found)->get_string();
  return std::string_view(text.data(), text.size());
}

}  // namespace vitalsd
