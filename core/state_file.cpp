#include "core/state_file.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "core/scan.h"
#include "core/whole_file.h"

namespace vitalsd {
namespace {

constexpr std::string_view kMagic = "vitalsd-state";
constexpr std::size_t kHeaderLimit = 256;

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
    table[i] = value;
  }
  return table;
}();

struct Header {
  std::string_view name;
  unsigned version = 0;
  std::size_t size = 0;
  std::uint32_t checksum = 0;
};

Result<Header> parse_header(std::string_view line) {
  Scan scan(line, "state file");
  Header header;
  scan.expect(kMagic);
  header.name = scan.word();
  header.version = scan.integer<unsigned>();
  header.size = scan.integer<std::size_t>();
  header.checksum = scan.integer<std::uint32_t>(16);
  if (!scan.ok() || !scan.skip_blanks().at_end()) return fail(scan.error());
  return header;
}

}  // namespace

std::uint32_t crc32(std::string_view data) noexcept {
  std::uint32_t value = 0xFFFFFFFFU;
  for (const char c : data) value = kCrcTable[(value ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (value >> 8U);
  return ~value;
}

std::string StateFile::path(std::string_view suffix) const {
  return std::string(directory_).append("/").append(name_).append(suffix);
}

void StateFile::set_aside() const { (void)std::rename(path().c_str(), path(".damaged").c_str()); }

Result<std::string_view> StateFile::load(std::string& buffer) const {
  const auto read = read_file(path(), buffer, kLimit, name_);
  if (!read) {
    if (read.error().code == Errc::too_large) set_aside();
    return read;
  }
  const std::string_view text = *read;
  const std::size_t end = text.substr(0, kHeaderLimit).find('\n');
  const auto header = parse_header(text.substr(0, end));
  const std::string_view body = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  const bool foreign = header && (header->name != name_ || header->version != version_);
  if (foreign) return fail(Errc::unavailable, name_);
  if (!header || end == std::string_view::npos || header->size != body.size() || header->checksum != crc32(body)) {
    set_aside();
    return fail(Errc::malformed, name_);
  }
  return body;
}

Result<void> StateFile::save(std::string_view body, bool sync) const {
  if (body.size() > kLimit - kHeaderLimit) return fail(Errc::too_large, name_, EFBIG);
  std::array<char, kHeaderLimit> line{};
  const int length =
      std::snprintf(line.data(), line.size(), "%.*s %.*s %u %zu %08x\n", static_cast<int>(kMagic.size()), kMagic.data(),
                    static_cast<int>(name_.size()), name_.data(), version_, body.size(), crc32(body));
  const auto replace = [&] {
    const std::string_view header(line.data(), static_cast<std::size_t>(length));
    return replace_file(path(), {header, body}, sync ? Sync::yes : Sync::no, name_);
  };
  const auto done = replace();
  const bool lacks_directory = !done && done.error().sys == ENOENT;
  return lacks_directory && ::mkdir(directory_.c_str(), 0700) == 0 ? replace() : done;
}

}  // namespace vitalsd
