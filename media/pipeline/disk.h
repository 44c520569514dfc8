/* disk — the one thread that writes a recording, so that a slow disk never holds up a packet. Takes
 * operations in order; what a later one refers to (a playlist line) reaches the disk only after what it
 * refers to (the segment). Ownership: disk_* take over the buf's bytes. Thread: one caller; the writing
 * thread is inside. Limits: DISK_QUEUE operations, DISK_BYTES_MAX bytes; past them the caller waits. After a
 * failure nothing more is written; torn bytes are taken back as far as the disk allows. */
#ifndef DISK_H
#define DISK_H
#include "media/base/buf.h"

enum { DISK_QUEUE = 1024, DISK_BYTES_MAX = 64 << 20, DISK_SLOTS = 20, DISK_NAME_MAX = 64 };

struct disk;
int disk_open(struct disk **out, const char *dir); /* -ERR_IO */
void disk_close(struct disk *d);                   /* writes what waits */

/* A whole small file: written beside its name, synced, renamed. */
void disk_file(struct disk *d, const char *name, struct buf *bytes);
/* Append to the slot's file `name` (created when it is another than last time); sync at once if asked. */
void disk_part(struct disk *d, unsigned slot, const char *name, struct buf *bytes, bool sync);
/* Sync and close the slot's file, then append the text to `name` and sync it. */
void disk_list(struct disk *d, unsigned slot, const char *name, struct buf *text);
/* Wait until everything handed over is on disk. 0 or -ERR_IO. */
int disk_flush(struct disk *d);
/* 0, or -ERR_IO from the first failure on; *why (never NULL) says what happened. Never waits. */
int disk_status(struct disk *d, const char **why);
uint64_t disk_bytes(struct disk *d); /* written so far */
int disk_fd(const struct disk *d);   /* readable when disk_status may have news */

#endif
