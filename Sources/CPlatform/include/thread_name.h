#ifndef FASCICLE_THREAD_NAME_H
#define FASCICLE_THREAD_NAME_H

/// Names the calling thread for debuggers, `top` and `perf` (`pthread_setname_np`, which Swift's Glibc does not show).
///
/// `name` has at most 15 bytes before its final zero. Returns 0, or the `errno` of the refusal (`ERANGE` for a longer
/// name, and the thread keeps the one it had).
int platform_set_thread_name(const char *name);

#endif
