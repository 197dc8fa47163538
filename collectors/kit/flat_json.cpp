#include "collectors/kit/flat_json.h"

#include <algorithm>
#include <charconv>

namespace vitalsd::flat_json {
namespace {

constexpr std::string_view kWhere = "json";
constexpr std::size_t kMostRecords = 4096, kMostFields = 64, kMostBytes = 4096;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool document(std::vector<Record>& out) {
    if (accept('[')) {
      if (!accept(']')) {
        do {
          if (out.size() >= kMostRecords || !object(out.emplace_back())) return false;
        } while (accept(','));
        if (!accept(']')) return false;
      }
    } else if (!object(out.emplace_back())) {
      return false;
    }
    skip_blanks();
    return rest_.empty();
  }

 private:
  void skip_blanks() {
    const std::size_t begin = rest_.find_first_not_of(" \t\r\n");
    rest_ = begin == std::string_view::npos ? std::string_view() : rest_.substr(begin);
  }
  bool accept(char wanted) {
    skip_blanks();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool object(Record& record) {
    if (!accept('{')) return false;
    if (accept('}')) return true;
    do {
      std::string key, value;
      bool null = false;
      if (record.fields.size() >= kMostFields || !string(key) || !accept(':') || !scalar(value, null)) return false;
      std::ranges::transform(key, key.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
      if (!null) record.fields.emplace_back(std::move(key), std::move(value));
    } while (accept(','));
    return accept('}');
  }

  bool scalar(std::string& out, bool& null) {
    skip_blanks();
    if (rest_.starts_with('"')) return string(out);
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t\r\n,}]"));
    rest_.remove_prefix(word.size());
    out = word;
    null = word == "null";
    double number{};
    const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool is_number = ec == std::errc{} && end == word.data() + word.size();
    return null || word == "true" || word == "false" || is_number;
  }

  bool string(std::string& out) {
    if (!accept('"')) return false;
    for (; !rest_.empty() && out.size() < kMostBytes; rest_.remove_prefix(1)) {
      char c = rest_.front();
      if (c == '"') {
        rest_.remove_prefix(1);
        return true;
      }
      if (c == '\\') {
        constexpr std::string_view kWritten = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
        const std::size_t at = rest_.size() > 1 ? kWritten.find(rest_[1]) : std::string_view::npos;
        if (at == std::string_view::npos) return false;
        c = kMeant[at];
        rest_.remove_prefix(1);
      }
      out += c;
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace

std::string_view Record::text(std::string_view key) const noexcept {
  const auto found = std::ranges::find(fields, key, &std::pair<std::string, std::string>::first);
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

double Record::number(std::string_view key) const noexcept {
  const std::string_view word = text(key);
  double number{};
  const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), number);
  return ec == std::errc{} && end == word.data() + word.size() ? number : 0;
}

Result<void> parse(std::string_view text, std::vector<Record>& out) {
  out.clear();
  if (Reader(text).document(out)) return {};
  out.clear();
  return fail(Errc::malformed, kWhere);
}

}  // namespace vitalsd::flat_json
