#include "daemon/config/web_file.h"

#include <algorithm>
#include <array>
#include <span>

#include "daemon/config/bcrypt.h"
#include "daemon/config/suggest.h"
#include "daemon/config/yaml_source.h"

namespace vitalsd::conf {
namespace {

using Kind = YamlNode::Kind;
using Tls = WebFile::Tls;

struct TextRow {
  std::string_view key;
  WebText Tls::* member;
};
constexpr std::array kTexts = {
    TextRow{"cert", &Tls::cert},
    TextRow{"cert_file", &Tls::cert_file},
    TextRow{"key", &Tls::key},
    TextRow{"key_file", &Tls::key_file},
    TextRow{"client_ca", &Tls::client_ca},
    TextRow{"client_ca_file", &Tls::client_ca_file},
    TextRow{"client_auth_type", &Tls::client_auth_type},
    TextRow{"min_version", &Tls::min_version},
    TextRow{"max_version", &Tls::max_version},
    TextRow{"prefer_server_cipher_suites", &Tls::prefer_server_cipher_suites},
};
struct ListRow {
  std::string_view key;
  WebTexts Tls::* member;
};
constexpr std::array kLists = {
    ListRow{"cipher_suites", &Tls::cipher_suites},
    ListRow{"curve_preferences", &Tls::curve_preferences},
    ListRow{"client_allowed_sans", &Tls::client_allowed_sans},
};

// The header fields that may be set, and the allowed values where those are fixed.
struct HeaderRow {
  std::string_view name;
  std::array<std::string_view, 2> values;
};
constexpr std::array kHeaders = {
    HeaderRow{"Content-Security-Policy", {}},
    HeaderRow{"Strict-Transport-Security", {}},
    HeaderRow{"X-Content-Type-Options", {"nosniff"}},
    HeaderRow{"X-Frame-Options", {"deny", "sameorigin"}},
    HeaderRow{"X-XSS-Protection", {}},
};

class Reader {
 public:
  Reader(const std::string& file, Faults& faults) : file_(file), faults_(faults) {}

  WebFile read(std::string_view text) {
    std::vector<YamlFault> broken;
    const YamlNode root = parse_yaml(text, broken);
    for (auto& fault : broken) faults_.add(at(fault.line, fault.column), std::move(fault.message));
    each(root, [this](const auto& entry) {
      if (entry.key == "tls_server_config") {
        read_.tls.section = {{}, entry.line, entry.column};
        each(entry.value, [this](const auto& inner) { read_tls(inner); });
      } else if (entry.key == "http_server_config") {
        each(entry.value, [this](const auto& inner) { read_http(inner); });
      } else if (entry.key == "basic_auth_users") {
        each(entry.value, [this](const auto& inner) { read_user(inner); });
      } else if (entry.key == "rate_limit") {
        each(entry.value, [this](const auto& inner) { read_rate(inner); });
      } else {
        unknown(entry, {"tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"});
      }
    });
    return std::move(read_);
  }

 private:
  Origin at(int line, int column) const { return {Origin::Layer::file, file_, line, column}; }

  template <class Use>
  void each(const YamlNode& node, Use use) {
    if (node.kind == Kind::null) return;
    if (node.kind != Kind::mapping) return faults_.add(at(node.line, node.column), "expected keys with values");
    for (const auto& entry : node.entries) use(entry);
  }

  void unknown(const YamlNode::Entry& entry, const std::vector<std::string_view>& known) {
    faults_.add(at(entry.line, entry.column), "unknown key " + quoted(entry.key) + suggestion(entry.key, known));
  }

  WebText text_of(const YamlNode& node) {
    if (node.kind == Kind::scalar || node.kind == Kind::null) return {node.text, node.line, node.column};
    faults_.add(at(node.line, node.column), "expected text");
    return {};
  }

  WebText switch_of(const YamlNode& node) {
    WebText text = text_of(node);
    if (text.is_given() && text.text != "true" && text.text != "false") {
      faults_.add(at(node.line, node.column), "expected true or false, got " + quoted(text.text));
    }
    return text;
  }

