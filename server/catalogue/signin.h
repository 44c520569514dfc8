/* signin — who is signed in in a browser: a random token in its cookie, of which only the hash is kept; and
 * the brake on guessing passwords. Thread: the connection's. */
#ifndef SIGNIN_H
#define SIGNIN_H
#include "server/catalogue/user.h"

enum {
    SIGNIN_TOKEN_CHARS = 52, /* 260 bits */
    SIGNIN_CSRF_CHARS = 26,
    SIGNIN_HASH_BYTES = 32
};
#define SIGNIN_LIFE_MS (30LL * 24 * 3600 * 1000)
#define SIGNIN_RENEW_MS (24LL * 3600 * 1000) /* renewed at most once in this time: a read stays a read */

struct signin {
    struct user user;
    char csrf[SIGNIN_CSRF_CHARS + 1];
    char token[SIGNIN_TOKEN_CHARS + 1]; /* only in one just made */
    uint8_t hash[SIGNIN_HASH_BYTES];
    bool renewed; /* the cookie should be set again */
};

/* Wrong tries before a wait, each by its key; then the wait doubles from FIRST to MAX. Fails are forgotten
 * after THROTTLE_FORGET_MS without one. The narrow key first: a stranger must not lock a teacher out before a
 * class. */
enum {
    THROTTLE_PAIR_TRIES = 5, /* of one account from one address */
    THROTTLE_ACCOUNT_TRIES = 50,
    THROTTLE_ADDR_TRIES = 30, /* a school behind one address mistypes a lot */
    THROTTLE_FIRST_MS = 30 * 1000,
    THROTTLE_MAX_MS = 15 * 60 * 1000,
    THROTTLE_FORGET_MS = 30 * 60 * 1000
};
/* Pure: how long to wait after the fails-th wrong try of a key that allows `tries`; 0 = no wait. */
int64_t signin_wait_ms(int64_t fails, int64_t tries);

/* Checks e-mail and password and opens a session. -ERR_AUTH (the same for whatever is wrong), -ERR_RATE with
 * *retry_ms. */
int signin_check(struct store *s, struct str email, struct str password, struct str addr, int64_t now_ms,
                 struct signin *out, int64_t *retry_ms);
int signin_open(struct store *s, const struct user *u, int64_t now_ms, struct signin *out);
/* The session of a cookie's token, renewed when due. -ERR_AUTH when there is none or its user is blocked. */
int signin_find(struct store *s, struct str token, int64_t now_ms, struct signin *out);
int signin_close(struct store *s, const struct signin *in);
/* All of a user's sessions, but for `keep` (or NULL). */
int signin_close_user(struct store *s, int64_t user, const struct signin *keep);
int signin_sweep(struct store *s, int64_t now_ms); /* forgets what is over */

#endif
