#pragma once
// Counts every allocation of a test program, except under a sanitizer, whose own allocator must stay in place.
// To be included by one file of a program.

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace rnn::testing {

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
constexpr bool counts_allocations = true;
#else
constexpr bool counts_allocations = false;
#endif

/// How many there were since the program began; always 0 if they are not counted.
inline std::atomic<std::size_t> allocations = 0;
/// And how many bytes they asked for.
inline std::atomic<std::size_t> allocated_bytes = 0;

inline void count(std::size_t size) {
  ++allocations;
  allocated_bytes += size;
}

}  // namespace rnn::testing

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
// operator new and Boost's aligned allocator call the functions below; these are glibc's own names for the real ones.
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;

void* malloc(std::size_t size) noexcept {
  rnn::testing::count(size);
  return __libc_malloc(size);
}
int posix_memalign(void** place, std::size_t alignment, std::size_t size) noexcept {
  rnn::testing::count(size);
  *place = __libc_memalign(alignment, size);
  return *place ? 0 : ENOMEM;
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  rnn::testing::count(size);
  return __libc_memalign(alignment, size);
}
}
#endif
