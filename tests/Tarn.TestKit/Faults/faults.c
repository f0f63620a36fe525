/*
 * Makes file calls of a process fail on command, and keeps a journal of them: preloaded (LD_PRELOAD) into the server under
 * test. FaultInjection.cs writes the board that this reads; both must agree on its layout.
 *
 *   TARN_TEST_FAULTS   the board: a file of sizeof(struct board) bytes, shared with the test. Beside it, NAME.journal is appended to.
 *
 * Only files below board.root are affected. Every call goes through begin() and end(), which have its paths, offset and
 * length. For the model of power loss (PowerLoss.cs) the bytes of every write are kept as well, in NAME.bytes.
 * Directories are included: fsync of one is journaled under its name, and renames, links and removals with both names.
 *
 * The runtime finds functions of the C library with dlsym() on the library's own handle, past any preloaded one. So dlsym is
 * replaced too, and returns the functions of this file for the names that it defines.
 *
 *   TARN_TEST_CLONES   set: ioctl(FICLONE) copies the bytes, as if the file system could share them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum call {
    CALL_OPEN = 1 << 0, CALL_CLOSE = 1 << 1, CALL_READ = 1 << 2, CALL_WRITE = 1 << 3, CALL_FSYNC = 1 << 4,
    CALL_FDATASYNC = 1 << 5, CALL_SYNC_RANGE = 1 << 6, CALL_RENAME = 1 << 7, CALL_UNLINK = 1 << 8, CALL_MKDIR = 1 << 9,
    CALL_TRUNCATE = 1 << 10, CALL_ALLOCATE = 1 << 11, CALL_LINK = 1 << 12,
};

static const char *const names[] = {
    "open", "close", "read", "write", "fsync", "fdatasync", "sync_range", "rename", "unlink", "mkdir", "truncate", "allocate", "link",
};

enum action {
    ACT_FAIL = 1,       /* do nothing, answer with the error (close closes all the same, as Linux does) */
    ACT_FAIL_AFTER = 2, /* do it, and answer with the error */
    ACT_SHORT = 3,      /* do the first half of a read or write, and answer with its length */
    ACT_KILL = 4,       /* the process ends before the call */
};

struct rule {
    _Atomic uint32_t active;
    uint32_t calls;
    uint32_t action;
    int32_t error;
    _Atomic int32_t skip;  /* so many matching calls go through first */
    _Atomic int32_t times; /* so many are then hit; negative: all */
    _Atomic uint32_t hits;
    uint32_t unused;
    char pattern[224]; /* fnmatch(3) of the path below the root; '*' takes in '/' */
};

#define RULES 31
struct board {
    uint32_t magic;
    uint32_t journalling; /* JOURNAL_CALLS, JOURNAL_BYTES */
    _Atomic uint64_t sequence;
    _Atomic uint32_t attached; /* how many processes have read the board */
    char root[236];
    struct rule rules[RULES];
};
_Static_assert(sizeof(struct rule) == 256, "FaultInjection.cs has this size");
_Static_assert(sizeof(struct board) == 256 * (RULES + 1), "and this one");
#define MAGIC 0x544c4641u

enum { JOURNAL_CALLS = 1, JOURNAL_BYTES = 2 };

static struct board *board;
static int journal = -1;
static int bytes = -1;
static _Atomic long long kept; /* the length of NAME.bytes */
static void *(*real_dlsym)(void *, const char *);

/* The arguments of one call, and the outcome of the rules. */
struct seen {
    uint32_t call;
    int watched;
    uint64_t began;
    char path[PATH_MAX];
    char other[PATH_MAX];
    long long offset, length;
    const struct iovec *pieces; /* of a write, else NULL */
    int count;
    int error;  /* what to answer with; 0: nothing */
    int action; /* 0: go on */
};

static void *real(const char *name) {
    if (!real_dlsym) {
        static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17", NULL};
        for (int i = 0; versions[i] && !real_dlsym; i++) {
            real_dlsym = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", versions[i]);
        }
        if (!real_dlsym) abort();
    }
    void *found = real_dlsym(RTLD_NEXT, name);
    return found;
}

