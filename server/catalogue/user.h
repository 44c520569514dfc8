/* user — accounts: who may sign in, and what for. Thread: the connection's. Limits: enumerators. */
#ifndef USER_H
#define USER_H
#include "server/store/store.h"

enum {
    USER_NAME_MAX = 160,
    USER_EMAIL_MAX = 128,
    USER_PAGE = 24,
    USER_TICKET_LIFE_S = 6 * 3600 /* of a ticket into a room minted for an account */
};
enum user_role { USER_LEARNER, USER_TEACHER, USER_STAFF, USER_ADMIN, USER_ROLE_COUNT }; /* by rank */

struct user {
    int64_t id; /* 0 = nobody */
    char name[USER_NAME_MAX + 1], email[USER_EMAIL_MAX + 1];
    enum user_role role;
    bool blocked;
    int64_t created_at;
};

const char *user_role_name(enum user_role r);
int user_role_of(struct str name); /* or -ERR_INVALID */
bool user_name_ok(
    struct str name); /* 1..ROOM_NAME_CHARS characters, something visible, no control characters */
/* Trimmed and in lower case (ASCII) into dst; -ERR_INVALID when it is not name@host. */
int user_email(char dst[USER_EMAIL_MAX + 1], struct str email);
int64_t user_id_of(struct str text); /* "u12" -> 12; 0 for anything else */

/* u->id is filled. -ERR_INVALID (name, e-mail, password), -ERR_CONFLICT (e-mail taken), -ERR_IO. */
int user_add(struct store *s, struct user *u, struct str password);
int user_get(struct store *s, int64_t id, struct user *out);            /* -ERR_MISSING */
int user_by_email(struct store *s, struct str email, struct user *out); /* -ERR_MISSING */
/* Name, role and state of u->id. -ERR_CONFLICT when it would leave no active administrator. */
int user_update(struct store *s, const struct user *u);
int user_set_password(struct store *s, int64_t id, struct str password);
bool user_password_is(struct store *s, int64_t id, struct str password);
/* Tickets minted for the account until now_s (Unix seconds) let nobody in any more. */
int user_void_tickets(struct store *s, int64_t id, int64_t now_s);
/* Which address of his calendar is good (server/http/feed.h): odd = there is one; -ERR_MISSING of a blocked
 * one. */
int user_feed(struct store *s, int64_t id, int64_t *out);
int user_feed_put(struct store *s, int64_t id, int64_t feed);
/* Calls each(arg, account, until_s) for at most `max` accounts with void tickets: the blocked ones (until
 * now), and those voided within the life of a ticket. */
typedef void user_void_fn(void *arg, int64_t id, int64_t until_s);
int user_each_void(struct store *s, int64_t now_s, int64_t max, user_void_fn *each, void *arg);
/* Page (from 0) of accounts whose name or e-mail has `like` in it ("" = all); USER_PAGE at most into out.
 * The number in *n, of all pages in *total. */
int user_list(struct store *s, struct str like, int64_t page, struct user out[USER_PAGE], size_t *n,
              int64_t *total);

#endif
