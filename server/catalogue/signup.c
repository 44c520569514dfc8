#include "server/catalogue/signup.h"

#include "media/base/err.h"
#include "media/base/rnd.h"
#include "server/catalogue/outbox.h"
#include "server/store/query.h"

static const char *const email_names[SIGNUP_EMAIL_COUNT] = {"none", "optional", "needed"};
/* What is told of each state; NULL: nothing. */
static const char *const letters[REG_STATE_COUNT] = {
    [REG_INVITED] = "invitation",     [REG_PENDING] = "pending", [REG_WAITING] = "waiting",
    [REG_CONFIRMED] = "confirmation", [REG_REFUSED] = "refusal", [REG_CANCELLED] = "withdrawal"};

const char *signup_email_name(enum signup_email e) { return email_names[e]; }
int signup_email_of(struct str name) { return str_index(name, email_names, SIGNUP_EMAIL_COUNT); }

static int finish(struct store *s, int err) {
    if (!err)
        return store_commit(s);
    store_rollback(s);
    return err;
}

int signup_get(struct store *s, const char *event, struct arena *a, struct signup *out) {
    struct query *q = query_begin(s, Q_SIGNUP_GET);
    query_put_z(q, event);
    int rc = query_row(q);
    if (rc > 0) {
        *out = (struct signup){.required = query_get_int(q) != 0};
        out->capacity = query_get_int(q);
        out->approval = query_get_int(q) != 0;
        int email = signup_email_of(query_get_str(q));
        out->email = email < 0 ? SIGNUP_EMAIL_NONE : (enum signup_email)email;
        out->consent = arena_str(a, query_get_str(q));
        out->questions = arena_str(a, query_get_str(q));
        out->whole = query_get_int(q) != 0;
        out->confirmed = query_get_int(q);
        out->waiting = query_get_int(q);
        out->pending = query_get_int(q);
    }
    query_done(q);
    return rc < 0 ? rc : rc == 0 ? -ERR_MISSING : out->consent && out->questions ? 0 : -ERR_FULL;
}

/* ---- the letters ---- */

static int write_letter(const struct signup_desk *d, int64_t registration, const char *kind) {
    if (!d->mail || !kind)
        return 0;
    struct query *q = query_begin(d->store, Q_MAIL_PUT);
    query_put_int(q, registration);
    query_put_z(q, kind);
    query_put_int(q, d->now_ms);
    return query_exec(q);
}

int signup_tell(const struct signup_desk *d, const char *event, const char *kind) {
    if (!d->mail)
        return 0;
    struct query *q = query_begin(d->store, Q_MAIL_TELL);
    query_put_z(q, event);
    query_put_z(q, kind);
    query_put_int(q, d->now_ms);
    return query_exec(q);
}

/* ---- states; each within the caller's transaction ---- */

static int put_state(const struct signup_desk *d, int64_t id, enum reg_state to) {
    struct query *q = query_begin(d->store, Q_REG_STATE);
    query_put_int(q, id);
    query_put_z(q, reg_state_name(to));
    query_put_int(q, d->now_ms);
    int err = query_exec(q);
    return err ? err : write_letter(d, id, letters[to]);
}

static int64_t count(struct store *s, const char *event) {
    struct query *q = query_begin(s, Q_REG_CONFIRMED);
    query_put_z(q, event);
    int64_t n = query_row(q) > 0 ? query_get_int(q) : INT64_MAX;
    query_done(q);
    return n;
}

static int64_t next_waiting(struct store *s, const char *event) {
    struct query *q = query_begin(s, Q_REG_NEXT);
    query_put_z(q, event);
    int64_t id = query_row(q) > 0 ? query_get_int(q) : 0;
    query_done(q);
    return id;
}

/* Whoever has waited longest takes each place that is free. */
static int move_up(const struct signup_desk *d, const char *event, int64_t capacity) {
    int64_t id;
    int err = 0;
    while (!err && (!capacity || count(d->store, event) < capacity) && (id = next_waiting(d->store, event)))
        err = put_state(d, id, REG_CONFIRMED);
    return err;
}

static bool has_room(const struct signup_desk *d, const char *event, const struct signup *terms) {
    return !terms->capacity || count(d->store, event) < terms->capacity;
}

