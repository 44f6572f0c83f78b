#ifndef ALLOCATION_ACCOUNT_H
#define ALLOCATION_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

/// What threads that are booked to this account asked the C library's allocator for. All zero at first.
///
/// Linking this target puts its `malloc`, `calloc`, `realloc`, `free`, `posix_memalign`, `aligned_alloc` and `memalign`
/// in front of glibc's for the whole process, Swift's runtime included. They hand every call on to glibc.
typedef struct allocation_account {
  uint64_t calls;
  int64_t live_bytes;
  int64_t peak_bytes;
} allocation_account;

/// Whether this build counts: a sanitizer brings an allocator of its own, and then nothing is interposed.
bool allocation_account_is_available(void);

/// Books what the calling thread allocates and frees from now on to `account`; NULL ends it.
void allocation_account_watch_this_thread(allocation_account *account);

/// Calls that asked for memory; `free` is none.
uint64_t allocation_account_calls(const allocation_account *account);

/// The most bytes that were held at once, those freed in between left out.
int64_t allocation_account_peak_bytes(const allocation_account *account);

#endif
