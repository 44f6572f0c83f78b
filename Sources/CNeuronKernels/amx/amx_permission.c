#if defined(__x86_64__)

#include <cpuid.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "../tables.h"

// CPUID leaf 7, EDX.
#define AMX_BF16 (1u << 22)
#define AMX_TILE (1u << 24)

#if defined(__linux__)
// Linux hands the 8 KiB of tile registers only to processes that ask: every thread's signal frames grow by them.
#define ARCH_REQ_XCOMP_PERM 0x1023
#define XFEATURE_TILE_DATA 18

static bool may_use_tiles(void) { return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_TILE_DATA) == 0; }
#else
static bool may_use_tiles(void) { return false; }
#endif

bool nk_amx_is_runnable(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  return (d & AMX_BF16) && (d & AMX_TILE) && may_use_tiles();
}

#endif
