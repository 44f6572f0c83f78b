#ifndef FASCICLE_FUTEX_H
#define FASCICLE_FUTEX_H

#include <stdint.h>

/// Sleeps while `*address == expected`, until a wake, a signal, or `timeout_nanoseconds` (0 waits without limit).
///
/// Returns 0 on a wake, else the `errno`: `EAGAIN` (the value had already changed), `ETIMEDOUT`, `EINTR`. Spurious
/// wakes are allowed, so every caller re-reads the word. Private to the process.
int platform_futex_wait(const void *address, uint32_t expected, uint64_t timeout_nanoseconds);

/// Wakes up to `count` threads that sleep on `address`; returns how many woke, or −errno.
int platform_futex_wake(const void *address, int32_t count);

#endif
