/* query — binding, stepping and reading one prepared statement of a connection (see store.h). Begin, put each
 * parameter in order, then either query_run, or query_row until it answers 0 and query_done. Thread: the
 * connection's. A statement is in use by one caller at a time (asserted). */
#ifndef QUERY_H
#define QUERY_H
#include "server/store/store.h"

struct query *query_begin(struct store *s, enum query_name name);
void query_put_int(struct query *q, int64_t v);
void query_put_opt(struct query *q, int64_t v);    /* 0 binds NULL */
void query_put_str(struct query *q, struct str v); /* borrowed until query_done */
void query_put_z(struct query *q, const char *v);  /* NULL binds NULL */
void query_put_bytes(struct query *q, struct bytes v);

int query_row(struct query *q); /* 1 a row, 0 no more, -ERR_CONFLICT (a constraint), -ERR_BUSY, -ERR_IO */
void query_done(struct query *q);
/* Step to the end and done: the number of rows changed, or -ERR_x. */
int query_run(struct query *q);
int query_exec(struct query *q); /* the same without the number: 0 or -ERR_x */

int64_t query_get_int(struct query *q); /* NULL reads as 0 */
struct str query_get_str(struct query *q);
bool query_is_null(const struct query *q); /* of the column read next */
void query_skip(struct query *q);

#endif