static int put_terms(const struct signup_desk *d, const char *event, const struct signup *t) {
    struct query *q = query_begin(d->store, Q_SIGNUP_PUT);
    query_put_z(q, event);
    query_put_int(q, t->required);
    query_put_int(q, t->capacity);
    query_put_int(q, t->approval);
    query_put_z(q, email_names[t->email]);
    query_put_z(q, t->consent);
    query_put_z(q, t->questions);
    query_put_int(q, t->whole);
    int err = query_exec(q);
    return err ? err : move_up(d, event, t->capacity);
}

int signup_put(const struct signup_desk *d, const char (*events)[MEETING_ID_CHARS + 1], size_t n,
               const struct signup *t) {
    int err = store_begin(d->store);
    if (err)
        return err;
    for (size_t i = 0; !err && i < n; i++)
        err = put_terms(d, events[i], t);
    return finish(d->store, err);
}

int signup_drop(struct store *s, const char (*events)[MEETING_ID_CHARS + 1], size_t n) {
    int rows = 0, dropped = 0, err = store_begin(s);
    if (err)
        return err;
    for (size_t i = 0; rows >= 0 && i < n; i++) {
        struct query *q = query_begin(s, Q_SIGNUP_DROP);
        query_put_z(q, events[i]);
        rows = query_run(q);
        dropped += rows > 0;
    }
    return finish(s, rows < 0 ? rows : dropped ? 0 : -ERR_MISSING);
}

static int add_row(const struct signup_desk *d, struct registration *r) {
    struct query *q = query_begin(d->store, Q_REG_ADD);
    query_put_z(q, r->event);
    query_put_opt(q, r->user);
    query_put_z(q, r->code);
    query_put_z(q, r->name);
    query_put_z(q, r->email);
    query_put_z(q, r->lang);
    query_put_z(q, reg_state_name(r->state));
    query_put_z(q, r->answers);
    query_put_z(q, r->member);
    query_put_int(q, d->now_ms);
    query_put_int(q, SIGNUP_MAX);
    query_put_opt(q, r->pass);
    query_put_z(q, r->langs);
    int n = query_run(q);
    r->id = store_last_id(d->store);
    return n < 0 ? n : n == 0 ? -ERR_FULL : write_letter(d, r->id, letters[r->state]);
}

int signup_add_within(const struct signup_desk *d, const struct signup *terms, struct registration *r) {
    rnd_id(r->code, SIGNUP_CODE_CHARS);
    r->created_at = d->now_ms;
    if (r->state != REG_INVITED)
        r->state = terms->approval ? REG_PENDING : has_room(d, r->event, terms) ? REG_CONFIRMED : REG_WAITING;
    return add_row(d, r);
}

int signup_add(const struct signup_desk *d, const struct signup *terms, struct registration *r) {
    int err = store_begin(d->store);
    return err ? err : finish(d->store, signup_add_within(d, terms, r));
}

int signup_set_within(const struct signup_desk *d, const struct signup *terms, struct registration *r,
                      enum reg_state to) {
    if (to == REG_CONFIRMED && r->state != REG_CONFIRMED && !has_room(d, r->event, terms))
        to = REG_WAITING;
    int err = to == r->state ? 0 : put_state(d, r->id, to);
    if (!err && r->state == REG_CONFIRMED)
        err = move_up(d, r->event, terms->capacity);
    if (!err)
        r->state = to;
    return err;
}

int signup_set(const struct signup_desk *d, const struct signup *terms, struct registration *r,
               enum reg_state to) {
    struct registration next = *r;
    int err = store_begin(d->store);
    if (err)
        return err;
    err = finish(d->store, signup_set_within(d, terms, &next, to));
    if (!err)
        *r = next;
    return err;
}

/* ---- reading ---- */

