#include <array>

#include "collectors/formats/file_nr.h"
#include "core/collector.h"
#include "core/named_families.h"
#include "core/scan.h"

namespace vitalsd {

Result<FileNr> file_nr::parse(std::string_view text) {
  Scan scan(text, "sys/fs/file-nr");
  FileNr files;
  files.allocated = scan.integer();
  scan.integer();  // free ones: always 0 since Linux 2.6
  files.maximum = scan.integer();
  if (!scan.ok()) return fail(scan.error());
  return files;
}

namespace {

constexpr std::array kRows = {
    Row<FileNr>{{"node_filefd_allocated", Kind::gauge, "File descriptor statistics: allocated."},
                [](const FileNr& f) { return static_cast<double>(f.allocated); }},
    Row<FileNr>{{"node_filefd_maximum", Kind::gauge, "File descriptor statistics: maximum."},
                [](const FileNr& f) { return static_cast<double>(f.maximum); }},
};
constexpr auto kFamilies = family_list<family_total(kRows)>(kRows);
constexpr auto kRemembered = families_named(kFamilies, {"node_filefd_allocated"});

class FilefdCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->attribute("sys/fs/file-nr", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    const auto files = file_nr::parse(*text);
    if (!files) return fail(files.error());
    sink.add_rows(kRows, *files);
    return {};
  }
};

const Registration kRegistration{{.name = "filefd",
                                  .help = "Open files of the whole system and their limit.",
                                  .families = kFamilies,
                                  .remembered = kRemembered,
                                  .never_waits = true,
                                  .make = make_collector<FilefdCollector>}};

}  // namespace
}  // namespace vitalsd
