#ifndef FASCICLE_THREAD_AFFINITY_H
#define FASCICLE_THREAD_AFFINITY_H

#include <stddef.h>
#include <stdint.h>

/// Reads the calling thread's affinity mask from the kernel (`sched_getaffinity`), not from any library's memory of it.
///
/// `words` receives the mask, 64 processors a word, lowest first; bits beyond the kernel's own mask are cleared.
/// Returns 0, or the `errno` of the refusal (`EINVAL` when `word_count` is too small for this kernel).
int platform_get_thread_affinity(uint64_t *words, size_t word_count);

/// Asks the kernel to run the calling thread on the processors of `words` only (`sched_setaffinity`).
///
/// Returns 0 or the `errno` of the refusal. Success says that the kernel accepted the mask, not that it equals `words`:
/// the kernel intersects it with the thread's cpuset, so read it back.
int platform_set_thread_affinity(const uint64_t *words, size_t word_count);

/// The processor that the calling thread runs on at this moment, or −1 where the kernel does not say.
int platform_current_processor(void);

#endif
