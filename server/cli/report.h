/* report — the lines of `somhub check`: one a finding, marked by how bad it is. Not for others. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H
#include <stdbool.h>

enum cli_verdict { FINE, WARN, BAD };

struct config;
struct report {
    int bad;
};

void report_say(struct report *r, enum cli_verdict v, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* ways.c: which ways picture and sound can take from outside. Needs no internet. `running`: a server has
 * the ports already. */
void check_ways(struct report *r, const struct config *cfg, bool running);
int cli_try_bind(int type, const char *host, unsigned port); /* 0 or errno */

#endif
