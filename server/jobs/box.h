/* box — what a child that reads hostile files may do: so much processor time, memory and file size, no
 * network, no other program or process, and of the file system only its libraries and one directory. Entered
 * between fork and exec, so async-signal-safe calls only. The limits and the filter of system calls (seccomp)
 * hold everywhere; the file system is closed where the kernel knows Landlock (5.13). Thread: the child's only
 * one. */
#ifndef BOX_H
#define BOX_H
#include <stdbool.h>
#include <stdint.h>

struct box {
    const char *read;  /* a file it may read, or NULL */
    const char *write; /* a directory it may write in, or NULL */
    bool threads;      /* of its own, but still no process */
    unsigned cpu_s;
    uint64_t memory_bytes, file_bytes;
};

int box_enter(const struct box *b); /* 0; anything else: do not go on */

#endif
