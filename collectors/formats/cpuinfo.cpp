#include "collectors/formats/cpuinfo.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "core/lines.h"

namespace vitalsd::cpuinfo {
namespace {

constexpr std::string_view kFormat = "cpuinfo";

struct Key {
  std::string_view name;
  std::string_view CpuInfo::* member;
};
// Spellings of x86 first, then of ARM, RISC-V, POWER and MIPS.
constexpr std::array kKeys = {
    Key{"vendor_id", &CpuInfo::vendor},
    Key{"vendor", &CpuInfo::vendor},
    Key{"cpu", &CpuInfo::vendor},
    Key{"cpu family", &CpuInfo::family},
    Key{"model", &CpuInfo::model},
    Key{"model name", &CpuInfo::model_name},
    Key{"isa", &CpuInfo::model_name},
    Key{"cpu model", &CpuInfo::model_name},
    Key{"stepping", &CpuInfo::stepping},
    Key{"microcode", &CpuInfo::microcode},
    Key{"cache size", &CpuInfo::cache_size},
    Key{"physical id", &CpuInfo::package},
    Key{"core id", &CpuInfo::core},
    Key{"hart", &CpuInfo::core},
    Key{"flags", &CpuInfo::flags},
    Key{"Features", &CpuInfo::flags},
    Key{"bugs", &CpuInfo::bugs},
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Parses "799.998" (x86) or "3550.000000MHz" (POWER). 0 means unknown; returns nothing if it is not such a number.
std::optional<double> megahertz(std::string_view text) {
  if (text.ends_with("MHz")) text.remove_suffix(3);
  const auto value = parse_number<double>(text, kFormat);
  if (!value || !(*value >= 0 && *value < 1e9)) return std::nullopt;
  return *value;
}

// Collects the CPUs, and remembers to which one the current line belongs.
class Reader {
 public:
  explicit Reader(std::vector<CpuInfo>& out) : out_(out) { out_.clear(); }

  void end_paragraph() { current_ = nullptr; }

  /// Returns false if the line is malformed.
  bool take(std::string_view key, std::string_view value) {
    constexpr std::string_view kNamed = "processor ";
    if (key == "processor" || key == "cpu number") return begin(value);
    if (key.starts_with(kNamed)) return begin(trimmed(key.substr(kNamed.size())), true);
    if (current_ == nullptr) {
      take_for_all(key, value);
      return true;
    }
    if (key == "cpu MHz" || key == "clock" || key == "cpu MHz dynamic") {
      const auto read = megahertz(value);
      if (read && *read > 0) current_->megahertz = *read;
      return read.has_value();
    }
    for (const Key& known : kKeys) {
      if (key == known.name && !value.empty()) current_->*known.member = value;
    }
    return true;
  }

  void finish() {
    if (out_.empty() && old_arm_ && !lost_) out_.emplace_back().processor = "0";
    for (CpuInfo& cpu : out_) {
      for (const auto member : {&CpuInfo::vendor, &CpuInfo::model_name, &CpuInfo::flags}) {
        if ((cpu.*member).empty()) cpu.*member = all_.*member;
      }
    }
  }

 private:
  // s390 first lists each CPU on a line of its own, and repeats its number as "cpu number" above its paragraph.
  bool begin(std::string_view number, bool line_alone = false) {
    current_ = nullptr;
    if (!parse_number<std::uint32_t>(number, kFormat)) {
      lost_ = true;
      return false;
    }
    const auto known = std::ranges::find(out_, number, &CpuInfo::processor);
    CpuInfo& cpu = known != out_.end() ? *known : out_.emplace_back();
    cpu.processor = number;
    if (!line_alone) current_ = &cpu;
    return true;
  }

  void take_for_all(std::string_view key, std::string_view value) {
    if (key == "Processor") {
      old_arm_ = true;
      all_.model_name = value;
    } else if (key == "vendor_id" && value == "IBM/S390") {
      s390_ = true;
      all_.vendor = value;
    } else if ((key == "features" && s390_) || (key == "Features" && old_arm_)) {
      all_.flags = value;
    }
  }

  std::vector<CpuInfo>& out_;
  CpuInfo* current_ = nullptr;  ///< null between paragraphs, and in one whose CPU is unknown
  CpuInfo all_;
  bool old_arm_ = false, s390_ = false, lost_ = false;
};

}  // namespace

Result<void> parse(std::string_view text, std::vector<CpuInfo>& out, FaultSink& faults) {
  Reader reader(out);
  Lines lines(text, kFormat, faults);
  const char* expected = text.data();  // where the next line begins if no blank line precedes it
  while (lines.next()) {
    const std::string_view line = lines.whole();
    if (line.data() != expected) reader.end_paragraph();
    expected = line.data() + line.size() + 1;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = trimmed(line.substr(0, colon));
    if (!reader.take(key, trimmed(line.substr(colon + 1)))) lines.reject(key);
  }
  reader.finish();
  if (out.empty()) return fail(Errc::malformed, kFormat);
  return {};
}

}  // namespace vitalsd::cpuinfo
