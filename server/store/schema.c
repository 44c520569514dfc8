/* schema — brings a database file to the newest schema, one numbered file after another, each in one
 * transaction with its number. The files are part of the program: a binary and its schema cannot drift apart.
 */
#include <stdio.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "server/store/conn.h"

#define SQL_FILE(sym, file)                                                                                  \
    __asm__(".pushsection .rodata\n" #sym ":\n.incbin \"" file "\"\n.byte 0\n.popsection\n");                \
    extern const char sym[] __attribute__((visibility("hidden")))

SQL_FILE(schema_0001, "server/store/schema/0001.sql");
SQL_FILE(schema_0002, "server/store/schema/0002.sql");
SQL_FILE(schema_0003, "server/store/schema/0003.sql");
SQL_FILE(schema_0004, "server/store/schema/0004.sql");
SQL_FILE(schema_0005, "server/store/schema/0005.sql");
SQL_FILE(schema_0006, "server/store/schema/0006.sql");
SQL_FILE(schema_0007, "server/store/schema/0007.sql");
SQL_FILE(schema_0008, "server/store/schema/0008.sql");
SQL_FILE(schema_0009, "server/store/schema/0009.sql");
SQL_FILE(schema_0010, "server/store/schema/0010.sql");
SQL_FILE(schema_0011, "server/store/schema/0011.sql");
SQL_FILE(schema_0012, "server/store/schema/0012.sql");
SQL_FILE(schema_0013, "server/store/schema/0013.sql");
SQL_FILE(schema_0014, "server/store/schema/0014.sql");

static const char *const migrations[STORE_SCHEMA_VERSION] = {
    schema_0001, schema_0002, schema_0003, schema_0004, schema_0005, schema_0006, schema_0007,
    schema_0008, schema_0009, schema_0010, schema_0011, schema_0012, schema_0013, schema_0014};

static int version_of(const struct store *s) {
    sqlite3_stmt *stmt = NULL;
    int version = -ERR_IO;
    if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        version = sqlite3_column_int(stmt, 0);
    else
        version = conn_error(s, "user_version");
    sqlite3_finalize(stmt);
    return version;
}

static int migrate(struct store *s, int to) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", to);
    if (sqlite3_exec(s->db, migrations[to - 1], NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return conn_error(s, "migration");
    return 0;
}

int conn_migrate(struct store *s) {
    int version = version_of(s);
    if (version == STORE_SCHEMA_VERSION || version < 0)
        return version < 0 ? version : 0;
    int err = store_begin(s);
    if (err)
        return err;
    /* Read again inside the lock: another process may have done it in the meantime. */
    version = version_of(s);
    if (version > STORE_SCHEMA_VERSION) {
        LOG_ERROR("the database was made by a newer version schema=%d known=%d", version,
                  STORE_SCHEMA_VERSION);
        err = -ERR_UNSUPPORTED;
    } else if (version < 0) {
        err = version;
    }
    for (int to = version + 1; !err && to <= STORE_SCHEMA_VERSION; to++)
        err = migrate(s, to);
    if (err) {
        store_rollback(s);
        return err;
    }
    return store_commit(s);
}
