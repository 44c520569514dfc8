#include "server/catalogue/meeting.h"

#include <stdio.h>

#include "media/base/err.h"
#include "media/base/hmac.h"
#include "media/base/rnd.h"
#include "server/catalogue/search.h"
#include "server/store/query.h"

static const char *const when_names[WHEN_COUNT] = {"live", "upcoming", "past", "all"};
static const char *const rec_names[REC_STATE_COUNT] = {"", "recording", "ready", "failed"};

/* A planned event nobody opened stays announced for so long after its time. */
static const int64_t missed_ms = 6LL * 3600 * 1000;

bool meeting_chars_ok(struct str s, size_t max_chars, bool lines) {
    size_t chars = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        chars += (c & 0xc0) != 0x80;
        if (c == 0x7f || (c < 0x20 && !(lines && (c == '\n' || c == '\r' || c == '\t'))))
            return false;
    }
    return chars <= max_chars && str_utf8_ok(s);
}

bool meeting_title_ok(struct str title) {
    return str_trim(title).n > 0 && meeting_chars_ok(title, MEETING_TITLE_CHARS, false);
}

bool meeting_text_ok(struct str text) { return meeting_chars_ok(text, MEETING_TEXT_CHARS, true); }

void meeting_new_codes(struct meeting *m) {
    for (int i = 0; i < ROLE_HOST; i++)
        rnd_id(m->codes[i], MEETING_CODE_CHARS);
}

int meeting_code_role(const struct meeting *m, struct str code) {
    int role = ACCESS_NOBODY;
    for (int i = 0; i < ROLE_HOST; i++)
        if (code.n == MEETING_CODE_CHARS && hmac_same(code.p, m->codes[i], MEETING_CODE_CHARS))
            role = i;
    return role;
}

static int index_put(struct store *s, const struct meeting *m) {
    struct user host;
    int err = user_get(s, m->host, &host);
    if (err)
        return err;
    struct query *q = query_begin(s, Q_EVENT_FTS_DROP);
    query_put_z(q, m->id);
    int rc = query_run(q);
    if (rc < 0)
        return rc;
    const struct str texts[] = {str_of(m->title), str_of(m->description), str_of(host.name)};
    struct buf b[countof(texts)];
    q = query_begin(s, Q_EVENT_FTS_PUT);
    query_put_z(q, m->id);
    for (size_t i = 0; i < countof(texts); i++) {
        buf_init(&b[i], (size_t)4 * MEETING_TEXT_CHARS + 1);
        search_text(&b[i], texts[i]);
        query_put_str(q, buf_view(&b[i]));
    }
    rc = query_run(q);
    for (size_t i = 0; i < countof(texts); i++)
        buf_fini(&b[i]);
    return rc < 0 ? rc : 0;
}

static void put_settings(struct query *q, const struct meeting *m) {
    query_put_z(q, m->id);
    query_put_str(q, str_trim(str_of(m->title)));
    query_put_z(q, m->description);
    query_put_z(q, m->space[0] ? m->space : NULL);
    query_put_z(q, m->format);
    query_put_opt(q, m->starts_at);
    query_put_int(q, m->duration_min);
    query_put_z(q, record_policy_name(m->record));
    query_put_z(q, access_join_name(m->join));
    query_put_z(q, access_watch_name(m->watch));
    query_put_int(q, m->lobby);
}

static void put_codes(struct query *q, const struct meeting *m) {
    query_put_int(q, m->host);
    for (int i = 0; i < ROLE_HOST; i++)
        query_put_z(q, m->codes[i]);
}

static int commit(struct store *s, int err) {
    if (!err)
        return store_commit(s);
    store_rollback(s);
    return err;
}

int meeting_add_within(struct store *s, struct meeting *m) {
    rnd_id(m->id, MEETING_ID_CHARS);
    meeting_new_codes(m);
    struct query *q = query_begin(s, Q_EVENT_ADD);
    put_settings(q, m);
    query_put_int(q, m->standing);
    put_codes(q, m);
    query_put_int(q, m->created_at);
    query_put_z(q, m->zone);
    query_put_z(q, m->series[0] ? m->series : NULL);
    query_put_opt(q, m->slot_at);
    int rc = query_run(q);
    return rc < 0 ? rc : index_put(s, m);
}

int meeting_update_within(struct store *s, const struct meeting *m) {
    struct query *q = query_begin(s, Q_EVENT_UPDATE);
    put_settings(q, m);
    put_codes(q, m);
    query_put_z(q, m->zone);
    query_put_opt(q, m->slot_at);
    query_put_int(q, m->changed_at);
    query_put_opt(q, m->cancelled_at);
    int rc = query_run(q);
    return rc < 0 ? rc : rc == 0 ? -ERR_MISSING : index_put(s, m);
}

int meeting_add(struct store *s, struct meeting *m) {
    int err = store_begin(s);
    return err ? err : commit(s, meeting_add_within(s, m));
}