#define REAL(result, name, ...)                                      \
    static result (*real_##name)(__VA_ARGS__);                       \
    if (!real_##name) real_##name = (result(*)(__VA_ARGS__))real(#name)

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("TARN_TEST_FAULTS");
    if (!path) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) return;
    struct board *mapped = mmap(NULL, sizeof *mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (mapped == MAP_FAILED || mapped->magic != MAGIC) return;
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s.journal", path);
    journal = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (mapped->journalling & JOURNAL_BYTES) {
        snprintf(name, sizeof name, "%s.bytes", path);
        bytes = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        kept = syscall(SYS_lseek, bytes, 0, SEEK_END);
    }
    atomic_fetch_add(&mapped->attached, 1);
    board = mapped;
}

static void path_of(int fd, char *out) {
    char link[48];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, out, PATH_MAX - 1);
    out[n < 0 ? 0 : n] = 0;
    size_t length = strlen(out);
    if (length > 10 && !strcmp(out + length - 10, " (deleted)")) out[length - 10] = 0;
}

static void path_at(int dir, const char *path, char *out) {
    if (path[0] == '/') {
        snprintf(out, PATH_MAX, "%s", path);
        return;
    }
    char base[PATH_MAX];
    if (dir == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) base[0] = 0;
    } else {
        path_of(dir, base);
    }
    if (snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) out[0] = 0;
}

/* The path below the root; NULL when it is elsewhere. */
static const char *below(const char *path) {
    size_t n = strlen(board->root);
    if (strncmp(path, board->root, n)) return NULL;
    if (!path[n]) return ".";
    return path[n] == '/' ? path + n + 1 : NULL;
}

static int wanted(uint32_t call) {
    if (!board) return 0;
    if (board->journalling) return 1;
    for (int i = 0; i < RULES; i++) {
        if (atomic_load_explicit(&board->rules[i].active, memory_order_acquire) && (board->rules[i].calls & call)) return 1;
    }
    return 0;
}

static void begin(struct seen *s) {
    const char *path = below(s->path), *other = s->other[0] ? below(s->other) : NULL;
    if (!path && !other) return;
    s->watched = 1;
    s->began = atomic_fetch_add(&board->sequence, 1) + 1;
    for (int i = 0; i < RULES; i++) {
        struct rule *r = &board->rules[i];
        if (!atomic_load_explicit(&r->active, memory_order_acquire) || !(r->calls & s->call)) continue;
        if (!(path && !fnmatch(r->pattern, path, 0)) && !(other && !fnmatch(r->pattern, other, 0))) continue;
        if (atomic_fetch_sub(&r->skip, 1) > 0) continue;
        atomic_store(&r->skip, 0);
        if (atomic_load(&r->times) >= 0 && atomic_fetch_sub(&r->times, 1) <= 0) {
            atomic_store(&r->times, 0);
            continue;
        }
        atomic_fetch_add(&r->hits, 1);
        if (r->action == ACT_KILL) {
            kill(getpid(), SIGKILL);
            for (;;) pause();
        }
        s->action = (int)r->action;
        s->error = r->error;
        return;
    }
}

/* Keeps what was written; answers where. */
static long long keep(const struct iovec *v, int count, long long size) {
    long long at = atomic_fetch_add(&kept, size), to = at;
    for (int i = 0; i < count && size > 0; i++) {
        long long part = (long long)v[i].iov_len < size ? (long long)v[i].iov_len : size;
        if (syscall(SYS_pwrite64, bytes, v[i].iov_base, (size_t)part, to) != part) abort();
        to += part;
        size -= part;
    }
    return at;
}

