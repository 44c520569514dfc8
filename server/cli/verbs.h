/* verbs — what the verbs of the command line share: their words, the opened data directory. Not for
 * others. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H
#include "server/app/config.h"
#include "server/store/datadir.h"
#include "server/store/store.h"

struct cli {
    struct config cfg;
    const char *role, *name, *email, *format, *room, *host, *ttl; /* NULL: not said */
    bool record, password_stdin;
    struct datadir data;
    struct store *store;
};

/* All return the exit status. */
int cli_user_add(struct cli *c);
int cli_user_list(struct cli *c);
int cli_user_password(struct cli *c);
int cli_room(struct cli *c);
int cli_token(struct cli *c);
int cli_check(struct cli *c);
int cli_demo(struct cli *c);
/* "somhub: sentence" on stderr; 1. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
