#include "collectors/network/ethtool/names.h"

#include <algorithm>
#include <cstddef>

namespace vitalsd::ethtool {
namespace {

constexpr bool is_plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Replaces the word where it stands alone between underscores. Two that share an underscore count as one, as in the
// regular expression (^|_)rx(_|$), which takes it with the first.
void replace_word(std::string& text, std::string_view word, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos;) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || text[at - 1] == '_', ends = end == text.size() || text[end] == '_';
    if (!begins || !ends) {
      ++at;
      continue;
    }
    text.replace(at, word.size(), by);
    at += by.size() + 2;  // behind the underscore that was taken, and so is no beginning any more
  }
}

}  // namespace

// As the regular expression _*[^0-9A-Za-z_]+_* takes them: each match becomes one underscore.
void sanitize(std::string& out, std::string_view name) {
  const auto behind = [&name](std::size_t at, auto belongs) {
    while (at < name.size() && belongs(name[at])) ++at;
    return at;
  };
  const auto is_underscore = [](char c) { return c == '_'; };
  const auto is_other = [](char c) { return c != '_' && !is_plain(c); };
  out.clear();
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t plain = behind(at, is_plain);
    const std::size_t begin = behind(plain, is_underscore);
    const std::size_t end = behind(begin, is_other);
    if (end == begin) {
      out.append(name.substr(at, begin - at));
      at = begin;
    } else {
      out.append(name.substr(at, plain - at)).append("_");
      at = behind(end, is_underscore);
    }
  }
}

void metric_name(std::string& out, std::string_view sanitized) {
  std::string name(sanitized.substr(std::min(sanitized.find_first_not_of('_'), sanitized.size())));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  replace_word(name, "rx", "received");
  replace_word(name, "tx", "transmitted");
  out.assign("node_ethtool_").append(name);
}

}  // namespace vitalsd::ethtool