static int read_row(struct query *q, struct arena *a, struct registration *r) {
    *r = (struct registration){.id = query_get_int(q)};
    (void)STR_COPY(r->event, query_get_str(q));
    r->user = query_get_int(q);
    (void)STR_COPY(r->code, query_get_str(q));
    (void)STR_COPY(r->name, query_get_str(q));
    (void)STR_COPY(r->email, query_get_str(q));
    (void)STR_COPY(r->lang, query_get_str(q));
    int state = reg_state_of(query_get_str(q));
    r->state = state < 0 ? REG_CANCELLED : (enum reg_state)state;
    r->answers = arena_str(a, query_get_str(q));
    r->remind = query_get_int(q) != 0;
    (void)STR_COPY(r->member, query_get_str(q));
    r->created_at = query_get_int(q);
    r->place = query_get_int(q);
    r->pass = query_get_int(q);
    (void)STR_COPY(r->pass_code, query_get_str(q));
    (void)STR_COPY(r->langs, query_get_str(q));
    return r->answers ? 0 : -ERR_FULL;
}

static int one(struct query *q, struct arena *a, struct registration *out) {
    int rc = query_row(q);
    int err = rc > 0 ? read_row(q, a, out) : rc == 0 ? -ERR_MISSING : rc;
    query_done(q);
    return err;
}

int signup_by_code(struct store *s, struct str code, int64_t now_ms, struct arena *a,
                   struct registration *out) {
    if (code.n != SIGNUP_CODE_CHARS)
        return -ERR_MISSING;
    struct query *q = query_begin(s, Q_REG_BY_CODE);
    query_put_str(q, code);
    query_put_int(q, now_ms);
    return one(q, a, out);
}

int signup_by_code_at(struct store *s, struct str code, const char *event, struct arena *a,
                      struct registration *out) {
    if (code.n != SIGNUP_CODE_CHARS)
        return -ERR_MISSING;
    struct query *q = query_begin(s, Q_REG_BY_CODE_AT);
    query_put_str(q, code);
    query_put_z(q, event);
    return one(q, a, out);
}

int signup_by_id(struct store *s, const char *event, int64_t id, struct arena *a, struct registration *out) {
    struct query *q = query_begin(s, Q_REG_BY_ID);
    query_put_z(q, event);
    query_put_int(q, id);
    return one(q, a, out);
}

int outbox_registration(struct store *s, int64_t id, struct arena *a, struct registration *out) {
    struct query *q = query_begin(s, Q_REG_BY_ROW);
    query_put_int(q, id);
    return one(q, a, out);
}

int signup_of(struct store *s, const char *event, int64_t user, const char *member, struct arena *a,
              struct registration *out) {
    struct query *q = query_begin(s, Q_REG_OF);
    query_put_z(q, event);
    query_put_int(q, user);
    query_put_z(q, member);
    return one(q, a, out);
}

int signup_list(struct store *s, const char *event, struct arena *a, struct registration *out, size_t max) {
    struct query *q = query_begin(s, Q_REG_LIST);
    query_put_z(q, event);
    query_put_int(q, (int64_t)max);
    size_t n = 0;
    int rc = 0, err = 0;
    while (!err && n < max && (rc = query_row(q)) > 0)
        err = read_row(q, a, &out[n++]);
    query_done(q);
    return err ? err : rc < 0 ? rc : (int)n;
}

int signup_answer(struct store *s, const struct registration *r) {
    struct query *q = query_begin(s, Q_REG_ANSWER);
    query_put_int(q, r->id);
    query_put_z(q, r->name);
    query_put_z(q, r->email);
    query_put_z(q, r->lang);
    query_put_z(q, r->answers);
    return query_exec(q);
}

int signup_remind(struct store *s, int64_t id, bool remind) {
    struct query *q = query_begin(s, Q_REG_REMIND);
    query_put_int(q, id);
    query_put_int(q, remind);
    return query_exec(q);
}

int signup_langs(struct store *s, int64_t id, const char *langs) {
    struct query *q = query_begin(s, Q_REG_LANGS);
    query_put_int(q, id);
    query_put_z(q, langs);
    return query_exec(q);
}

int signup_bind(struct store *s, int64_t id, const char *member) {
    struct query *q = query_begin(s, Q_REG_BIND);
    query_put_int(q, id);
    query_put_z(q, member);
    return query_exec(q);
}

int signup_sweep(struct store *s, int64_t now_ms) {
    struct query *q = query_begin(s, Q_REG_SWEEP);
    query_put_int(q, now_ms - SIGNUP_KEEP_DAYS * 86400000LL);
    return query_exec(q);
}
