#ifndef FASCICLE_FLOATING_POINT_MODE_H
#define FASCICLE_FLOATING_POINT_MODE_H

#include <stdint.h>

/// Turns flush-to-zero and denormals-are-zero on for the calling thread and returns the previous control word.
///
/// Adam's second moments decay through the denormal range, where a square root costs several times more. Give the
/// result to `platform_restore_floating_point_mode` before the thread runs anyone else's code.
uint64_t platform_flush_denormals(void);

/// Puts a control word from `platform_flush_denormals` back.
void platform_restore_floating_point_mode(uint64_t control_word);

#endif
