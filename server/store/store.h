/* store — one connection to DATA/somhub.db, and the only code that sees SQLite. SQL lives in queries.def and
 * is prepared once a connection, by name. Parameters are bound and columns read in order, through a sticky
 * cursor. Thread: a connection belongs to one thread; any number of connections and processes share the file
 * (WAL). Ownership: store_close frees all; text from query_get_* is valid until the next
 * query_row/query_done. */
#ifndef STORE_H
#define STORE_H
#include "media/base/arena.h"
#include "media/base/str.h"

enum { STORE_BUSY_MS = 5000, STORE_SCHEMA_VERSION = 14 };

enum query_name {
#define X(name, sql) Q_##name,
#include "server/store/queries.def"
#undef X
    Q_COUNT
};

struct store;
struct query;

/* path: a file, or ":memory:". Creates and migrates as needed; `durable` waits for the disk at each commit
 * (the journal's connection: an acknowledged line is on disk). -ERR_IO, -ERR_UNSUPPORTED (made by a newer
 * version). */
int store_open(struct store **out, const char *path, bool durable);
void store_close(struct store *s);
/* The schema's number in a file that is there, without changing it; -ERR_MISSING, -ERR_IO. */
int store_version(const char *path);
/* Whether this program can use it, told before it is opened: 0 (also when there is none yet), -ERR_IO,
 * -ERR_UNSUPPORTED, with a whole sentence for the administrator. */
int store_judge(const char *path, char *sentence, size_t cap);
/* "ok", or what SQLite finds broken, in dst. */
int store_check(struct store *s, char *dst, size_t cap);
/* A consistent copy of the whole database into a new file, while in use. */
int store_backup(struct store *s, const char *path);

/* One transaction at a time a connection; begin takes the write lock at once. -ERR_BUSY, -ERR_IO. */
int store_begin(struct store *s);
int store_commit(struct store *s);
void store_rollback(struct store *s); /* harmless outside a transaction */
/* Empties the write-ahead log into the file, so that what was deleted is in neither. Waits for readers a
 * while. */
void store_wipe(struct store *s);
int64_t store_last_id(const struct store *s);

#endif
