#include "daemon/publish/group_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/state_file.h"

namespace vitalsd {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kName = "group-";
constexpr std::string_view kHalf = ".tmp";  // as StateFile writes
constexpr unsigned kVersion = 1;
constexpr std::size_t kMostListed = 10'000;  // a directory that somebody else filled

std::string name_of(std::uint64_t number) { return std::string(kName) + std::to_string(number); }

std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.starts_with(kName)) return {};
  name.remove_prefix(kName.size());
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (code != std::errc{} || end != name.data() + name.size() || std::to_string(number) != name) return {};
  return number;
}

}  // namespace

PushRefusal disk_refusal(const Error& error) {
  const bool no_room = error.sys == ENOSPC || error.sys == EDQUOT || error.sys == EFBIG;
  const std::string reason =
      error.sys != 0 ? std::generic_category().message(error.sys) : std::string(name_of(error.code));
  return {no_room ? 507U : 500U, "the state directory does not take it: " + reason};
}

std::expected<std::shared_ptr<GroupFiles>, std::string> GroupFiles::open(const std::string& state) {
  const std::string directory = state + "/publish";
  const auto failed = [&](int error) {
    return std::unexpected(directory + ": " + std::generic_category().message(error));
  };
  if (::mkdir(state.c_str(), 0700) != 0 && errno != EEXIST) return failed(errno);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failed(errno);
  auto uploads = TempFiles::open(directory, "tmp");
  if (!uploads && uploads.error().sys == EBUSY) return std::unexpected(directory + " is in use by another process");
  if (!uploads) return failed(uploads.error().sys);
  return std::make_shared<GroupFiles>(directory, *std::move(uploads));
}

GroupFiles::Listing GroupFiles::load(std::size_t most_series) const {
  Listing listing;
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator each(directory_, failed), end; !failed && each != end; each.increment(failed)) {
    names.push_back(each->path().filename().string());
    if (names.size() == kMostListed) break;
  }
  std::ranges::sort(names);
  std::string buffer;
  for (const std::string& name : names) {
    if (name.ends_with(kHalf) && number_of(std::string_view(name).substr(0, name.size() - kHalf.size()))) {
      ::unlink((directory_ + "/" + name).c_str());
      continue;
    }
    const auto number = number_of(name);
    if (!number) continue;
    const auto body = StateFile(directory_, name, kVersion).load(buffer);
    auto group = body ? decode_group(*body, most_series) : std::nullopt;
    if (group) {
      listing.groups.push_back({*number, *std::move(group)});
    } else {
      listing.faults.push_back(directory_ + "/" + name + ": " + (body ? "no group" : describe(body.error())));
    }
  }
  std::ranges::sort(listing.groups, {}, &Found::number);
  return listing;
}

std::optional<PushRefusal> GroupFiles::save(std::uint64_t number, const PushedGroup& group) const {
  const std::string name = name_of(number);
  const auto saved = StateFile(directory_, name, kVersion).save(encode_group(group), true);
  if (saved) return {};
  ::unlink((directory_ + "/" + name + std::string(kHalf)).c_str());
  return disk_refusal(saved.error());
}

std::optional<PushRefusal> GroupFiles::remove(std::uint64_t number) const {
  if (::unlink((directory_ + "/" + name_of(number)).c_str()) == 0 || errno == ENOENT) return {};
  return disk_refusal({classify_errno(errno), errno, "published group"});
}

}  // namespace vitalsd
