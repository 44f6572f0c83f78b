#ifndef FASCICLE_CPU_RELAX_H
#define FASCICLE_CPU_RELAX_H

/// Tells the core that this is a spin loop: `pause` on x86-64, `isb` on arm64 (where `yield` is a no-op on most cores).
static inline void platform_cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#else
  __asm__ volatile("" ::: "memory");
#endif
}

#endif
