#include "server/catalogue/pass.h"

#include "media/base/arena.h"
#include "media/base/err.h"
#include "media/base/rnd.h"
#include "server/store/query.h"

static int finish(struct store *s, int err) {
    if (!err)
        return store_commit(s);
    store_rollback(s);
    return err;
}

bool pass_is_his(const struct pass_date *p) {
    return !p->cancelled && (p->state == REG_CONFIRMED || p->state == REG_INVITED);
}

/* ---- reading ---- */

static int read_dates(struct store *s, int64_t id, int64_t now_ms, struct arena *a, struct pass *out) {
    struct query *q = query_begin(s, Q_PASS_DATES);
    query_put_int(q, id);
    query_put_int(q, PASS_DATES_MAX);
    query_put_int(q, now_ms);
    int rc = 0, err = 0;
    int64_t newest = 0;
    for (out->n = 0; !err && out->n < PASS_DATES_MAX && (rc = query_row(q)) > 0; out->n++) {
        struct pass_date *p = &out->v[out->n];
        *p = (struct pass_date){.registration = query_get_int(q)};
        (void)STR_COPY(p->event, query_get_str(q));
        p->title = arena_str(a, query_get_str(q));
        int state = reg_state_of(query_get_str(q));
        p->state = state < 0 ? REG_CANCELLED : (enum reg_state)state;
        p->starts_at = query_get_int(q);
        p->slot_at = query_get_int(q);
        p->duration_min = query_get_int(q);
        p->changed_at = query_get_int(q);
        p->cancelled = query_get_int(q) != 0;
        p->over = query_get_int(q) != 0;
        p->capacity = query_get_int(q);
        newest = p->changed_at > newest ? p->changed_at : newest;
        err = p->title ? 0 : -ERR_FULL;
    }
    query_done(q);
    /* RFC 5545 3.8.7.4 wants a number that grows; seconds since the series was made do. */
    out->sequence = newest > out->sequence ? (newest - out->sequence) / 1000 : 0;
    return rc < 0 ? rc : err;
}

int pass_get(struct store *s, int64_t id, int64_t now_ms, struct arena *a, struct pass *out) {
    struct query *q = query_begin(s, Q_PASS_GET);
    query_put_int(q, id);
    int rc = query_row(q);
    if (rc > 0) {
        (void)STR_COPY(out->code, query_get_str(q));
        (void)STR_COPY(out->series.id, query_get_str(q));
        (void)STR_COPY(out->series.rule, query_get_str(q));
        (void)STR_COPY(out->series.zone, query_get_str(q));
        out->sequence = query_get_int(q); /* when it was made, till the dates are known */
    }
    query_done(q);
    return rc > 0 ? read_dates(s, id, now_ms, a, out) : rc == 0 ? -ERR_MISSING : rc;
}

struct open_date {
    char event[MEETING_ID_CHARS + 1];
    struct signup terms; /* capacity and approval alone */
};

static int read_open(const struct signup_desk *d, const char *series, const struct registration *who,
                     struct open_date *v) {
    struct query *q = query_begin(d->store, Q_PASS_OPEN);
    query_put_z(q, series);
    query_put_int(q, d->now_ms);
    query_put_int(q, PASS_DATES_MAX);
    query_put_z(q, who->event);
    query_put_int(q, who->user);
    query_put_int(q, who->state == REG_INVITED);
    int rc, n = 0;
    while (n < PASS_DATES_MAX && (rc = query_row(q)) > 0) {
        v[n] = (struct open_date){.event = ""};
        (void)STR_COPY(v[n].event, query_get_str(q));
        v[n].terms.capacity = query_get_int(q);
        v[n++].terms.approval = query_get_int(q) != 0;
    }
    query_done(q);
    return rc < 0 ? rc : n;
}

int pass_open(const struct signup_desk *d, const char *series, const char *event, int64_t user) {
    struct open_date v[PASS_DATES_MAX];
    struct registration who = {.user = user};
    (void)STR_COPY(who.event, str_of(event));
    return read_open(d, series, &who, v);
}

/* ---- registering ---- */

static int make(const struct signup_desk *d, const char *series, struct registration *r) {
    rnd_id(r->pass_code, SIGNUP_CODE_CHARS);
    struct query *q = query_begin(d->store, Q_PASS_ADD);
    query_put_z(q, series);
    query_put_z(q, r->pass_code);
    query_put_int(q, d->now_ms);
    int err = query_exec(q);
    r->pass = store_last_id(d->store);
    return err;
}

