#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cpu_relax.h"
#include "floating_point_mode.h"
#include "futex.h"
#include "thread_affinity.h"
#include "thread_name.h"

int platform_get_thread_affinity(uint64_t *words, size_t word_count) {
  memset(words, 0, word_count * sizeof *words);
  long written = syscall(SYS_sched_getaffinity, 0, word_count * sizeof *words, words);
  return written < 0 ? errno : 0;
}

int platform_set_thread_affinity(const uint64_t *words, size_t word_count) {
  return syscall(SYS_sched_setaffinity, 0, word_count * sizeof *words, words) < 0 ? errno : 0;
}

int platform_current_processor(void) { return sched_getcpu(); }

int platform_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int platform_futex_wait(const void *address, uint32_t expected, uint64_t timeout_nanoseconds) {
  struct timespec timeout = {
      .tv_sec = (time_t)(timeout_nanoseconds / 1000000000u),
      .tv_nsec = (long)(timeout_nanoseconds % 1000000000u),
  };
  long result = syscall(SYS_futex, address, FUTEX_WAIT_PRIVATE, expected, timeout_nanoseconds ? &timeout : NULL, NULL, 0);
  return result < 0 ? errno : 0;
}

int platform_futex_wake(const void *address, int32_t count) {
  long result = syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
  return result < 0 ? -errno : (int)result;
}

#if defined(__x86_64__)

// MXCSR bit 15 flushes denormal results to zero, bit 6 reads denormal operands as zero.
static const uint32_t flush_bits = (1u << 15) | (1u << 6);

uint64_t platform_flush_denormals(void) {
  uint32_t before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | flush_bits);
  return before;
}

void platform_restore_floating_point_mode(uint64_t control_word) { __builtin_ia32_ldmxcsr((uint32_t)control_word); }

#elif defined(__aarch64__)

// FPCR.FZ (bit 24) flushes both denormal operands and results.
uint64_t platform_flush_denormals(void) {
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" ::"r"(before | (1ull << 24)));
  return before;
}

void platform_restore_floating_point_mode(uint64_t control_word) {
  __asm__ volatile("msr fpcr, %0" ::"r"(control_word));
}

#else

uint64_t platform_flush_denormals(void) { return 0; }
void platform_restore_floating_point_mode(uint64_t control_word) { (void)control_word; }

#endif
