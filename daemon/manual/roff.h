// Writes the markup of man(7). Escapes all text, so that no row of a table can become a request.
//   Roff page; page.request("SH", "OPTIONS"); page.text("--flag");
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace vitalsd::conf {

class Roff {
 public:
  /// Writes a request such as a heading; quotes the argument.
  void request(std::string_view name, std::string_view argument = {}) {
    out_.append(".").append(name);
    if (!argument.empty()) out_.append(" \"").append(escaped(argument)).append("\"");
    out_ += '\n';
  }
  void text(std::string_view line) { out_.append(escaped(line)).append("\n"); }
  /// Writes a line unescaped, for requests and font changes of our own.
  void raw(std::string_view line) { out_.append(line).append("\n"); }

  static std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }
  static std::string italic(std::string_view text) { return "\\fI" + escaped(text) + "\\fR"; }

  /// Hyphens become minus signs, so that flags can be copied from the page. Quotes would end a request's argument.
  static std::string escaped(std::string_view text) {
    std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char c : text) {
      switch (c) {
        case '\\': out += "\\e"; break;
        case '-': out += "\\-"; break;
        case '"': out += "\\(dq"; break;
        case '\'': out += "\\(aq"; break;
        case '`': out += "\\(ga"; break;
        case '^': out += "\\(ha"; break;
        case '~': out += "\\(ti"; break;
        case '|':
        case ',': (out += c) += "\\:"; break;  // a long pattern or list may be broken here
        default: out += c == '\n' ? ' ' : c;
      }
    }
    return out;
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace vitalsd::conf
