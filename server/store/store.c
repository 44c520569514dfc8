#include "server/store/store.h"

#include <stdio.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/store/conn.h"

int conn_error(const struct store *s, const char *what) {
    int rc = sqlite3_errcode(s->db);
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -ERR_BUSY;
    case SQLITE_CONSTRAINT:
        return -ERR_CONFLICT;
    default:
        LOG_ERROR("database failed at=%s code=%d text=\"%s\"", what, rc, sqlite3_errmsg(s->db));
        return -ERR_IO;
    }
}

static int exec(struct store *s, const char *sql) {
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : conn_error(s, sql);
}

static int configure(struct store *s, bool durable) {
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, 16 << 20);
    int err = exec(s, "PRAGMA journal_mode = WAL");
    if (!err)
        err = exec(s, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (!err)
        err = exec(s, "PRAGMA foreign_keys = ON");
    if (!err) /* what is deleted is gone from the file, too */
        err = exec(s, "PRAGMA secure_delete = ON");
    return err;
}

int store_open(struct store **out, const char *path, bool durable) {
    struct store *s = mem_zalloc(sizeof *s);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int err = 0;
    if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK) {
        LOG_ERROR("cannot open the database path=%s text=\"%s\"", path, sqlite3_errmsg(s->db));
        err = -ERR_IO;
    }
    if (!err)
        err = configure(s, durable);
    if (!err)
        err = conn_migrate(s);
    if (err) {
        store_close(s);
        return err;
    }
    *out = s;
    return 0;
}

void store_close(struct store *s) {
    if (!s)
        return;
    for (int i = 0; i < Q_COUNT; i++)
        sqlite3_finalize(s->queries[i].stmt);
    sqlite3_close(s->db);
    mem_free(s);
}

int store_version(const char *path) {
    struct store s = {.db = NULL};
    sqlite3_stmt *stmt = NULL;
    int version = -ERR_MISSING;
    if (sqlite3_open_v2(path, &s.db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
        version = -ERR_IO;
        sqlite3_busy_timeout(s.db, STORE_BUSY_MS); /* who closes it last holds it for a moment */
        if (sqlite3_prepare_v2(s.db, "PRAGMA user_version", -1, &stmt, NULL) == SQLITE_OK &&
            sqlite3_step(stmt) == SQLITE_ROW)
            version = sqlite3_column_int(stmt, 0);
        else if ((sqlite3_errcode(s.db) & 0xff) == SQLITE_BUSY)
            version = -ERR_BUSY;
    }
    sqlite3_finalize(stmt);
    sqlite3_close(s.db);
    return version;
}

int store_judge(const char *path, char *sentence, size_t cap) {
    int version = store_version(path);
    sentence[0] = 0;
    if (version == -ERR_MISSING || (version >= 0 && version <= STORE_SCHEMA_VERSION))
        return 0;
    if (version > STORE_SCHEMA_VERSION)
        snprintf(sentence, cap,
                 "The database %s was made by a newer version of somhub (schema %d, this one knows %d): "
                 "start that one, or bring back a copy from before it.",
                 path, version, STORE_SCHEMA_VERSION);
    else if (version == -ERR_BUSY)
        snprintf(sentence, cap,
                 "The database %s is in use by another program: try again when that has ended.", path);
    else
        snprintf(sentence, cap,
                 "The database %s cannot be read as one: bring back a copy of it, or choose another data "
                 "directory.",
                 path);
    return version < 0 ? version : -ERR_UNSUPPORTED;
}

int store_check(struct store *s, char *dst, size_t cap) {
    sqlite3_stmt *stmt = NULL;
    int err = -ERR_IO;
    if (sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        err = str_copy(dst, cap, str_of(text)) ? 0 : -ERR_TOO_LARGE;
    }
    sqlite3_finalize(stmt);
    return err;
}

int store_backup(struct store *s, const char *path) {
    sqlite3 *to = NULL;
    int err = -ERR_IO;
    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK) {
        sqlite3_backup *b = sqlite3_backup_init(to, "main", s->db, "main");
        if (b && sqlite3_backup_step(b, -1) == SQLITE_DONE)
            err = 0;
        if (b && sqlite3_backup_finish(b) != SQLITE_OK)
            err = -ERR_IO;
    }
    sqlite3_close(to);
    return err;
}

void store_wipe(struct store *s) {
    if (exec(s, "PRAGMA wal_checkpoint(TRUNCATE)"))
        LOG_WARN("deleted lines stay in the write-ahead log until the next checkpoint");
}

int store_begin(struct store *s) {
    int err = exec(s, "BEGIN IMMEDIATE");
    s->in_tx = !err;
    return err;
}

int store_commit(struct store *s) {
    int err = exec(s, "COMMIT");
    if (err)
        store_rollback(s);
    s->in_tx = false;
    return err;
}

void store_rollback(struct store *s) {
    if (s->in_tx && !sqlite3_get_autocommit(s->db))
        (void)exec(s, "ROLLBACK");
    s->in_tx = false;
}

int64_t store_last_id(const struct store *s) { return sqlite3_last_insert_rowid(s->db); }