  void read_tls(const YamlNode::Entry& entry) {
    if (const auto row = std::ranges::find(kTexts, entry.key, &TextRow::key); row != kTexts.end()) {
      const bool is_switch = row->member == &Tls::prefer_server_cipher_suites;
      read_.tls.*row->member = is_switch ? switch_of(entry.value) : text_of(entry.value);
    } else if (const auto list = std::ranges::find(kLists, entry.key, &ListRow::key); list != kLists.end()) {
      if (entry.value.kind != Kind::list && entry.value.kind != Kind::null) {
        return faults_.add(at(entry.value.line, entry.value.column), "expected a list");
      }
      for (const YamlNode& item : entry.value.items) (read_.tls.*list->member).push_back(text_of(item));
    } else {
      std::vector<std::string_view> known;
      std::ranges::transform(kTexts, std::back_inserter(known), &TextRow::key);
      std::ranges::transform(kLists, std::back_inserter(known), &ListRow::key);
      unknown(entry, known);
    }
  }

  void read_http(const YamlNode::Entry& entry) {
    if (entry.key == "http2") {
      read_.http2 = switch_of(entry.value);
    } else if (entry.key == "headers") {
      each(entry.value, [this](const auto& inner) { read_header(inner); });
    } else {
      unknown(entry, {"http2", "headers"});
    }
  }

  void read_header(const YamlNode::Entry& entry) {
    const auto row = std::ranges::find(kHeaders, entry.key, &HeaderRow::name);
    if (row == kHeaders.end()) {
      std::vector<std::string_view> known;
      std::ranges::transform(kHeaders, std::back_inserter(known), &HeaderRow::name);
      return faults_.add(at(entry.line, entry.column),
                         "HTTP header " + quoted(entry.key) + " cannot be set" + suggestion(entry.key, known));
    }
    const WebText value = text_of(entry.value);
    if (value.text.empty()) return;
    const auto plain = [](char c) { return c >= ' ' && c <= '~'; };
    if (!std::ranges::all_of(value.text, plain)) {
      faults_.add(origin_in(file_, value), "a field holds plain ASCII on one line");
    } else if (!row->values[0].empty() && std::ranges::find(row->values, value.text) == row->values.end()) {
      faults_.add(origin_in(file_, value), "must be " + words(row->values) + ", got " + quoted(value.text));
    } else {
      read_.headers.emplace_back(WebText{entry.key, entry.line, entry.column}, value);
    }
  }

  static std::string words(std::span<const std::string_view> all) {
    std::string text(all[0]);
    if (!all[1].empty()) text.append(" or ").append(all[1]);
    return text;
  }

  void read_user(const YamlNode::Entry& entry) {
    const WebText hash = text_of(entry.value);
    const Origin origin = at(entry.value.line, entry.value.column);
    if (entry.key.find(':') != entry.key.npos) {
      faults_.add(at(entry.line, entry.column), "the name of a user cannot hold a colon");
    } else if (std::string fault = bcrypt::fault_of(hash.text); !fault.empty()) {
      faults_.add(origin, "user " + quoted(entry.key) + ": " + fault);
    } else {
      read_.users.emplace_back(WebText{entry.key, entry.line, entry.column}, hash);
    }
  }

  void read_rate(const YamlNode::Entry& entry) {
    if (entry.key == "interval") {
      read_.rate_interval = text_of(entry.value);
    } else if (entry.key == "burst") {
      read_.rate_burst = text_of(entry.value);
    } else {
      unknown(entry, {"interval", "burst"});
    }
  }

  const std::string& file_;
  Faults& faults_;
  WebFile read_;
};

}  // namespace

bool WebFile::Tls::is_enabled() const {
  const auto has = [](const WebText& text) { return !text.text.empty(); };
  return has(cert) || has(cert_file) || has(key) || has(key_file) || has(client_ca) || has(client_ca_file) ||
         has(client_auth_type);
}

WebFile parse_web_file(const std::string& file, std::string_view text, Faults& faults) {
  return Reader(file, faults).read(text);
}

Origin origin_in(const std::string& file, const WebText& text) {
  return {Origin::Layer::file, file, text.line, text.column};
}

}  // namespace vitalsd::conf
