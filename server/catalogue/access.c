#include "server/catalogue/access.h"

static const char *const join_names[JOIN_COUNT] = {"public", "link", "members", "list"};
static const char *const watch_names[WATCH_COUNT] = {"private", "unlisted", "public"};

const char *access_join_name(enum access_join a) { return join_names[a]; }
const char *access_watch_name(enum access_watch v) { return watch_names[v]; }

static const char *const reg_names[REG_STATE_COUNT] = {"",          "invited", "pending",  "waiting",
                                                       "confirmed", "refused", "cancelled"};

const char *reg_state_name(enum reg_state st) { return reg_names[st]; }
int reg_state_of(struct str name) { return str_index(name, reg_names, REG_STATE_COUNT); }

int access_join_of(struct str name) { return str_index(name, join_names, JOIN_COUNT); }
int access_watch_of(struct str name) { return str_index(name, watch_names, WATCH_COUNT); }

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
    bool expected = f->reg == REG_INVITED || f->reg == REG_CONFIRMED;
    bool open_to = invited || expected || f->join == JOIN_PUBLIC || f->join == JOIN_LINK ||
                   (f->join == JOIN_MEMBERS && f->user);
    struct access a = {.role = role_in(f, staff), .reg = f->reg};

    /* Nobody can lock the host or the staff out of their own room. */
    bool out = f->banned && !mine;
    a.join = open_to && !out && f->life != LIFE_ENDED && !f->cancelled;
    a.needs_signup = a.join && f->registered_only && !invited && !expected;
    a.join = a.join && !a.needs_signup;
    a.edit = mine;
    a.may_end = mine && f->life == LIFE_OPEN;
    if (f->recorded) {
        a.watch = mine || ((f->named != ACCESS_NOBODY || f->came) && !out);
        /* The visibility is that of the lesson: while it is live, it is for those who are in it. */
        if (!f->live && f->watch != WATCH_PRIVATE && !out)
            a.watch = true;
    }
    a.decks = mine || (a.join && a.role >= ROLE_COHOST);
    /* Whom the room itself made co-host brings slides, too, and no longer once it took that back. */
    if (f->granted != ACCESS_NOBODY && !mine)
        a.decks = f->granted >= ROLE_COHOST && f->came && !out && f->life != LIFE_ENDED && !f->cancelled;
    a.inside = a.decks || ((f->came || f->named != ACCESS_NOBODY) && !out);
    a.slides = a.watch || a.inside;
    a.see = open_to || a.watch || f->came || f->reg != REG_NONE;
    a.needs_signin = !f->user && !open_to && f->join == JOIN_MEMBERS;
    return a;
}
