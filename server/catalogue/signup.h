/* signup — registration for a meeting: its terms, who is registered, the waiting list that moves up by
 * itself, and the letters each change calls for (rows of `mail`, in the same transaction). Thread: the
 * connection's. Limits: SIGNUP_MAX a meeting. As little as the centre needs is kept: a guest's e-mail and
 * answers go SIGNUP_KEEP_DAYS after the end (signup_sweep). */
#ifndef SIGNUP_H
#define SIGNUP_H
#include "server/catalogue/meeting.h"
#include "server/rooms/channels.h"

enum { SIGNUP_MAX = 5000, SIGNUP_CODE_CHARS = 20, SIGNUP_KEEP_DAYS = 30, SIGNUP_CAPACITY_MAX = 5000 };
enum { SIGNUP_LANGS_MAX = CHANNELS_EACH * (CHANNEL_LANG_MAX + 1) };
enum signup_email { SIGNUP_EMAIL_NONE, SIGNUP_EMAIL_OPTIONAL, SIGNUP_EMAIL_NEEDED, SIGNUP_EMAIL_COUNT };

struct signup {
    bool required;    /* only who is registered may join */
    bool whole;       /* one registers for all dates of the series that have this (pass.h) */
    int64_t capacity; /* 0: as many as come */
    bool approval;
    enum signup_email email;
    const char *consent, *questions;     /* the arena's; questions: JSON of form_doc */
    int64_t confirmed, waiting, pending; /* how many; filled by signup_get */
};
struct registration {
    int64_t id, user; /* user 0: no account */
    char event[MEETING_ID_CHARS + 1], code[SIGNUP_CODE_CHARS + 1];
    char name[USER_NAME_MAX + 1], email[USER_EMAIL_MAX + 1], lang[3], member[33];
    enum reg_state state;
    const char *answers; /* the arena's; JSON */
    bool remind;
    int64_t created_at, place; /* place: in the waiting list, from 1; else 0 */
    int64_t pass;              /* 0: for this date alone */
    char pass_code[SIGNUP_CODE_CHARS + 1];
    char langs[SIGNUP_LANGS_MAX + 1]; /* named to interpret into these, one a line; "" = not */
};
/* Who asks for a change: with mail, letters are written about it. */
struct signup_desk {
    struct store *store;
    bool mail;
    int64_t now_ms;
};

const char *signup_email_name(enum signup_email e);
int signup_email_of(struct str name);
int signup_get(struct store *s, const char *event, struct arena *a, struct signup *out); /* -ERR_MISSING */
/* One's terms or those of n dates of a series, all or none; moves the lists up. */
int signup_put(const struct signup_desk *d, const char (*events)[MEETING_ID_CHARS + 1], size_t n,
               const struct signup *terms);
/* -ERR_MISSING when none of them has any. */
int signup_drop(struct store *s, const char (*events)[MEETING_ID_CHARS + 1], size_t n);

/* Who he is and what he answered is given; id, code and state are filled: pending where staff approves,
 * confirmed while there is room, else waiting. -ERR_CONFLICT: his account is registered; -ERR_FULL. */
int signup_add(const struct signup_desk *d, const struct signup *terms, struct registration *r);
int signup_by_code(struct store *s, struct str code, int64_t now_ms, struct arena *a,
                   struct registration *out);
/* Of an event: by the registration's own code or by that of the pass it belongs to. */
int signup_by_code_at(struct store *s, struct str code, const char *event, struct arena *a,
                      struct registration *out);
int signup_by_id(struct store *s, const char *event, int64_t id, struct arena *a, struct registration *out);
/* This account's or this guest's ("" = none); -ERR_MISSING. */
int signup_of(struct store *s, const char *event, int64_t user, const char *member, struct arena *a,
              struct registration *out);
/* Name, e-mail, language and answers of a row that is there. */
int signup_answer(struct store *s, const struct registration *r);
/* By arrival; max at most. The number, or -ERR_x. */
int signup_list(struct store *s, const char *event, struct arena *a, struct registration *out, size_t max);
/* A change of state; `confirmed` becomes waiting where it is full. r->state is what came of it. */
int signup_set(const struct signup_desk *d, const struct signup *terms, struct registration *r,
               enum reg_state to);
/* signup_add and signup_set in the caller's transaction. */
int signup_add_within(const struct signup_desk *d, const struct signup *terms, struct registration *r);
int signup_set_within(const struct signup_desk *d, const struct signup *terms, struct registration *r,
                      enum reg_state to);
int signup_remind(struct store *s, int64_t id, bool remind);
int signup_langs(struct store *s, int64_t id, const char *langs);
int signup_bind(struct store *s, int64_t id, const char *member); /* who he is in the room */
/* A letter of this kind to everybody who is coming or waiting: the event moved, or is called off. */
int signup_tell(const struct signup_desk *d, const char *event, const char *kind);
int signup_sweep(struct store *s, int64_t now_ms);

#endif
