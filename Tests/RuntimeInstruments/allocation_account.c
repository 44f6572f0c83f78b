#include "allocation_account.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>

#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define COUNTS_ALLOCATIONS 0
#else
#define COUNTS_ALLOCATIONS 1
#endif

// Local-exec storage: reading it never allocates, which a general dynamic model may do inside malloc.
static _Thread_local __attribute__((tls_model("local-exec"))) allocation_account *account_of_this_thread;

bool allocation_account_is_available(void) { return COUNTS_ALLOCATIONS; }

void allocation_account_watch_this_thread(allocation_account *account) { account_of_this_thread = account; }

uint64_t allocation_account_calls(const allocation_account *account) {
  return __atomic_load_n(&account->calls, __ATOMIC_RELAXED);
}

int64_t allocation_account_peak_bytes(const allocation_account *account) {
  return __atomic_load_n(&account->peak_bytes, __ATOMIC_RELAXED);
}

#if COUNTS_ALLOCATIONS

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

// Several threads may share an account. Relaxed: the numbers are read when the threads have stopped.
static void book_bytes(allocation_account *account, int64_t bytes) {
  int64_t live = __atomic_add_fetch(&account->live_bytes, bytes, __ATOMIC_RELAXED);
  int64_t peak = __atomic_load_n(&account->peak_bytes, __ATOMIC_RELAXED);
  while (live > peak && !__atomic_compare_exchange_n(&account->peak_bytes, &peak, live, true, __ATOMIC_RELAXED,
                                                     __ATOMIC_RELAXED)) {
  }
}

static void *booked(void *block) {
  allocation_account *account = account_of_this_thread;
  if (!account) return block;
  __atomic_add_fetch(&account->calls, 1, __ATOMIC_RELAXED);
  book_bytes(account, (int64_t)malloc_usable_size(block));
  return block;
}

static void book_release(void *block) {
  allocation_account *account = account_of_this_thread;
  if (account && block) book_bytes(account, -(int64_t)malloc_usable_size(block));
}

void *malloc(size_t size) { return booked(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return booked(__libc_calloc(count, size)); }

void *realloc(void *block, size_t size) {
  book_release(block);
  return booked(__libc_realloc(block, size));
}

void free(void *block) {
  book_release(block);
  __libc_free(block);
}

void *memalign(size_t alignment, size_t size) { return booked(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return booked(__libc_memalign(alignment, size)); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  void *address = booked(__libc_memalign(alignment, size));
  if (!address) return ENOMEM;
  *block = address;
  return 0;
}

#endif
