// Stands between a program and the C library, and spoils one call that concerns one folder.
//
//   FAULT_FOLDER   the folder's name; a call concerns it when its path, or the path its file was opened by, contains that
//   FAULT_LOG      a file that gets the name of every such call, in order
//   FAULT          NUMBER:WHAT, the number of the call, from 1, and what becomes of it:
//                    before   the process dies in its place
//                    after    it is made, and the process dies
//                    half     half of a write is made, and the process dies; as `after` for other calls
//                    short    half of a write is made; the caller must write the rest
//                    ERRNO    it is refused with that number

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum what { NOTHING, BEFORE, AFTER, HALF, SHORT, REFUSE } what;

static atomic_int calls;
static atomic_bool concerned[4096];  // by file descriptor

static bool concerns(const char *path) {
  const char *folder = getenv("FAULT_FOLDER");
  return folder && path && strstr(path, folder);
}

static bool concerns_file(int file) { return file >= 0 && file < 4096 && concerned[file]; }

static void mark(int file, bool is_concerned) {
  if (file >= 0 && file < 4096) concerned[file] = is_concerned;
}

#define REAL(NAME) ((__typeof__(&NAME))dlsym(RTLD_NEXT, #NAME))

static void note(const char *name) {
  const char *path = getenv("FAULT_LOG");
  if (!path) return;
  int file = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  char line[32];
  int count = snprintf(line, sizeof line, "%s\n", name);
  if (REAL(write)(file, line, (size_t)count) != count) abort();
  REAL(close)(file);
}

/// What becomes of the call at hand.
static what fate(const char *name, int *refusal) {
  int number = atomic_fetch_add(&calls, 1) + 1;
  note(name);
  const char *fault = getenv("FAULT"), *colon = fault ? strchr(fault, ':') : NULL;
  if (!colon || atoi(fault) != number) return NOTHING;
  const char *words[] = {"", "before", "after", "half", "short"};
  for (int i = BEFORE; i <= SHORT; i++)
    if (!strcmp(colon + 1, words[i])) return (what)i;
  *refusal = atoi(colon + 1);
  return REFUSE;
}

static void die(void) {
  raise(SIGKILL);
  abort();
}

/// Makes CALL, unless it concerns the folder and its time has come.
#define SPOIL(NAME, CONCERNS, CALL)              \
  if (!(CONCERNS)) return CALL;                  \
  int refusal = 0;                               \
  what what = fate(NAME, &refusal);              \
  if (what == BEFORE) die();                     \
  if (what == REFUSE) return errno = refusal, -1; \
  __typeof__(CALL) result = CALL;                \
  if (what == AFTER || what == HALF) die();      \
  return result

static int open_noting(const char *path, int flags, mode_t mode) {
  int file = REAL(open)(path, flags, mode);
  mark(file, concerns(path));
  return file;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  SPOIL("open", concerns(path), open_noting(path, flags, mode));
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

static int close_noting(int file) {
  mark(file, false);
  return REAL(close)(file);
}

int close(int file) { SPOIL("close", concerns_file(file), close_noting(file)); }

ssize_t write(int file, const void *bytes, size_t count) {
  if (!concerns_file(file)) return REAL(write)(file, bytes, count);
  int refusal = 0;
  what what = fate("write", &refusal);
  if (what == BEFORE) die();
  if (what == REFUSE) return errno = refusal, -1;
  ssize_t result = REAL(write)(file, bytes, what == HALF || what == SHORT ? (count + 1) / 2 : count);
  if (what == AFTER || what == HALF) die();
  return result;
}

int fsync(int file) { SPOIL("fsync", concerns_file(file), REAL(fsync)(file)); }

int rename(const char *path, const char *new_path) { SPOIL("rename", concerns(path), REAL(rename)(path, new_path)); }

int unlink(const char *path) { SPOIL("unlink", concerns(path), REAL(unlink)(path)); }

int mkdir(const char *path, mode_t mode) { SPOIL("mkdir", concerns(path), REAL(mkdir)(path, mode)); }
