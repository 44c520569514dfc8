/* access — who may do what with an event and its lesson: one pure function from facts to rights, so that the
 * rules are in one place and a table test can show all of them. Pure. Thread: any. */
#ifndef ACCESS_H
#define ACCESS_H
#include "server/catalogue/user.h"
#include "server/rooms/format.h"
#include "server/rooms/room.h"

enum access_join { JOIN_PUBLIC, JOIN_LINK, JOIN_MEMBERS, JOIN_LIST, JOIN_COUNT };
enum access_watch { WATCH_PRIVATE, WATCH_UNLISTED, WATCH_PUBLIC, WATCH_COUNT };
enum { ACCESS_NOBODY = -1 }; /* in place of an enum role */

const char *access_join_name(enum access_join a);
int access_join_of(struct str name);
const char *access_watch_name(enum access_watch v);
int access_watch_of(struct str name);

struct access_facts {
    /* the event */
    enum access_join join;
    enum access_watch watch;
    enum life life;
    bool recorded; /* a recording exists, live or done */
    bool live;     /* and is being written now */
    /* the caller */
    int64_t user; /* 0: a guest */
    enum user_role user_role;
    bool is_host;
    int named; /* enum role he is named with, or ACCESS_NOBODY */
    bool came; /* the room's log let him in */
    bool banned;
    int code; /* enum role the code he brought is for, or ACCESS_NOBODY */
};
struct access {
    bool see;  /* may know that it exists */
    bool join; /* may get a ticket, as `role` */
    bool edit; /* settings, people, attendance, deletion */
    bool may_end, watch;
    bool needs_signin; /* signing in might help */
    enum role role;
};
struct access access_of(const struct access_facts *f);

#endif