int meeting_update(struct store *s, const struct meeting *m) {
    int err = store_begin(s);
    return err ? err : commit(s, meeting_update_within(s, m));
}

int meeting_delete(struct store *s, const char *id) {
    int err = store_begin(s);
    if (err)
        return err;
    struct query *q = query_begin(s, Q_EVENT_FTS_DROP);
    query_put_z(q, id);
    int rc = query_run(q);
    if (rc >= 0) {
        q = query_begin(s, Q_EVENT_DELETE);
        query_put_z(q, id);
        rc = query_run(q);
    }
    return commit(s, rc < 0 ? rc : rc == 0 ? -ERR_MISSING : 0);
}

static int known(int value) { return value < 0 ? 0 : value; } /* the table's CHECK allows known names only */

static int life_of(struct str name) {
    for (int i = 0; i < LIFE_COUNT; i++)
        if (str_is(name, life_name((enum life)i)))
            return i;
    return LIFE_ENDED;
}

static void read_recording(struct query *q, struct meeting *m) {
    struct str state = query_get_str(q);
    for (int i = 0; i < REC_STATE_COUNT; i++)
        if (str_is(state, rec_names[i]))
            m->rec = (enum rec_state)i;
    m->rec_started_at = query_get_int(q);
    m->rec_duration_ms = query_get_int(q);
    m->rec_bytes = query_get_int(q);
    m->has_poster = query_get_int(q) != 0;
}

/* Columns of SQL_EVENT and the position behind them. -ERR_FULL when the arena is. */
static int read_meeting(struct query *q, struct arena *a, struct meeting *m) {
    *m = (struct meeting){.rec = REC_NONE};
    query_skip(q);
    (void)STR_COPY(m->id, query_get_str(q));
    m->title = arena_str(a, query_get_str(q));
    m->description = arena_str(a, query_get_str(q));
    (void)STR_COPY(m->space, query_get_str(q));
    (void)STR_COPY(m->format, query_get_str(q));
    m->starts_at = query_get_int(q);
    m->duration_min = query_get_int(q);
    m->record = (enum record_policy)known(record_policy_of(query_get_str(q)));
    m->join = (enum access_join)known(access_join_of(query_get_str(q)));
    m->watch = (enum access_watch)known(access_watch_of(query_get_str(q)));
    m->lobby = query_get_int(q) != 0;
    m->standing = query_get_int(q) != 0;
    m->life = (enum life)life_of(query_get_str(q));
    m->host = query_get_int(q);
    (void)STR_COPY(m->host_name, query_get_str(q));
    for (int i = 0; i < ROLE_HOST; i++)
        (void)STR_COPY(m->codes[i], query_get_str(q));
    m->created_at = query_get_int(q);
    m->opened_at = query_get_int(q);
    m->ended_at = query_get_int(q);
    read_recording(q, m);
    (void)STR_COPY(m->zone, query_get_str(q));
    (void)STR_COPY(m->series, query_get_str(q));
    m->slot_at = query_get_int(q);
    m->sequence = query_get_int(q);
    m->changed_at = query_get_int(q);
    m->cancelled_at = query_get_int(q);
    m->has_signup = !query_is_null(q);
    m->signup_required = query_get_int(q) != 0;
    m->format_n = query_is_null(q) ? -1 : 0;
    m->format_n += query_get_int(q);
    m->position_ms = query_is_null(q) ? -1 : 0;
    m->position_ms += query_get_int(q);
    return m->title && m->description ? 0 : -ERR_FULL;
}

int meeting_get(struct store *s, struct str id, struct arena *a, struct meeting *out) {
    struct query *q = query_begin(s, Q_EVENT_GET);
    query_put_str(q, id);
    int rc = query_row(q);
    int err = rc > 0 ? read_meeting(q, a, out) : rc == 0 ? -ERR_MISSING : rc;
    query_done(q);
    return err;
}

int meeting_find(struct store *s, const struct meeting_filter *f, struct arena *a, struct meeting_list *out) {
    char match[SEARCH_QUERY_MAX + 1], member[24];
    search_query(match, f->typed);
    snprintf(member, sizeof member, "u%lld", (long long)f->user);
    bool staff = f->user && f->user_role >= USER_STAFF;
    out->n = 0;
    out->total = 0;
    if (str_trim(f->typed).n && !match[0])
        return 0; /* typed, but no word in it: finds nothing rather than everything */
    struct query *q = query_begin(s, !f->lessons ? Q_EVENT_LIST : match[0] ? Q_LESSON_SEARCH : Q_LESSON_LIST);
    query_put_int(q, f->user);
    query_put_z(q, member);
    query_put_int(q, f->mine);
    query_put_str(q, f->space);
    query_put_str(q, f->format);
    query_put_z(q, match);
    query_put_int(q, staff && (f->lessons || f->when == WHEN_ALL));
    query_put_int(q, MEETING_PAGE);
    query_put_int(q, f->page * MEETING_PAGE);
    if (!f->lessons) {
        query_put_z(q, when_names[f->when]);
        query_put_int(q, f->now_ms - missed_ms);
    }
    int rc, err = 0;
    while (!err && (rc = query_row(q)) > 0 && out->n < MEETING_PAGE) {
        err = read_meeting(q, a, &out->v[out->n++]);
        out->total = query_get_int(q);
    }
    query_done(q);
    return err ? err : rc < 0 ? rc : 0;
}

