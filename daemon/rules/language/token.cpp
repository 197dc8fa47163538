#include "daemon/rules/language/token.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>

#include "core/metric_name.h"
#include "core/quantity.h"
#include "core/utf8.h"

namespace vitalsd::rules {
namespace {

constexpr std::array<std::string_view, 24> kSymbols = {"==", "!=", "=~", "!~", ">=", "<=", "=", ">",
                                                       "<",  "+",  "-",  "*",  "/",  "%",  "^", "(",
                                                       ")",  "{",  "}",  "[",  "]",  ",",  ":", "@"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view text, std::string_view word) { return std::ranges::equal(text, word, {}, lower); }

int hex_of(char c) {
  if (is_digit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::expected<std::vector<Token>, ExpressionFault> run() {
    if (text_.size() > kMostExpressionBytes) return std::unexpected(ExpressionFault{0, "is longer than 16 KiB"});
    while (fault_.message.empty() && skip_blanks()) next();
    if (!fault_.message.empty()) return std::unexpected(fault_);
    tokens_.push_back({Token::Kind::end, text_.size()});
    return std::move(tokens_);
  }

 private:
  char at(std::size_t index) const { return index < text_.size() ? text_[index] : '\0'; }

  bool skip_blanks() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (is_blank(text_[at_])) {
        ++at_;
      } else {
        return true;
      }
    }
    return false;
  }

  void next() {
    const char c = text_[at_];
    if (is_name_start(c) || c == ':') {
      if (c == ':' && !tokens_.empty() && tokens_.back().kind == Token::Kind::duration) return symbol();
      return name();
    }
    if (is_digit(c) || (c == '.' && is_digit(at(at_ + 1)))) return number();
    if (c == '"' || c == '\'' || c == '`') return quoted(c);
    symbol();
  }

  void fail(std::size_t offset, std::string message) { fault_ = {offset, std::move(message)}; }

  void name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_name_part(text_[at_]) || text_[at_] == ':')) ++at_;
    Token token{Token::Kind::name, begin, std::string(text_.substr(begin, at_ - begin))};
    if (same_word(token.text, "inf") || same_word(token.text, "nan")) {
      token.number = same_word(token.text, "inf") ? std::numeric_limits<double>::infinity()
                                                  : std::numeric_limits<double>::quiet_NaN();
    }
    tokens_.push_back(std::move(token));
  }

  void number() {
    const std::size_t begin = at_;
    const char* end = text_.data() + text_.size();
    double value = 0;
    if (text_[at_] == '0' && lower(at(at_ + 1)) == 'x') {
      std::uint64_t whole = 0;
      const auto [stop, code] = std::from_chars(text_.data() + at_ + 2, end, whole, 16);
      if (code != std::errc{}) return fail(begin, "is no number: '" + std::string(text_.substr(begin, 2)) + "'");
      value = static_cast<double>(whole);
      at_ = static_cast<std::size_t>(stop - text_.data());
    } else {
      const auto [stop, code] = std::from_chars(text_.data() + at_, end, value);
      if (code == std::errc::result_out_of_range) return fail(begin, "the number is out of range");
      at_ = static_cast<std::size_t>(stop - text_.data());
      if (at(at_) == '.') ++at_;  // 1.
    }
    if (!is_name_part(at(at_))) {
      tokens_.push_back({Token::Kind::number, begin, std::string(text_.substr(begin, at_ - begin)), value});
      return;
    }
    while (is_name_part(at(at_))) ++at_;
    const std::string word(text_.substr(begin, at_ - begin));
    const auto span = parse_duration(word);
    if (!span) return fail(begin, "is neither a number nor a duration: '" + word + "'");
    tokens_.push_back(
        {Token::Kind::duration, begin, word, 0, std::chrono::duration_cast<std::chrono::milliseconds>(*span).count()});
  }

  void quoted(char quote) {
    const std::size_t begin = at_++;
    std::string value;
    while (fault_.message.empty()) {
      if (at_ >= text_.size() || (text_[at_] == '\n' && quote != '`')) return fail(begin, "the string has no end");
      const char c = text_[at_++];
      if (c == quote) break;
      if (c == '\\' && quote != '`') {
        escape(quote, value);
      } else {
        value += c;
      }
    }
    for (std::string_view rest = value; fault_.message.empty() && !rest.empty();) {
      const std::size_t length = utf8_length(rest);
      if (length == 0) return fail(begin, "the string is not valid UTF-8");
      rest.remove_prefix(length);
    }
    tokens_.push_back({Token::Kind::text, begin, std::move(value)});
  }

  // As in Go's strings.
  void escape(char quote, std::string& value) {
    constexpr std::string_view kLetters = "abfnrtv\\", kStand = "\a\b\f\n\r\t\v\\";
    const std::size_t begin = at_ - 1;
    const char c = at(at_++);
    if (c == quote) {
      value += quote;
    } else if (const std::size_t found = kLetters.find(c); c != '\0' && found != kLetters.npos) {
      value += kStand[found];
    } else if (c == 'x') {
      value += static_cast<char>(digits(begin, 2, 16, 0xFF));
    } else if (c == 'u') {
      append_utf8(value, digits(begin, 4, 16, 0xFFFF));
    } else if (c == 'U') {
      append_utf8(value, digits(begin, 8, 16, 0x10FFFF));
    } else if (c >= '0' && c <= '7') {
      --at_;
      value += static_cast<char>(digits(begin, 3, 8, 0xFF));
    } else {
      fail(begin, "no such escape in a string; a backslash is '\\\\'");
    }
  }

  std::uint32_t digits(std::size_t begin, int count, int base, std::uint32_t most) {
    std::uint32_t code = 0;
    for (; count > 0; --count) {
      const int digit = hex_of(at(at_));
      if (digit < 0 || digit >= base) break;
      code = code * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
      ++at_;
    }
    if (count > 0 || code > most) fail(begin, "a broken escape in a string");
    return code;
  }

  void symbol() {
    const std::string_view rest = text_.substr(at_);
    const auto found =
        std::ranges::find_if(kSymbols, [&](std::string_view symbol) { return rest.starts_with(symbol); });
    if (found == kSymbols.end()) {
      const std::size_t length = std::max<std::size_t>(utf8_length(rest), 1);
      const bool printable = rest.front() > ' ' && rest.front() != '\x7F';
      return fail(at_, "unexpected character" + (printable ? " '" + std::string(rest.substr(0, length)) + "'" : ""));
    }
    tokens_.push_back({Token::Kind::symbol, at_, std::string(*found)});
    at_ += found->size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
  ExpressionFault fault_;
};

}  // namespace

bool Token::is_word(std::string_view word) const noexcept { return kind == Kind::name && same_word(text, word); }

std::expected<std::vector<Token>, ExpressionFault> tokenize(std::string_view text) { return Lexer(text).run(); }

std::string shown(const Token& token) {
  if (token.kind == Token::Kind::end) return "the end of the expression";
  return "'" + token.text.substr(0, 40) + "'";
}

}  // namespace vitalsd::rules
