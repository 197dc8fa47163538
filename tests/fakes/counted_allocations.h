// Counts what one thread allocates; for one file of a program, whose operators these then are.
//   { const CountedAllocations counted; work(); EXPECT_EQ(counted.count(), 0U); }
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace vitalsd {

inline thread_local bool counting_allocations = false;
inline thread_local std::size_t counted_allocations = 0;

class CountedAllocations {
 public:
  CountedAllocations() {
    counted_allocations = 0;
    counting_allocations = true;
  }
  CountedAllocations(const CountedAllocations&) = delete;
  CountedAllocations& operator=(const CountedAllocations&) = delete;
  ~CountedAllocations() { counting_allocations = false; }
  /// Ends the counting.
  std::size_t count() const {
    counting_allocations = false;
    return counted_allocations;
  }
};

}  // namespace vitalsd

void* operator new(std::size_t size) {
  if (vitalsd::counting_allocations) ++vitalsd::counted_allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
// The library's own would take memory that the operators below do not know, which AddressSanitizer reports.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (vitalsd::counting_allocations) ++vitalsd::counted_allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t& nothrow) noexcept { return operator new(size, nothrow); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