int meeting_calendar(struct store *s, const struct meeting_span *f, struct arena *a, struct meeting *out,
                     size_t max) {
    char member[24];
    snprintf(member, sizeof member, "u%lld", (long long)f->user);
    struct query *q = query_begin(s, Q_EVENT_CALENDAR);
    query_put_int(q, f->user);
    query_put_z(q, member);
    query_put_int(q, f->mine);
    query_put_str(q, f->space);
    query_put_int(q, f->user && f->user_role >= USER_STAFF && !f->mine);
    query_put_int(q, f->from_ms);
    query_put_int(q, f->to_ms);
    query_put_int(q, (int64_t)max);
    size_t n = 0;
    int rc, err = 0;
    while (!err && (rc = query_row(q)) > 0 && n < max)
        err = read_meeting(q, a, &out[n++]);
    query_done(q);
    return err ? err : rc < 0 ? rc : (int)n;
}

int meeting_open_ids(struct store *s, char (*out)[MEETING_ID_CHARS + 1], size_t max) {
    struct query *q = query_begin(s, Q_EVENT_OPEN_IDS);
    query_put_int(q, (int64_t)max);
    size_t n = 0;
    int rc;
    while ((rc = query_row(q)) > 0 && n < max)
        n += STR_COPY(out[n], query_get_str(q));
    query_done(q);
    return rc < 0 ? rc : (int)n;
}

int meeting_ask_end(struct store *s, const char *id, int64_t now_ms) {
    struct query *q = query_begin(s, Q_EVENT_ASK_END);
    query_put_z(q, id);
    query_put_int(q, now_ms);
    int n = query_run(q);
    return n < 0 ? n : n == 0 ? -ERR_MISSING : 0;
}

bool meeting_end_asked(struct store *s, const char *id) {
    struct query *q = query_begin(s, Q_EVENT_END_ASKED);
    query_put_z(q, id);
    bool asked = query_row(q) > 0;
    query_done(q);
    return asked;
}

static int read_came(struct store *s, const char *id, const char *member, struct access_facts *f) {
    struct query *q = query_begin(s, Q_CAME_GET);
    query_put_z(q, id);
    query_put_z(q, member);
    int rc = query_row(q);
    if (rc > 0) {
        f->came = true;
        f->banned |= query_get_int(q) != 0;
        int granted = role_of(query_get_str(q));
        f->granted = granted < 0 ? ACCESS_NOBODY : granted;
    }
    query_done(q);
    return rc < 0 ? rc : 0;
}

static int read_registration(struct store *s, const char *id, int64_t user, const char *guest,
                             struct access_facts *f) {
    struct query *q = query_begin(s, Q_REG_STATE_OF);
    query_put_z(q, id);
    query_put_int(q, user);
    query_put_z(q, guest);
    int rc = query_row(q);
    if (rc > 0)
        f->reg = (enum reg_state)known(reg_state_of(query_get_str(q)));
    query_done(q);
    return rc < 0 ? rc : 0;
}

int meeting_facts(struct store *s, const struct meeting *m, const struct user *u, const char *guest,
                  struct access_facts *out) {
    *out = (struct access_facts){.join = m->join,
                                 .watch = m->watch,
                                 .life = m->life,
                                 .recorded = m->rec != REC_NONE,
                                 .live = m->life != LIFE_ENDED,
                                 .cancelled = m->cancelled_at != 0,
                                 .registered_only = m->signup_required,
                                 .user = u->id,
                                 .user_role = u->role,
                                 .is_host = u->id && u->id == m->host,
                                 .named = ACCESS_NOBODY,
                                 .granted = ACCESS_NOBODY,
                                 .code = ACCESS_NOBODY};
    int err = guest[0] ? read_came(s, m->id, guest, out) : 0;
    if (!err && (u->id || guest[0]))
        err = read_registration(s, m->id, u->id, guest, out);
    if (err || !u->id)
        return err;
    char member[24];
    snprintf(member, sizeof member, "u%lld", (long long)u->id);
    err = read_came(s, m->id, member, out);
    if (err)
        return err;
    struct query *q = query_begin(s, Q_PERSON_ROLE);
    query_put_z(q, m->id);
    query_put_int(q, u->id);
    int rc = query_row(q);
    if (rc > 0)
        out->named = role_of(query_get_str(q));
    query_done(q);
    return rc < 0 ? rc : 0;
}
