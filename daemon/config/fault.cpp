#include "daemon/config/fault.h"

#include <algorithm>
#include <tuple>

#include "core/utf8.h"
#include "daemon/config/masked.h"

namespace vitalsd {

std::string describe(const ConfigFault& fault) { return fault.where + ": " + fault.message; }

namespace conf {
namespace {

constexpr std::size_t kQuotedLimit = 96;

}  // namespace

std::string Origin::where() const {
  switch (layer) {
    case Layer::environment: return "$" + name;
    case Layer::file: return name + ":" + std::to_string(line) + ":" + std::to_string(column);
    case Layer::flag:
    case Layer::standard: break;
  }
  return name;
}

std::string Origin::comment() const {
  switch (layer) {
    case Layer::flag: return "flag " + name;
    case Layer::environment: return "env " + name;
    case Layer::file: return "file:" + std::to_string(line);
    case Layer::standard: break;
  }
  return name.empty() ? "default" : "default of " + name;
}

void Faults::add(const Origin& origin, std::string message, std::string excerpt) {
  if (faults_.size() < kLimit) {
    faults_.push_back({origin, std::move(message), std::move(excerpt)});
  } else {
    ++dropped_;
  }
}

void Faults::keep_only(Origin::Layer layer) {
  std::erase_if(faults_, [layer](const Entry& fault) { return fault.origin.layer != layer; });
  dropped_ = 0;
}

std::vector<ConfigFault> Faults::sorted() const {
  auto ordered = faults_;
  std::ranges::stable_sort(ordered, {}, [](const Entry& fault) {
    return std::tuple(fault.origin.layer, fault.origin.line, fault.origin.column);
  });
  std::vector<ConfigFault> result;
  for (auto& [origin, message, excerpt] : ordered) {
    result.push_back({origin.where(), std::move(message), std::move(excerpt)});
  }
  if (dropped_ != 0) {
    result.push_back({result.back().where, "and " + std::to_string(dropped_) + " more faults, not shown"});
  }
  return result;
}

std::string quoted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::string safe = masked(text);
  const std::string_view shown = std::string_view(safe).substr(0, kQuotedLimit);
  std::string out = "'";
  append_valid_utf8(out, shown, [kDigits](std::string& to, char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      to += "\\n";
    } else if (c == '\t') {
      to += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      to += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
    } else {
      to += c;
    }
  });
  return out + (shown.size() < safe.size() ? "...'" : "'");
}

}  // namespace conf
}  // namespace vitalsd
