#include "server/catalogue/signin.h"

#include <stdio.h>

#include "media/base/err.h"
#include "media/base/hmac.h"
#include "media/base/rnd.h"
#include "server/catalogue/password.h"
#include "server/store/query.h"

enum { KEYS = 3, KEY_MAX = 256 };

struct throttle {
    char key[KEYS][KEY_MAX];
};
static const int64_t tries_of[KEYS] = {THROTTLE_PAIR_TRIES, THROTTLE_ACCOUNT_TRIES, THROTTLE_ADDR_TRIES};

int64_t signin_wait_ms(int64_t fails, int64_t tries) {
    if (fails < tries)
        return 0;
    int64_t wait = THROTTLE_FIRST_MS;
    for (int64_t i = tries; i < fails && wait < THROTTLE_MAX_MS; i++)
        wait *= 2;
    return wait < THROTTLE_MAX_MS ? wait : THROTTLE_MAX_MS;
}

static void throttle_init(struct throttle *t, const char *email, struct str addr) {
    snprintf(t->key[0], KEY_MAX, "p:" STR_FMT ":%s", STR_ARG(addr), email);
    snprintf(t->key[1], KEY_MAX, "u:%s", email);
    snprintf(t->key[2], KEY_MAX, "a:" STR_FMT, STR_ARG(addr));
}

/* The wait that is left, 0 when a try is free, -ERR_x. */
static int64_t throttle_wait(struct store *s, const struct throttle *t, int64_t now_ms) {
    int64_t wait = 0;
    for (int i = 0; i < KEYS; i++) {
        struct query *q = query_begin(s, Q_TRY_UNTIL);
        query_put_z(q, t->key[i]);
        int rc = query_row(q);
        int64_t left = rc > 0 ? query_get_int(q) - now_ms : 0;
        query_done(q);
        if (rc < 0)
            return rc;
        if (left > wait)
            wait = left;
    }
    return wait;
}

static int throttle_fail(struct store *s, const struct throttle *t, int64_t now_ms) {
    int err = store_begin(s);
    for (int i = 0; !err && i < KEYS; i++) {
        struct query *q = query_begin(s, Q_TRY_FAIL);
        query_put_z(q, t->key[i]);
        query_put_int(q, now_ms);
        query_put_int(q, now_ms - THROTTLE_FORGET_MS);
        int rc = query_row(q);
        int64_t fails = rc > 0 ? query_get_int(q) : 0;
        query_done(q);
        if (rc < 0) {
            err = rc;
            break;
        }
        q = query_begin(s, Q_TRY_WAIT);
        query_put_z(q, t->key[i]);
        query_put_int(q, now_ms + signin_wait_ms(fails, tries_of[i]));
        err = query_exec(q);
    }
    if (err) {
        store_rollback(s);
        return err;
    }
    return store_commit(s);
}

static int throttle_forgive(struct store *s, const struct throttle *t) {
    /* Not the address: its other tries may be somebody else's. */
    for (int i = 0; i < 2; i++) {
        struct query *q = query_begin(s, Q_TRY_DROP);
        query_put_z(q, t->key[i]);
        int err = query_exec(q);
        if (err)
            return err;
    }
    return 0;
}

int signin_open(struct store *s, const struct user *u, int64_t now_ms, struct signin *out) {
    *out = (struct signin){.user = *u};
    rnd_id(out->token, SIGNIN_TOKEN_CHARS);
    rnd_id(out->csrf, SIGNIN_CSRF_CHARS);
    hmac_digest_sha256(out->hash, (struct bytes){(const uint8_t *)out->token, SIGNIN_TOKEN_CHARS});
    struct query *q = query_begin(s, Q_SESSION_ADD);
    query_put_bytes(q, (struct bytes){out->hash, sizeof out->hash});
    query_put_int(q, u->id);
    query_put_z(q, out->csrf);
    query_put_int(q, now_ms);
    query_put_int(q, now_ms + SIGNIN_LIFE_MS);
    return query_exec(q);
}

int signin_check(struct store *s, struct str email, struct str password, struct str addr, int64_t now_ms,
                 struct signin *out, int64_t *retry_ms) {
    char norm[USER_EMAIL_MAX + 1];
    if (user_email(norm, email) < 0)
        (void)str_copy(norm, sizeof norm, STR("?"));
    struct throttle t;
    throttle_init(&t, norm, addr);
    int64_t wait = throttle_wait(s, &t, now_ms);
    if (wait < 0)
        return (int)wait;
    if (wait > 0) {
        *retry_ms = wait;
        return -ERR_RATE;
    }
    struct user u;
    int err = user_by_email(s, str_of(norm), &u);
    if (err && err != -ERR_MISSING)
        return err;
    bool good = user_password_is(s, err ? 0 : u.id, password);
    if (err || !good || u.blocked) {
        err = throttle_fail(s, &t, now_ms);
        return err ? err : -ERR_AUTH;
    }
    err = throttle_forgive(s, &t);
    return err ? err : signin_open(s, &u, now_ms, out);
}

int signin_find(struct store *s, struct str token, int64_t now_ms, struct signin *out) {
    if (token.n != SIGNIN_TOKEN_CHARS)
        return -ERR_AUTH;
    *out = (struct signin){.renewed = false};
    hmac_digest_sha256(out->hash, (struct bytes){(const uint8_t *)token.p, token.n});
    struct query *q = query_begin(s, Q_SESSION_FIND);
    query_put_bytes(q, (struct bytes){out->hash, sizeof out->hash});
    query_put_int(q, now_ms);
    int rc = query_row(q);
    int64_t user = 0, expires_at = 0;
    if (rc > 0) {
        user = query_get_int(q);
        (void)STR_COPY(out->csrf, query_get_str(q));
        expires_at = query_get_int(q);
    }
    query_done(q);
    if (rc <= 0)
        return rc < 0 ? rc : -ERR_AUTH;
    int err = user_get(s, user, &out->user);
    if (err || out->user.blocked)
        return err && err != -ERR_MISSING ? err : -ERR_AUTH;
    if (expires_at - now_ms < SIGNIN_LIFE_MS - SIGNIN_RENEW_MS) {
        q = query_begin(s, Q_SESSION_RENEW);
        query_put_bytes(q, (struct bytes){out->hash, sizeof out->hash});
        query_put_int(q, now_ms + SIGNIN_LIFE_MS);
        out->renewed = query_run(q) > 0;
        (void)STR_COPY(out->token, token);
    }
    return 0;
}

int signin_close(struct store *s, const struct signin *in) {
    struct query *q = query_begin(s, Q_SESSION_DROP);
    query_put_bytes(q, (struct bytes){in->hash, sizeof in->hash});
    return query_exec(q);
}

int signin_close_user(struct store *s, int64_t user, const struct signin *keep) {
    struct query *q = query_begin(s, Q_SESSION_DROP_USER);
    query_put_int(q, user);
    query_put_bytes(q, keep ? (struct bytes){keep->hash, sizeof keep->hash} : (struct bytes){NULL, 0});
    return query_exec(q);
}

int signin_sweep(struct store *s, int64_t now_ms) {
    struct query *q = query_begin(s, Q_SESSION_SWEEP);
    query_put_int(q, now_ms);
    int err = query_exec(q);
    if (err)
        return err;
    q = query_begin(s, Q_TRY_SWEEP);
    query_put_int(q, now_ms - THROTTLE_FORGET_MS);
    return query_exec(q);
}
