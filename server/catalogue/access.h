/* access — who may do what with an event and its lesson: one pure function from facts to rights, so that the
 * rules are in one place and a table test can show all of them. Pure. Thread: any. */
#ifndef ACCESS_H
#define ACCESS_H
#include "server/catalogue/user.h"
#include "server/rooms/format.h"
#include "server/rooms/room.h"

enum access_join { JOIN_PUBLIC, JOIN_LINK, JOIN_MEMBERS, JOIN_LIST, JOIN_COUNT };
enum access_watch { WATCH_PRIVATE, WATCH_UNLISTED, WATCH_PUBLIC, WATCH_COUNT };
enum reg_state {
    REG_NONE, /* not registered */
    REG_INVITED,
    REG_PENDING, /* the staff has not said yes yet */
    REG_WAITING,
    REG_CONFIRMED,
    REG_REFUSED,
    REG_CANCELLED,
    REG_STATE_COUNT
};
enum { ACCESS_NOBODY = -1 }; /* in place of an enum role */

const char *access_join_name(enum access_join a);
int access_join_of(struct str name);
const char *access_watch_name(enum access_watch v);
int access_watch_of(struct str name);
const char *reg_state_name(enum reg_state st);
int reg_state_of(struct str name);

struct access_facts {
    /* the event */
    enum access_join join;
    enum access_watch watch;
    enum life life;
    bool recorded; /* a recording exists, live or done */
    bool live;     /* and is being written now */
    bool cancelled;
    bool registered_only;
    /* the caller */
    int64_t user; /* 0: a guest */
    enum user_role user_role;
    bool is_host;
    int named; /* enum role he is named with, or ACCESS_NOBODY */
    bool came; /* the room's log let him in */
    bool banned;
    int granted; /* enum role he was given in the room itself, or ACCESS_NOBODY */
    enum reg_state reg;
    int code; /* enum role the code he brought is for, or ACCESS_NOBODY */
};
struct access {
    bool see;  /* may know that it exists */
    bool join; /* may get a ticket, as `role` */
    bool edit; /* settings, people, attendance, deletion */
    bool may_end, watch;
    bool decks;        /* may bring slides */
    bool inside;       /* was let into the room, or will be: may see what is shown there to those in it */
    bool slides;       /* may read their pages: who was let into the room, and who may watch the lesson */
    bool needs_signin; /* signing in might help */
    bool needs_signup; /* registering, or what came of it, is all that is missing */
    enum reg_state reg;
    enum role role;
};
struct access access_of(const struct access_facts *f);

#endif
