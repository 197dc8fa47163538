// The path of a file of one process, in a reused buffer: PidPath path; path(42, "stat") is "42/stat".
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace vitalsd {

class PidPath {
 public:
  /// `file` is at most 32 bytes; a longer one is cut. The view is valid until the next call.
  std::string_view operator()(std::int32_t pid, std::string_view file) noexcept {
    char* end = std::to_chars(text_.data(), text_.data() + kDigits, pid).ptr;
    *end++ = '/';
    const std::size_t size = file.size() < kFile ? file.size() : kFile;
    std::memcpy(end, file.data(), size);
    return {text_.data(), static_cast<std::size_t>(end - text_.data()) + size};
  }

 private:
  static constexpr std::size_t kDigits = 11, kFile = 32;
  std::array<char, kDigits + 1 + kFile> text_;
};

}  // namespace vitalsd
