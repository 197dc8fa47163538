#include "daemon/config/interpolate.h"

#include <algorithm>

#include "daemon/config/fault.h"

namespace vitalsd::conf {
namespace {

constexpr unsigned kDeepest = 8;  // levels of defaults within defaults
constexpr const char* kUnterminated = "'${' has no '}'; write '$${' for a plain '${'";
constexpr const char* kNameless = "'${' must be followed by a variable's name; write '$${' for a plain '${'";

class Expander {
 public:
  Expander(std::string_view text, const Environment& environment) : rest_(text), environment_(environment) {}

  std::expected<std::string, std::string> run() {
    if (!expand(true, 0)) return std::unexpected(std::move(error_));
    return std::move(out_);
  }

 private:
  // Expands up to the end of the text, or inside a default up to its '}'. Text that is not live is skipped.
  bool expand(bool live, unsigned depth) {
    while (!rest_.empty()) {
      const std::size_t plain = std::min(rest_.find_first_of(depth == 0 ? "$" : "$}"), rest_.size());
      if (plain != 0) {
        if (!put(take(plain), live)) return false;
      } else if (accept("}")) {
        return true;
      } else if (accept("$$")) {
        if (!put("$", live)) return false;
      } else if (accept("${")) {
        if (!variable(live, depth)) return false;
      } else if (!put(take(1), live)) {
        return false;
      }
    }
    return depth == 0 || failed(kUnterminated);
  }

  bool variable(bool live, unsigned depth) {
    const std::string_view name = take(name_length());
    if (name.empty()) {
      return failed(rest_.find('}') == std::string_view::npos ? kUnterminated : kNameless);
    }
    const auto found = environment_.find(name);
    const bool known = found != environment_.end();
    const bool filled = known && !found->second.empty();
    if (accept("}")) {
      if (live && !known)
        return failed("variable " + std::string(name) + " is not set; ${" + std::string(name) +
                      ":-default} would give it a default");
      return put(known ? std::string_view(found->second) : "", live);
    }
    if (accept(":-")) {
      if (depth + 1 >= kDeepest) return failed("defaults are nested too deep");
      return (!filled || put(found->second, live)) && expand(live && !filled, depth + 1);
    }
    if (accept(":?")) {
      const std::size_t end = rest_.find('}');
      if (end == std::string_view::npos) return failed(kUnterminated);
      const std::string_view why = take(end);
      accept("}");
      if (live && !filled) {
        return failed("variable " + std::string(name) + " is not set" +
                      (why.empty() ? std::string() : ", it is needed: " + quoted(why)));
      }
      return put(filled ? std::string_view(found->second) : "", live);
    }
    if (rest_.empty()) return failed(kUnterminated);
    return failed("after ${" + std::string(name) + " comes '}', ':-default}' or ':?why}', got " +
                  quoted(rest_.substr(0, 8)));
  }

  std::size_t name_length() const noexcept {
    const auto letter = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    std::size_t size = 0;
    while (size < rest_.size() && (letter(rest_[size]) || (size != 0 && rest_[size] >= '0' && rest_[size] <= '9')))
      ++size;
    return size;
  }
  std::string_view take(std::size_t size) noexcept {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  bool accept(std::string_view next) noexcept {
    if (!rest_.starts_with(next)) return false;
    rest_.remove_prefix(next.size());
    return true;
  }
  bool put(std::string_view text, bool live) {
    if (!live) return true;
    if (text.size() > kExpandedLimit - out_.size()) return failed("is longer than 64 KiB");
    out_ += text;
    return true;
  }
  bool failed(std::string message) {
    error_ = std::move(message);
    return false;
  }

  std::string_view rest_;
  const Environment& environment_;
  std::string out_;
  std::string error_;
};

}  // namespace

std::expected<std::string, std::string> interpolate(std::string_view text, const Environment& environment) {
  return Expander(text, environment).run();
}

}  // namespace vitalsd::conf