static int tie(struct store *s, int64_t registration, int64_t pass) {
    struct query *q = query_begin(s, Q_PASS_TIE);
    query_put_int(q, registration);
    query_put_int(q, pass);
    return query_exec(q);
}

/* He was on the list of this date by his account: what he has he keeps, what he gave back he asks for. */
static int take_over(const struct signup_desk *d, const struct open_date *o, const struct registration *r,
                     struct registration *old) {
    struct registration said = *r;
    said.id = old->id;
    int err = tie(d->store, old->id, r->pass);
    if (!err)
        err = signup_answer(d->store, &said);
    if (err || (old->state != REG_CANCELLED && old->state != REG_INVITED) || r->state == REG_INVITED)
        return err;
    bool asks = o->terms.approval && old->state != REG_INVITED;
    return signup_set_within(d, &o->terms, old, asks ? REG_PENDING : REG_CONFIRMED);
}

static int add_date(const struct signup_desk *d, const struct open_date *o, const struct registration *like,
                    struct registration *one, struct arena *a) {
    struct registration old;
    *one = *like;
    (void)STR_COPY(one->event, str_of(o->event));
    int err = like->user ? signup_of(d->store, o->event, like->user, "", a, &old) : -ERR_MISSING;
    if (err == -ERR_MISSING)
        return signup_add_within(d, &o->terms, one);
    err = err ? err : take_over(d, o, like, &old);
    *one = old;
    return err;
}

static int add_all(const struct signup_desk *d, const struct open_date *v, int n, struct registration *r,
                   struct arena *a) {
    struct registration here = *r, one;
    bool found = false;
    int err = 0;
    for (int i = 0; !err && i < n; i++) {
        err = add_date(d, &v[i], r, &one, a);
        if (!strcmp(v[i].event, r->event)) {
            memcpy(here.code, one.code, sizeof here.code);
            here.id = one.id;
            here.state = one.state;
            found = true;
        }
    }
    *r = here;
    return err ? err : found ? 0 : -ERR_MISSING;
}

int pass_add(const struct signup_desk *d, const char *series, struct registration *r) {
    enum { OLD_ROWS_MAX = 4 << 20 };
    struct open_date v[PASS_DATES_MAX];
    struct arena a;
    int err = store_begin(d->store);
    if (err)
        return err;
    arena_init(&a, OLD_ROWS_MAX);
    int n = read_open(d, series, r, v);
    err = n < 0 ? n : r->pass ? 0 : make(d, series, r);
    if (!err)
        err = add_all(d, v, n, r, &a);
    arena_fini(&a);
    return finish(d->store, err);
}

/* ---- changing ---- */

static int set_date(const struct signup_desk *d, const struct pass_date *p, enum reg_state to) {
    struct registration r = {.id = p->registration, .state = p->state};
    struct signup terms = {.capacity = p->capacity};
    (void)STR_COPY(r.event, str_of(p->event));
    return signup_set_within(d, &terms, &r, to);
}

static bool may_become(const struct pass_date *p, enum reg_state to, struct pass_part part) {
    return !p->over && !p->cancelled && (to != REG_CANCELLED || p->state != REG_REFUSED) &&
           (to == REG_CANCELLED || part.given_back || p->state != REG_CANCELLED);
}

static int change(const struct signup_desk *d, int64_t id, struct pass_part part, int want,
                  enum reg_state to) {
    enum { TITLES_MAX = 1 << 20 };
    struct arena a;
    int err = store_begin(d->store);
    if (err)
        return err;
    arena_init(&a, TITLES_MAX);
    struct pass *p = arena_alloc(&a, sizeof *p);
    err = p ? pass_get(d->store, id, d->now_ms, &a, p) : -ERR_FULL;
    for (size_t i = 0; !err && i < p->n; i++)
        if (p->v[i].slot_at >= part.from_ms && p->v[i].slot_at <= part.to_ms &&
            may_become(&p->v[i], to, part) && (want < 0 || (int)p->v[i].state == want))
            err = set_date(d, &p->v[i], to);
    arena_fini(&a);
    return finish(d->store, err);
}

int pass_set(const struct signup_desk *d, int64_t id, struct pass_part part, enum reg_state to) {
    return change(d, id, part, -1, to);
}

int pass_accept(const struct signup_desk *d, int64_t id) {
    return change(d, id, (struct pass_part){.to_ms = INT64_MAX}, REG_INVITED, REG_CONFIRMED);
}

int pass_remind(struct store *s, int64_t id, bool remind) {
    struct query *q = query_begin(s, Q_PASS_REMIND);
    query_put_int(q, id);
    query_put_int(q, remind);
    return query_exec(q);
}