static void end(struct seen *s, long long result, int error) {
    if (!s->watched || !board->journalling || journal < 0) return;
    long long at = bytes >= 0 && s->pieces && result > 0 ? keep(s->pieces, s->count, result) : -1;
    int number = 0;
    while (!(s->call >> number & 1)) number++;
    char line[2 * PATH_MAX + 160];
    const char *path = below(s->path), *other = s->other[0] ? below(s->other) : NULL;
    int n = snprintf(line, sizeof line, "%llu\t%llu\t%s\t%s\t%s\t%lld\t%lld\t%lld\t%d\t%lld\n", (unsigned long long)s->began,
                     (unsigned long long)(atomic_fetch_add(&board->sequence, 1) + 1), names[number], path ? path : "", other ? other : "",
                     s->offset, s->length, result, result < 0 ? error : 0, at);
    if (n > 0 && (size_t)n < sizeof line) syscall(SYS_write, journal, line, (size_t)n);
}

/* The common course of a call: result is -1 with errno, or what `expression` gives. SHORT halves `size`, where there is one. */
#define COURSE(type, s, size, expression)                            \
    type result;                                                     \
    int saved = errno;                                               \
    begin(&s);                                                       \
    if (s.action == ACT_SHORT && (size) > 1) (size) /= 2;            \
    if (s.action == ACT_FAIL) {                                      \
        result = -1;                                                 \
        saved = s.error;                                             \
    } else {                                                         \
        errno = saved;                                               \
        result = (expression);                                       \
        saved = errno;                                               \
        if (s.action == ACT_FAIL_AFTER) {                            \
            result = -1;                                             \
            saved = s.error;                                         \
        }                                                            \
    }                                                                \
    end(&s, result, saved);                                          \
    errno = saved;                                                   \
    return result

#define ON_FD(s, what, fd, off, len)                                                       \
    struct seen s;                                                                         \
    s.call = what, s.watched = 0, s.offset = off, s.length = len, s.error = s.action = 0;  \
    s.pieces = NULL, s.count = 0;                                                          \
    s.other[0] = 0;                                                                        \
    { int kept = errno; path_of(fd, s.path); errno = kept; }

#define ON_PATH(s, what, dir, name)                                                        \
    struct seen s;                                                                         \
    s.call = what, s.watched = 0, s.offset = -1, s.length = -1, s.error = s.action = 0;    \
    s.pieces = NULL, s.count = 0;                                                          \
    s.other[0] = 0;                                                                        \
    { int kept = errno; path_at(dir, name, s.path); errno = kept; }

static size_t none;

/* -- opening and closing -- */

static int needs_mode(int flags) { return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE; }

