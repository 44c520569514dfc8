/* tables — the class in small groups: how many tables there are, what lies on each, who sits where. A
 * member's table is his seat (struct member), kept while he is away; he is *at* it while the tables are open
 * and he has not stepped out to the plenary. Whoever is at no table is in the plenary, number 0. Everything
 * that depends on where people are asks room_table. Pure. Owner: the room. Limits: TABLES_MAX. */
#ifndef TABLES_H
#define TABLES_H
#include "server/rooms/event.h"

enum { TABLES_MAX = 50, TABLE_TEXT_CHARS = 500, TABLES_SECONDS_MAX = 6 * 3600 };

struct table_card {
    char name[ROOM_NAME_MAX + 1]; /* "" = its number */
    char help[ROOM_ID_MAX + 1];   /* who of it called for help last, "" = nobody */
    char *text;                   /* what it is to talk about */
};
struct tables {
    uint64_t made_seq; /* of the event that laid them: what was said at a table before is not this table's */
    unsigned count;
    bool is_free, is_open; /* free: each sits down where he likes */
    int64_t opened_ms;
    uint64_t seconds;     /* after which they close, 0 = when somebody closes them */
    struct table_card *v; /* TABLES_MAX, number n at n - 1 */
};

struct room;
struct member;
unsigned room_table(const struct room *r, const struct member *m); /* where he is now; 0 = in the plenary */
/* What was said at a table under this number is for who has his seat there. */
bool room_table_hears(const struct room *r, const struct member *m, uint64_t table, uint64_t seq);

#endif
