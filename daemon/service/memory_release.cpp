#include "daemon/service/memory_release.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <span>

namespace vitalsd {
namespace {

// A page fault also maps the neighbours that are in the page cache: 64 KiB or, since Linux 6.18, a whole folio, but
// never pages of another mapping. split() makes small mappings by a flag that differs from one to the next. The flag
// itself changes nothing for pages of a file, which core dumps leave out (core(5)).
constexpr std::size_t kPiece = std::size_t{16} * 1024;

void advise(std::uintptr_t begin, std::uintptr_t end, int advice) noexcept {
  (void)::madvise(reinterpret_cast<void*>(begin), end - begin, advice);  // NOLINT(performance-no-int-to-ptr)
}

// The first piece stays dumped: it holds the file's headers, by which a core dump identifies the file.
void split(std::uintptr_t begin, std::uintptr_t end) noexcept {
  for (std::uintptr_t at = begin + kPiece; at < end; at += 2 * kPiece) {
    advise(at, std::min(at + kPiece, end), MADV_DONTDUMP);
  }
}

// Drops the pages of segments that cannot have been written to: they hold what the file holds, so nothing is lost. Data
// that the loader relocates and then protects is in segments that were writable, and stays.
int drop_unwritten(dl_phdr_info* object, std::size_t, void* page_size) {
  const auto page = *static_cast<const std::uintptr_t*>(page_size);
  // The first segment comes last: it holds the headers that this loop reads.
  for (const auto& segment : std::span(object->dlpi_phdr, object->dlpi_phnum) | std::views::reverse) {
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    split(begin, end);
    advise(begin, end, MADV_DONTNEED);  // fails for the vDSO
  }
  return 0;
}

}  // namespace

void give_back_memory() noexcept {
  ::malloc_trim(0);
  auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  ::dl_iterate_phdr(drop_unwritten, &page);
}

void give_back_heap() noexcept { ::malloc_trim(0); }

bool BurstWatch::is_over(std::size_t open, std::size_t ended) noexcept {
  peak_ = std::max(peak_, open);
  const bool was_crowd = peak_ >= kMany && open <= peak_ / 4;
  const bool were_many = ended - last_ended_ >= kMost && open < kMany;
  if (!was_crowd && !were_many) return false;
  peak_ = open;
  last_ended_ = ended;
  return true;
}

}  // namespace vitalsd
