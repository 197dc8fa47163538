#include "daemon/incidents/report_files.h"

#include <cstdio>
#include <filesystem>

#include "core/whole_file.h"
#include "daemon/incidents/reports.h"

namespace vitalsd::report_files {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kEnding = ".json";
constexpr std::size_t kMostListed = 10'000;  // a directory that somebody else filled

std::string path_of(const std::string& directory, const std::string& name) {
  return std::string(directory).append("/").append(name).append(kEnding);
}

}  // namespace

std::vector<Found> list(const std::string& directory) {
  std::vector<Found> found;
  std::error_code failed;
  for (fs::directory_iterator each(directory, failed), end; !failed && each != end; each.increment(failed)) {
    std::error_code skipped;
    const auto size = each->file_size(skipped);
    if (skipped || each->path().extension() != kEnding) continue;
    found.push_back({each->path().stem().string(), static_cast<std::size_t>(size)});
    if (found.size() == kMostListed) break;
  }
  return found;
}

Result<void> write(const std::string& directory, const std::string& name, const std::string& text) {
  std::error_code ignored;  // opening tells
  fs::create_directories(directory, ignored);
  return replace_file(path_of(directory, name), {text}, Sync::yes, "report");
}

bool read(const std::string& directory, const std::string& name, std::string& text) {
  const auto whole = read_file(path_of(directory, name), text, Reports::kMostBytes, "report");
  return whole && whole->size() == text.size();
}

void remove(const std::string& directory, const std::string& name) {
  (void)std::remove(path_of(directory, name).c_str());
}

}  // namespace vitalsd::report_files
