#include "daemon/config/print_config.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/config/masked.h"
#include "daemon/config/value.h"

namespace vitalsd::conf {
namespace {

// Words that YAML 1.1 or 1.2 readers take for something other than text.
constexpr std::array<std::string_view, 12> kWords = {"null", "true", "false", "yes", "no",  "on",
                                                     "off",  "y",    "n",     "inf", "nan", "~"};

bool is_plain(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '_'; };
  const auto good = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  if (text.empty() || !letter(text.front()) || !std::ranges::all_of(text, good)) return false;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::ranges::find(kWords, lower) == kWords.end();
}

class Printer {
 public:
  Printer(const Settings& settings, const Values& values) : settings_(settings), values_(values) {}

  std::string run(const std::string& file) {
    out_ = "# The effective configuration; " + (file.empty() ? "no file was given" : "file: " + yaml_text(file)) + "\n";
    for (const Setting& setting : settings_.all()) {
      if (!setting.path.empty()) print(setting);
    }
    return std::move(out_);
  }

 private:
  void print(const Setting& setting) {
    const std::size_t dot = setting.path.rfind('.');
    open(dot == std::string::npos ? "" : setting.path.substr(0, dot));
    const Assigned& assigned = values_[setting.index];
    const std::string_view key = std::string_view(setting.path).substr(dot == std::string::npos ? 0 : dot + 1);
    const std::string comment = "  # " + printable(assigned.origin.comment());
    out_.append(indent_, ' ').append(key).append(":");
    if (setting.is_scalar()) {
      out_ += " " + scalar(setting, assigned.value.text) + comment + "\n";
    } else if (assigned.value.items.empty() && assigned.value.records.empty()) {
      out_ += (setting.mapping ? " {}" : " []") + comment + "\n";
    } else {
      out_ += comment + "\n";
      items(setting, assigned.value);
      records(setting, assigned.value);
    }
  }

  // Numbers, switches and quantities need no quotes.
  static std::string scalar(const Setting& setting, const std::string& text) {
    if (setting.url) return yaml_text(masked_url(text));
    return setting.type == OptionType::text || setting.type == OptionType::regex ? yaml_text(text) : text;
  }

  void items(const Setting& setting, const Options::Value& value) {
    for (const std::string& item : value.items) {
      out_.append(indent_ + 2, ' ');
      const std::size_t equals = item.find('=');
      out_ += setting.mapping ? yaml_text(item.substr(0, equals)) + ": " + yaml_text(item.substr(equals + 1))
                              : "- " + yaml_text(item);
      out_ += '\n';
    }
  }

  static std::string shown(const Setting& setting, const std::string& key, const std::string& text) {
    const RecordField* const field = record_field(setting, key);
    if (field != nullptr && field->secret) return "***";
    return key == "target" || key == "url" ? masked_url(text) : text;  // what is called so is a URL
  }

  void records(const Setting& setting, const Options::Value& value) {
    for (const Record& record : value.records) {
      std::string_view lead = "- ";
      const auto line = [&](std::string_view key) -> std::string& {
        out_.append(indent_ + 2, ' ').append(std::exchange(lead, "  ")).append(key).append(": ");
        return out_;
      };
      if (const auto name = record.texts.find("name"); name != record.texts.end()) {
        line("name").append(yaml_text(name->second)).append("\n");
      }
      for (const auto& [key, text] : record.texts) {
        if (key != "name") line(key).append(yaml_text(shown(setting, key, text))).append("\n");
      }
      for (const auto& [key, texts] : record.lists) {
        line(key) += '[';
        const RecordField* const field = record_field(setting, key);
        for (const std::string& text : texts) {
          const bool secret = field != nullptr && field->secret;
          out_.append(&text == &texts.front() ? "" : ", ");
          out_ += yaml_text(secret ? text.substr(0, text.find('=')) + "=***" : text);
        }
        out_ += "]\n";
      }
    }
  }

  // Writes the heading of each section on the path that is not open yet.
  void open(const std::string& section) {
    indent_ = 0;
    for (std::size_t begin = 0; begin < section.size();) {
      const std::size_t end = std::min(section.find('.', begin), section.size());
      const std::string path = section.substr(0, end);
      if (section_ != path && !section_.starts_with(path + ".")) {
        out_.append(indent_, ' ').append(section, begin, end - begin).append(":\n");
      }
      indent_ += 2;
      begin = end + 1;
    }
    section_ = section;
  }

  static std::string printable(const std::string& text) {
    const std::string shown = quoted(text);
    return shown.substr(1, shown.size() - 2);
  }

  const Settings& settings_;
  const Values& values_;
  std::string out_;
  std::string section_;
  std::size_t indent_ = 0;
};

}  // namespace

std::string yaml_text(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (is_plain(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '$') {
      out += "$$";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string print_config(const Settings& settings, const Values& values, const std::string& file) {
  return Printer(settings, values).run(file);
}

}  // namespace vitalsd::conf
