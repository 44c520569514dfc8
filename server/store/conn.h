/* conn — what store.c and query.c share about a connection. Not for others. */
#ifndef CONN_H
#define CONN_H
#include <sqlite3.h>

#include "server/store/query.h"

struct query {
    sqlite3_stmt *stmt;
    struct store *store;
    int put, get; /* the next parameter and column */
    bool busy;
    bool bad; /* a parameter would not bind */
};
struct store {
    sqlite3 *db;
    struct query queries[Q_COUNT]; /* prepared at first use */
    bool in_tx;
};

extern const char *const conn_sql[Q_COUNT];
int conn_error(const struct store *s,
               const char *what);  /* logs; the -ERR_x for the connection's last result */
int conn_migrate(struct store *s); /* schema.c */

#endif
