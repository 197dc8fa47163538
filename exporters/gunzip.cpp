#include "exporters/gunzip.h"

#include <libdeflate.h>

#include <algorithm>
#include <memory>
#include <new>

namespace vitalsd {
namespace {

struct Free {
  void operator()(libdeflate_decompressor* decompressor) const noexcept { libdeflate_free_decompressor(decompressor); }
};

constexpr std::size_t kFirst = 64U << 10U;  // and twice as much each time it does not suffice

// One member at the begin of `in`, put into `out` at `end`, which moves. What `out` has beyond stays as it is: making
// room anew for each of 100,000 empty members would take seconds.
Gunzip append_member(libdeflate_decompressor* tool, std::string_view& in, std::size_t limit, std::string& out,
                     std::size_t& end) {
  const std::size_t begin = end;
  std::size_t room = std::min(std::max({kFirst, 4 * in.size(), out.size() - begin}), limit - begin);
  for (;;) {
    if (out.size() < begin + room) out.resize(begin + room);
    std::size_t used = 0, made = 0;
    const auto result =
        libdeflate_gzip_decompress_ex(tool, in.data(), in.size(), out.data() + begin, room, &used, &made);
    if (result == LIBDEFLATE_SUCCESS) {
      end = begin + made;
      in.remove_prefix(used);
      return Gunzip::done;
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE) return Gunzip::damaged;
    if (room == limit - begin) return Gunzip::too_large;
    room = std::min(2 * room, limit - begin);
  }
}

}  // namespace

Gunzip gunzip(std::string_view in, std::size_t limit, std::string& out) try {
  out.clear();
  if (in.empty()) return Gunzip::damaged;
  const std::unique_ptr<libdeflate_decompressor, Free> tool(libdeflate_alloc_decompressor());
  if (!tool) return Gunzip::no_memory;
  std::size_t end = 0;
  while (!in.empty()) {
    if (const Gunzip member = append_member(tool.get(), in, limit, out, end); member != Gunzip::done) return member;
  }
  out.resize(end);
  return Gunzip::done;
} catch (const std::bad_alloc&) {
  return Gunzip::no_memory;
}

}  // namespace vitalsd
