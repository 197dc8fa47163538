#include "collectors/formats/bcachefs_files.h"

#include <cstdint>

#include "collectors/formats/human_size.h"
#include "core/lines.h"

namespace vitalsd::bcachefs_files {
namespace {

constexpr std::string_view kFormat = "bcachefs";

double size(Scan& line) {
  const auto size = human_size::of_bcachefs(line.word());
  if (!size) line.set_failed();
  return size.value_or(0);
}
double count(Scan& line) { return static_cast<double>(line.integer<std::uint64_t>()); }

std::string_view without_colon(std::string_view name) {
  if (name.ends_with(':')) name.remove_suffix(1);
  return name;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// Rows of a name and what `read` takes of the rest of the line.
template <class Read>
Result<void> parse_rows(std::string_view text, bool heading, std::vector<BcachefsRow>& out, FaultSink& faults,
                        Read read) {
  out.clear();
  Lines lines(text, kFormat, faults);
  if (heading && lines.next()) lines.skip();
  bool any = false;
  while (out.size() < kMostRows && lines.next()) {
    any = true;
    BcachefsRow row{.name = without_colon(lines->word())};
    read(*lines, row);
    if (lines.keep(row.name)) out.push_back(row);
  }
  return any ? lines.result() : Result<void>();
}

// "user        :102313054208" and "  checksum:5": the value may stand close to the colon.
void take_pair(Lines& lines, BcachefsRow row, std::vector<BcachefsRow>& out) {
  row.name = trimmed(lines->until(':'));
  row.first = count(*lines);
  if (row.name.empty()) lines->set_failed();
  if (lines.keep(row.name)) out.push_back(row);
}

}  // namespace

Result<void> parse_compression(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults) {
  return parse_rows(text, true, out, faults, [](Scan& line, BcachefsRow& row) {
    row.first = size(line);
    row.second = size(line);
  });
}

Result<void> parse_writes(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults) {
  return parse_rows(text, true, out, faults, [](Scan& line, BcachefsRow& row) {
    row.first = count(line);
    row.second = size(line);
  });
}

Result<void> parse_errors(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults) {
  return parse_rows(text, false, out, faults, [](Scan& line, BcachefsRow& row) { row.first = count(line); });
}

Result<void> parse_io_done(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults) {
  out.clear();
  Lines lines(text, kFormat, faults);
  std::string_view operation;
  bool any = false;
  while (out.size() < kMostRows && lines.next()) {
    any = true;
    const std::string_view line = trimmed(lines.whole());
    if (line == "read:" || line == "write:") {
      operation = without_colon(line);
      lines.skip();
    } else if (operation.empty()) {
      lines.reject();
    } else {
      take_pair(lines, {.operation = operation}, out);
    }
  }
  return any ? lines.result() : Result<void>();
}

Result<void> parse_io_errors(std::string_view text, std::vector<BcachefsRow>& out, FaultSink& faults) {
  constexpr std::string_view kPeriod = "IO errors since ", kCreation = "IO errors since filesystem creation";
  out.clear();
  Lines lines(text, kFormat, faults);
  bool wanted = false, any = false;
  while (out.size() < kMostRows && lines.next()) {
    any = true;
    if (lines.whole().starts_with(kPeriod)) {
      wanted = lines.whole().starts_with(kCreation);
      lines.skip();
    } else if (wanted) {
      take_pair(lines, {}, out);
    } else {
      lines.skip();
    }
  }
  return any ? lines.result() : Result<void>();
}

Result<double> parse_counter(std::string_view text) {
  constexpr std::string_view kCreation = "since filesystem creation:";
  for (Scan scan(text, kFormat); !scan.at_end();) {
    const std::string_view line = scan.line();
    if (line.starts_with(kCreation)) return human_size::of_bcachefs(trimmed(line.substr(kCreation.size())));
  }
  return fail(Errc::malformed, kFormat);
}

}  // namespace vitalsd::bcachefs_files
