#define _GNU_SOURCE
#include "guarded_mapping.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { slot_count = 64 };

// What the handler knows of a mapping. `start` is 0 in a free slot; it is written last and cleared first, so that a handler
// on another thread never sees half of one.
static struct {
  _Atomic uintptr_t start;
  _Atomic uintptr_t end;
  _Atomic int is_damaged;
} slots[slot_count];

static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction previous_action;
static int handler_is_set;
// Asked for once: a handler may not.
static uintptr_t page_byte_count;

// Zeros from the lost page to the end of the mapping: a file that was cut short has lost all of that, and one call for
// each page would run into the system's limit of mappings.
static int put_zeros(int slot, uintptr_t address) {
  uintptr_t end = atomic_load(&slots[slot].end), page = address & ~(page_byte_count - 1);
  // Before the zeros are there, so that nobody reads one without finding this.
  atomic_store(&slots[slot].is_damaged, 1);
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
  return mmap((void *)page, end - page, PROT_READ, flags, -1, 0) != MAP_FAILED;
}

static void pass_on(int number, siginfo_t *info, void *context) {
  if (previous_action.sa_flags & SA_SIGINFO) {
    previous_action.sa_sigaction(number, info, context);
  } else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN) {
    previous_action.sa_handler(number);
  } else {
    signal(number, SIG_DFL);
    raise(number);
  }
}

static void handle_bus_error(int number, siginfo_t *info, void *context) {
  int saved_errno = errno;
  uintptr_t address = (uintptr_t)info->si_addr;
  // A positive code is the kernel's; what another process sends has no address.
  for (int slot = 0; info->si_code > 0 && slot < slot_count; slot++) {
    uintptr_t start = atomic_load(&slots[slot].start);
    if (start == 0 || address < start || address >= atomic_load(&slots[slot].end)) continue;
    if (!put_zeros(slot, address)) break;
    errno = saved_errno;
    return;
  }
  pass_on(number, info, context);
  errno = saved_errno;
}

// Under the lock.
static int set_handler(void) {
  if (handler_is_set) return 0;
  page_byte_count = (uintptr_t)sysconf(_SC_PAGESIZE);
  struct sigaction action = {.sa_sigaction = handle_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGBUS, &action, &previous_action) != 0) return errno;
  handler_is_set = 1;
  return 0;
}

// Under the lock.
static int take_slot(uintptr_t start, uintptr_t end) {
  for (int slot = 0; slot < slot_count; slot++) {
    if (atomic_load(&slots[slot].start) != 0) continue;
    atomic_store(&slots[slot].is_damaged, 0);
    atomic_store(&slots[slot].end, end);
    atomic_store(&slots[slot].start, start);
    return slot;
  }
  return -1;
}

int platform_map_file(int descriptor, size_t byte_count, size_t readable_tail, struct platform_mapping *mapping) {
  pthread_mutex_lock(&slots_lock);
  int result = set_handler();
  if (result != 0) goto unlock;
  size_t reserved = (byte_count + readable_tail + page_byte_count - 1) & ~(page_byte_count - 1);
  // All of it as zeros first, then the file over its beginning: behind a file that ends with a page there is nothing.
  void *start = mmap(NULL, reserved, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) {
    result = errno;
    goto unlock;
  }
  if (mmap(start, byte_count, PROT_READ, MAP_SHARED | MAP_FIXED, descriptor, 0) == MAP_FAILED) {
    result = errno;
    munmap(start, reserved);
    goto unlock;
  }
  int slot = take_slot((uintptr_t)start, (uintptr_t)start + reserved);
  if (slot < 0) {
    munmap(start, reserved);
    result = EMFILE;
    goto unlock;
  }
  *mapping = (struct platform_mapping){.start = start, .byte_count = reserved, .slot = slot};
unlock:
  pthread_mutex_unlock(&slots_lock);
  return result;
}

int platform_mapping_is_damaged(const struct platform_mapping *mapping) {
  return atomic_load(&slots[mapping->slot].is_damaged);
}

void platform_unmap_file(struct platform_mapping *mapping) {
  if (mapping->start == NULL) return;
  pthread_mutex_lock(&slots_lock);
  atomic_store(&slots[mapping->slot].start, 0);
  munmap((void *)mapping->start, mapping->byte_count);
  pthread_mutex_unlock(&slots_lock);
}
