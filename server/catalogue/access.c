#include "server/catalogue/access.h"

#include "media/base/err.h"

static const char *const join_names[JOIN_COUNT] = {"public", "link", "members", "list"};
static const char *const watch_names[WATCH_COUNT] = {"private", "unlisted", "public"};

const char *access_join_name(enum access_join a) { return join_names[a]; }
const char *access_watch_name(enum access_watch v) { return watch_names[v]; }

static int name_of(const char *const names[], int n, struct str name) {
    for (int i = 0; i < n; i++)
        if (str_is(name, names[i]))
            return i;
    return -ERR_INVALID;
}

int access_join_of(struct str name) { return name_of(join_names, JOIN_COUNT, name); }
int access_watch_of(struct str name) { return name_of(watch_names, WATCH_COUNT, name); }

static enum role role_in(const struct access_facts *f, bool staff) {
    int role = ROLE_ATTENDEE;
    if (f->is_host)
        role = ROLE_HOST;
    else if (staff)
        role = ROLE_COHOST; /* they answer for what happens there */
    if (f->named > role)
        role = f->named;
    if (f->code > role)
        role = f->code;
    return (enum role)role;
}

struct access access_of(const struct access_facts *f) {
    bool staff = f->user && f->user_role >= USER_STAFF;
    bool mine = f->is_host || staff;
    bool invited = mine || f->named != ACCESS_NOBODY || f->code != ACCESS_NOBODY;
    bool open_to =
        invited || f->join == JOIN_PUBLIC || f->join == JOIN_LINK || (f->join == JOIN_MEMBERS && f->user);
    struct access a = {.role = role_in(f, staff)};

    /* Nobody can lock the host or the staff out of their own room. */
    bool out = f->banned && !mine;
    a.join = open_to && !out && f->life != LIFE_ENDED;
    a.edit = mine;
    a.may_end = mine && f->life == LIFE_OPEN;
    if (f->recorded) {
        a.watch = mine || ((f->named != ACCESS_NOBODY || f->came) && !out);
        /* The visibility is that of the lesson: while it is live, it is for those who are in it. */
        if (!f->live && f->watch != WATCH_PRIVATE && !out)
            a.watch = true;
    }
    a.see = open_to || a.watch || f->came;
    a.needs_signin = !f->user && !open_to && f->join == JOIN_MEMBERS;
    return a;
}
