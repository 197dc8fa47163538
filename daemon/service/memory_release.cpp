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

// A page that is needed brings along its neighbours in the page cache, 64 KiB or, since Linux 6.18, whatever it holds
// in one piece, but never those of another mapping. What differs in a flag is another, even in one that means nothing
// for the pages of a file, which no core dump holds (core(5)).
constexpr std::size_t kPiece = std::size_t{16} * 1024;

void advise(std::uintptr_t begin, std::uintptr_t end, int advice) noexcept {
  (void)::madvise(reinterpret_cast<void*>(begin), end - begin, advice);  // NOLINT(performance-no-int-to-ptr)
}

// The first piece keeps the flag: the file's headers, by which a core dump names what it is of.
void split(std::uintptr_t begin, std::uintptr_t end) noexcept {
  for (std::uintptr_t at = begin + kPiece; at < end; at += 2 * kPiece) {
    advise(at, std::min(at + kPiece, end), MADV_DONTDUMP);
  }
}

// Segments that nobody can have written to hold what their file holds: dropping their pages loses nothing. What the
// loader relocates and then protects lies in segments that were writable, and stays.
int drop_unwritten(dl_phdr_info* object, std::size_t, void* page_size) {
  const auto page = *static_cast<const std::uintptr_t*>(page_size);
  // The first one last: it holds the headers that are read here.
  for (const auto& segment : std::span(object->dlpi_phdr, object->dlpi_phnum) | std::views::reverse) {
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    split(begin, end);
    advise(begin, end, MADV_DONTNEED);  // the vDSO refuses
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
  const bool were_many = ended - told_ >= kMost && open < kMany;
  if (!was_crowd && !were_many) return false;
  peak_ = open;
  told_ = ended;
  return true;
}

}  // namespace vitalsd
