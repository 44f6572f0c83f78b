#ifndef FASCICLE_GUARDED_MAPPING_H
#define FASCICLE_GUARDED_MAPPING_H

#include <stddef.h>

/// A file in memory, read-only, whose loss is noticed instead of killing the process.
///
/// Touching a page that the file no longer has, because somebody cut it short, or that the disk refuses, raises SIGBUS. A
/// handler, set when the first file is mapped, puts zeros there and behind, and notes it; a SIGBUS anywhere else goes to
/// whoever handled it before.
struct platform_mapping {
  /// The file's first byte, at the start of a page.
  const unsigned char *start;
  /// How many bytes were reserved, whole pages.
  size_t byte_count;
  /// Where the handler finds it.
  int slot;
};

/// Maps the first `byte_count` bytes of an open file, with zeros for at least `readable_tail` bytes behind them.
///
/// Returns 0, or the `errno` of the refusal: `ENOMEM`, or `EMFILE` when 64 files are mapped already. The descriptor may be
/// closed afterwards.
int platform_map_file(int descriptor, size_t byte_count, size_t readable_tail, struct platform_mapping *mapping);

/// Whether a page was lost: what was read since is not to be relied on.
int platform_mapping_is_damaged(const struct platform_mapping *mapping);

/// Unmaps what was mapped, if anything was; nobody may read from there any more.
void platform_unmap_file(struct platform_mapping *mapping);

#endif