#define OPEN(name)                                                                         \
    int name(const char *path, int flags, ...) {                                           \
        mode_t mode = 0;                                                                   \
        if (needs_mode(flags)) { va_list a; va_start(a, flags); mode = va_arg(a, mode_t); va_end(a); } \
        REAL(int, name, const char *, int, ...);                                           \
        if (!wanted(CALL_OPEN)) return real_##name(path, flags, mode);                     \
        ON_PATH(s, CALL_OPEN, AT_FDCWD, path)                                              \
        s.offset = flags;                                                                  \
        COURSE(int, s, none, real_##name(path, flags, mode));                              \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                       \
    int name(int dir, const char *path, int flags, ...) {                                  \
        mode_t mode = 0;                                                                   \
        if (needs_mode(flags)) { va_list a; va_start(a, flags); mode = va_arg(a, mode_t); va_end(a); } \
        REAL(int, name, int, const char *, int, ...);                                      \
        if (!wanted(CALL_OPEN)) return real_##name(dir, path, flags, mode);                \
        ON_PATH(s, CALL_OPEN, dir, path)                                                   \
        s.offset = flags;                                                                  \
        COURSE(int, s, none, real_##name(dir, path, flags, mode));                         \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    REAL(int, close, int);
    if (!wanted(CALL_CLOSE)) return real_close(fd);
    ON_FD(s, CALL_CLOSE, fd, -1, -1)
    int saved = errno;
    begin(&s);
    errno = saved;
    int result = real_close(fd);
    saved = errno;
    if (s.action == ACT_FAIL || s.action == ACT_FAIL_AFTER) {
        result = -1;
        saved = s.error;
    }
    end(&s, result, saved);
    errno = saved;
    return result;
}

/* -- reading and writing -- */

#define PIECE(s, what, data, size)                                                         \
    struct iovec whole = {(void *)(uintptr_t)data, size};                                  \
    if (what == CALL_WRITE) { s.pieces = &whole; s.count = 1; }

#define TRANSFER(name, what, pointer)                                                      \
    ssize_t name(int fd, pointer data, size_t size) {                                      \
        REAL(ssize_t, name, int, pointer, size_t);                                         \
        if (!wanted(what)) return real_##name(fd, data, size);                             \
        ON_FD(s, what, fd, -1, (long long)size)                                            \
        PIECE(s, what, data, size)                                                         \
        COURSE(ssize_t, s, size, real_##name(fd, data, size));                             \
    }
TRANSFER(read, CALL_READ, void *)
TRANSFER(write, CALL_WRITE, const void *)

#define TRANSFER_AT(name, what, pointer)                                                   \
    ssize_t name(int fd, pointer data, size_t size, off_t offset) {                        \
        REAL(ssize_t, name, int, pointer, size_t, off_t);                                  \
        if (!wanted(what)) return real_##name(fd, data, size, offset);                     \
        ON_FD(s, what, fd, offset, (long long)size)                                        \
        PIECE(s, what, data, size)                                                         \
        COURSE(ssize_t, s, size, real_##name(fd, data, size, offset));                     \
    }
TRANSFER_AT(pread, CALL_READ, void *)
TRANSFER_AT(pread64, CALL_READ, void *)
TRANSFER_AT(pwrite, CALL_WRITE, const void *)
TRANSFER_AT(pwrite64, CALL_WRITE, const void *)

static long long total(const struct iovec *v, int n) {
    long long sum = 0;
    for (int i = 0; i < n; i++) sum += (long long)v[i].iov_len;
    return sum;
}

/* A short transfer of several pieces is one of half the first. */
#define HALVE(s, v, n)                                                                     \
    struct iovec half;                                                                     \
    if (s.action == ACT_SHORT && n > 0) { half = v[0]; half.iov_len = (half.iov_len + 1) / 2; v = &half; n = 1; }

#define VECTOR(name, what, extra, ...)                                                     \
    ssize_t name(int fd, const struct iovec *v, int n EXTRA_##extra) {                     \
        REAL(ssize_t, name, int, const struct iovec *, int __VA_ARGS__);                   \
        if (!wanted(what)) return real_##name(fd, v, n PASS_##extra);                      \
        ON_FD(s, what, fd, OFFSET_##extra, total(v, n))                                    \
        int saved = errno;                                                                 \
        ssize_t result;                                                                    \
        begin(&s);                                                                         \
        HALVE(s, v, n)                                                                     \
        if (what == CALL_WRITE) { s.pieces = v; s.count = n; }                             \
        if (s.action == ACT_FAIL) { result = -1; saved = s.error; }                        \
        else {                                                                             \
            errno = saved; result = real_##name(fd, v, n PASS_##extra); saved = errno;     \
            if (s.action == ACT_FAIL_AFTER) { result = -1; saved = s.error; }              \
        }                                                                                  \
        end(&s, result, saved);                                                            \
        errno = saved;                                                                     \
        return result;                                                                     \
    }
#define EXTRA_NONE
#define PASS_NONE
#define OFFSET_NONE -1
#define EXTRA_AT , off_t offset
#define PASS_AT , offset
#define OFFSET_AT offset
#define EXTRA_AT2 , off_t offset, int flags
#define PASS_AT2 , offset, flags
#define OFFSET_AT2 offset
VECTOR(readv, CALL_READ, NONE)
VECTOR(writev, CALL_WRITE, NONE)
VECTOR(preadv, CALL_READ, AT, , off_t)
VECTOR(preadv64, CALL_READ, AT, , off_t)
VECTOR(preadv2, CALL_READ, AT2, , off_t, int)
VECTOR(preadv64v2, CALL_READ, AT2, , off_t, int)
VECTOR(pwritev, CALL_WRITE, AT, , off_t)
VECTOR(pwritev64, CALL_WRITE, AT, , off_t)
VECTOR(pwritev2, CALL_WRITE, AT2, , off_t, int)
VECTOR(pwritev64v2, CALL_WRITE, AT2, , off_t, int)

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t size, unsigned flags) {
    REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned);
    if (!wanted(CALL_WRITE)) return real_copy_file_range(from, from_at, to, to_at, size, flags);
    ON_FD(s, CALL_WRITE, to, to_at ? *to_at : -1, (long long)size)
    COURSE(ssize_t, s, size, real_copy_file_range(from, from_at, to, to_at, size, flags));
}

#define SEND(name)                                                                         \
    ssize_t name(int to, int from, off_t *offset, size_t size) {                           \
        REAL(ssize_t, name, int, int, off_t *, size_t);                                    \
        if (!wanted(CALL_READ)) return real_##name(to, from, offset, size);                \
        ON_FD(s, CALL_READ, from, offset ? *offset : -1, (long long)size)                  \
        COURSE(ssize_t, s, size, real_##name(to, from, offset, size));                     \
    }
SEND(sendfile)
SEND(sendfile64)

/* Streams read and open below the calls above, where nothing can be intercepted. */
#define STREAM_READ(name)                                                                  \
    size_t name(void *data, size_t size, size_t count, FILE *stream) {                     \
        REAL(size_t, name, void *, size_t, size_t, FILE *);                                \
        if (!wanted(CALL_READ)) return real_##name(data, size, count, stream);             \
        ON_FD(s, CALL_READ, fileno(stream), -1, (long long)(size * count))                 \
        begin(&s);                                                                         \
        if (s.action == ACT_FAIL || s.action == ACT_FAIL_AFTER) {                          \
            end(&s, -1, s.error);                                                          \
            errno = s.error;                                                               \
            return 0;                                                                      \
        }                                                                                  \
        size_t result = real_##name(data, size, count, stream);                            \
        end(&s, (long long)(result * size), 0);                                            \
        return result;                                                                     \
    }
#undef fread_unlocked
STREAM_READ(fread)
STREAM_READ(fread_unlocked)

#define STREAM_OPEN(name)                                                                  \
    FILE *name(const char *path, const char *mode) {                                       \
        REAL(FILE *, name, const char *, const char *);                                    \
        if (!wanted(CALL_OPEN)) return real_##name(path, mode);                            \
        ON_PATH(s, CALL_OPEN, AT_FDCWD, path)                                              \
        begin(&s);                                                                         \
        if (s.action == ACT_FAIL) {                                                        \
            end(&s, -1, s.error);                                                          \
            errno = s.error;                                                               \
            return NULL;                                                                   \
        }                                                                                  \
        FILE *result = real_##name(path, mode);                                            \
        int saved = errno;                                                                 \
        end(&s, result ? fileno(result) : -1, saved);                                      \
        errno = saved;                                                                     \
        return result;                                                                     \
    }
STREAM_OPEN(fopen)
STREAM_OPEN(fopen64)

/* -- syncing -- */

#define SYNC(name, what)                                                                   \
    int name(int fd) {                                                                     \
        REAL(int, name, int);                                                              \
        if (!wanted(what)) return real_##name(fd);                                         \
        ON_FD(s, what, fd, -1, -1)                                                         \
        COURSE(int, s, none, real_##name(fd));                                             \
    }
SYNC(fsync, CALL_FSYNC)
SYNC(fdatasync, CALL_FDATASYNC)
SYNC(syncfs, CALL_FSYNC)

int sync_file_range(int fd, off64_t offset, off64_t size, unsigned flags) {
    REAL(int, sync_file_range, int, off64_t, off64_t, unsigned);
    if (!wanted(CALL_SYNC_RANGE)) return real_sync_file_range(fd, offset, size, flags);
    ON_FD(s, CALL_SYNC_RANGE, fd, offset, size)
    COURSE(int, s, none, real_sync_file_range(fd, offset, size, flags));
}

/* -- sizes -- */

#define TRUNCATE(name)                                                                     \
    int name(int fd, off_t size) {                                                         \
        REAL(int, name, int, off_t);                                                       \
        if (!wanted(CALL_TRUNCATE)) return real_##name(fd, size);                          \
        ON_FD(s, CALL_TRUNCATE, fd, -1, size)                                              \
        COURSE(int, s, none, real_##name(fd, size));                                       \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define ALLOCATE(name)                                                                     \
    int name(int fd, int mode, off_t offset, off_t size) {                                 \
        REAL(int, name, int, int, off_t, off_t);                                           \
        if (!wanted(CALL_ALLOCATE)) return real_##name(fd, mode, offset, size);            \
        ON_FD(s, CALL_ALLOCATE, fd, offset, size)                                          \
        COURSE(int, s, none, real_##name(fd, mode, offset, size));                         \
    }
ALLOCATE(fallocate)
ALLOCATE(fallocate64)

/* It returns the error itself instead of -1. */
#define POSIX_ALLOCATE(name)                                                               \
    int name(int fd, off_t offset, off_t size) {                                           \
        REAL(int, name, int, off_t, off_t);                                                \
        if (!wanted(CALL_ALLOCATE)) return real_##name(fd, offset, size);                  \
        ON_FD(s, CALL_ALLOCATE, fd, offset, size)                                          \
        begin(&s);                                                                         \
        int error = s.action == ACT_FAIL ? s.error : real_##name(fd, offset, size);        \
        if (s.action == ACT_FAIL_AFTER) error = s.error;                                   \
        end(&s, error ? -1 : 0, error);                                                    \
        return error;                                                                      \
    }
POSIX_ALLOCATE(posix_fallocate)
POSIX_ALLOCATE(posix_fallocate64)

/* -- names -- */

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    if (!wanted(CALL_RENAME)) return real_rename(from, to);
    ON_PATH(s, CALL_RENAME, AT_FDCWD, from)
    path_at(AT_FDCWD, to, s.other);
    COURSE(int, s, none, real_rename(from, to));
}

int renameat(int from_dir, const char *from, int to_dir, const char *to) {
    REAL(int, renameat, int, const char *, int, const char *);
    if (!wanted(CALL_RENAME)) return real_renameat(from_dir, from, to_dir, to);
    ON_PATH(s, CALL_RENAME, from_dir, from)
    path_at(to_dir, to, s.other);
    COURSE(int, s, none, real_renameat(from_dir, from, to_dir, to));
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    REAL(int, renameat2, int, const char *, int, const char *, unsigned);
    if (!wanted(CALL_RENAME)) return real_renameat2(from_dir, from, to_dir, to, flags);
    ON_PATH(s, CALL_RENAME, from_dir, from)
    path_at(to_dir, to, s.other);
    COURSE(int, s, none, real_renameat2(from_dir, from, to_dir, to, flags));
}

int link(const char *from, const char *to) {
    REAL(int, link, const char *, const char *);
    if (!wanted(CALL_LINK)) return real_link(from, to);
    ON_PATH(s, CALL_LINK, AT_FDCWD, from)
    path_at(AT_FDCWD, to, s.other);
    COURSE(int, s, none, real_link(from, to));
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    REAL(int, linkat, int, const char *, int, const char *, int);
    if (!wanted(CALL_LINK)) return real_linkat(from_dir, from, to_dir, to, flags);
    ON_PATH(s, CALL_LINK, from_dir, from)
    path_at(to_dir, to, s.other);
    COURSE(int, s, none, real_linkat(from_dir, from, to_dir, to, flags));
}

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    if (!wanted(CALL_UNLINK)) return real_unlink(path);
    ON_PATH(s, CALL_UNLINK, AT_FDCWD, path)
    COURSE(int, s, none, real_unlink(path));
}

int unlinkat(int dir, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    if (!wanted(CALL_UNLINK)) return real_unlinkat(dir, path, flags);
    ON_PATH(s, CALL_UNLINK, dir, path)
    COURSE(int, s, none, real_unlinkat(dir, path, flags));
}

int rmdir(const char *path) {
    REAL(int, rmdir, const char *);
    if (!wanted(CALL_UNLINK)) return real_rmdir(path);
    ON_PATH(s, CALL_UNLINK, AT_FDCWD, path)
    COURSE(int, s, none, real_rmdir(path));
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, mkdir, const char *, mode_t);
    if (!wanted(CALL_MKDIR)) return real_mkdir(path, mode);
    ON_PATH(s, CALL_MKDIR, AT_FDCWD, path)
    COURSE(int, s, none, real_mkdir(path, mode));
}

int mkdirat(int dir, const char *path, mode_t mode) {
    REAL(int, mkdirat, int, const char *, mode_t);
    if (!wanted(CALL_MKDIR)) return real_mkdirat(dir, path, mode);
    ON_PATH(s, CALL_MKDIR, dir, path)
    COURSE(int, s, none, real_mkdirat(dir, path, mode));
}

/* -- sharing bytes of files -- */

#define CLONE 0x40049409ul /* FICLONE */

static int copy_all(int to, int from) {
    static _Thread_local char buffer[1 << 16];
    for (off_t at = 0;;) {
        long count = syscall(SYS_pread64, from, buffer, sizeof buffer, at);
        if (count <= 0) return (int)count;
        if (syscall(SYS_pwrite64, to, buffer, count, at) != count) return -1;
        at += count;
    }
}

int ioctl(int fd, unsigned long request, ...) {
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (request == CLONE && getenv("TARN_TEST_CLONES")) return copy_all(fd, (int)(intptr_t)argument);
    return (int)syscall(SYS_ioctl, fd, request, argument);
}

/* -- functions that the runtime looks up itself -- */

#define ENTRY(name) {#name, (void *)name}
static const struct { const char *name; void *function; } replaced[] = {
    ENTRY(open), ENTRY(open64), ENTRY(openat), ENTRY(openat64), ENTRY(close), ENTRY(read), ENTRY(write), ENTRY(pread), ENTRY(pread64),
    ENTRY(pwrite), ENTRY(pwrite64), ENTRY(readv), ENTRY(writev), ENTRY(preadv), ENTRY(preadv64), ENTRY(preadv2), ENTRY(preadv64v2), ENTRY(pwritev), ENTRY(pwritev64),
    ENTRY(pwritev2), ENTRY(pwritev64v2),
    ENTRY(copy_file_range), ENTRY(sendfile), ENTRY(sendfile64), ENTRY(fsync), ENTRY(fdatasync), ENTRY(syncfs), ENTRY(sync_file_range),
    ENTRY(ftruncate), ENTRY(ftruncate64), ENTRY(fallocate), ENTRY(fallocate64), ENTRY(posix_fallocate), ENTRY(posix_fallocate64),
    ENTRY(rename), ENTRY(renameat), ENTRY(renameat2), ENTRY(link), ENTRY(linkat), ENTRY(unlink), ENTRY(unlinkat), ENTRY(rmdir),
    ENTRY(mkdir), ENTRY(mkdirat), ENTRY(ioctl),
};

void *dlsym(void *handle, const char *name) {
    if (!real_dlsym) real("dlsym");
    void *found = real_dlsym(handle, name);
    if (found && handle != RTLD_NEXT) {
        for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++) {
            if (!strcmp(name, replaced[i].name)) {
                /* Only what is the C library's own: other libraries may have functions of these names. */
                Dl_info info;
                if (dladdr(found, &info) && info.dli_fname && strstr(info.dli_fname, "libc.so")) return replaced[i].function;
            }
        }
    }
    return found;
}
