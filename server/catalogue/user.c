#include "server/catalogue/user.h"

#include "media/base/err.h"
#include "server/catalogue/password.h"
#include "server/rooms/event.h"
#include "server/store/query.h"

static const char *const role_names[USER_ROLE_COUNT] = {"learner", "teacher", "staff", "admin"};

const char *user_role_name(enum user_role r) { return role_names[r]; }

int user_role_of(struct str name) { return str_index(name, role_names, USER_ROLE_COUNT); }

/* A name a room would refuse at the door is none. */
bool user_name_ok(struct str name) {
    return name.n <= USER_NAME_MAX && str_trim(name).n && room_name_ok(name);
}

int user_email(char dst[USER_EMAIL_MAX + 1], struct str email) {
    email = str_trim(email);
    size_t at = 0, ats = 0;
    if (email.n > USER_EMAIL_MAX || !str_utf8_ok(email))
        return -ERR_INVALID;
    for (size_t i = 0; i < email.n; i++) {
        char c = email.p[i];
        if ((uint8_t)c <= 0x20 || c == 0x7f || c == '"' || c == ',' || c == '<' || c == '>')
            return -ERR_INVALID;
        if (c == '@') {
            at = i;
            ats++;
        }
        dst[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    dst[email.n] = 0;
    return ats == 1 && at > 0 && at + 1 < email.n ? 0 : -ERR_INVALID;
}

int64_t user_id_of(struct str text) {
    uint64_t id;
    if (text.n < 2 || text.p[0] != 'u' || str_u64((struct str){text.p + 1, text.n - 1}, INT64_MAX, &id) < 0)
        return 0;
    return (int64_t)id;
}

int user_add(struct store *s, struct user *u, struct str password) {
    char hash[PASSWORD_HASH_MAX + 1], email[USER_EMAIL_MAX + 1];
    if (!user_name_ok(str_of(u->name)) || user_email(email, str_of(u->email)) < 0)
        return -ERR_INVALID;
    int err = password_hash(hash, password);
    if (err)
        return err;
    struct query *q = query_begin(s, Q_USER_ADD);
    query_put_z(q, email);
    query_put_str(q, str_trim(str_of(u->name)));
    query_put_z(q, role_names[u->role]);
    query_put_z(q, hash);
    query_put_int(q, u->created_at);
    err = query_run(q);
    if (err < 0)
        return err;
    u->id = store_last_id(s);
    memcpy(u->email, email, sizeof email);
    return 0;
}

static void read_user(struct query *q, struct user *out) {
    *out = (struct user){.id = query_get_int(q)};
    (void)STR_COPY(out->name, query_get_str(q));
    (void)STR_COPY(out->email, query_get_str(q));
    int role = user_role_of(query_get_str(q));
    out->role = role < 0 ? USER_LEARNER : (enum user_role)role;
    out->blocked = !str_is(query_get_str(q), "active");
    out->created_at = query_get_int(q);
}

static int one_user(struct query *q, struct user *out) {
    int rc = query_row(q);
    if (rc > 0)
        read_user(q, out);
    query_done(q);
    return rc > 0 ? 0 : rc == 0 ? -ERR_MISSING : rc;
}

int user_get(struct store *s, int64_t id, struct user *out) {
    struct query *q = query_begin(s, Q_USER_BY_ID);
    query_put_int(q, id);
    return one_user(q, out);
}

int user_by_email(struct store *s, struct str email, struct user *out) {
    char norm[USER_EMAIL_MAX + 1];
    if (user_email(norm, email) < 0)
        return -ERR_MISSING;
    struct query *q = query_begin(s, Q_USER_BY_EMAIL);
    query_put_z(q, norm);
    return one_user(q, out);
}

int user_update(struct store *s, const struct user *u) {
    if (!user_name_ok(str_of(u->name)))
        return -ERR_INVALID;
    struct query *q = query_begin(s, Q_USER_UPDATE);
    query_put_int(q, u->id);
    query_put_str(q, str_trim(str_of(u->name)));
    query_put_z(q, role_names[u->role]);
    query_put_z(q, u->blocked ? "blocked" : "active");
    int n = query_run(q);
    /* The statement changes nothing when nobody would be left to administer. */
    return n < 0 ? n : n == 0 ? -ERR_CONFLICT : 0;
}

int user_set_password(struct store *s, int64_t id, struct str password) {
    char hash[PASSWORD_HASH_MAX + 1];
    int err = password_hash(hash, password);
    if (err)
        return err;
    struct query *q = query_begin(s, Q_USER_SET_PASS);
    query_put_int(q, id);
    query_put_z(q, hash);
    int n = query_run(q);
    return n < 0 ? n : n == 0 ? -ERR_MISSING : 0;
}

bool user_password_is(struct store *s, int64_t id, struct str password) {
    char hash[PASSWORD_HASH_MAX + 1] = "";
    struct query *q = query_begin(s, Q_USER_PASS);
    query_put_int(q, id);
    if (query_row(q) > 0)
        (void)STR_COPY(hash, query_get_str(q));
    query_done(q);
    return password_check(hash[0] ? hash : NULL, password);
}

int user_void_tickets(struct store *s, int64_t id, int64_t now_s) {
    struct query *q = query_begin(s, Q_USER_VOID);
    query_put_int(q, id);
    query_put_int(q, now_s);
    return query_exec(q);
}

int user_feed(struct store *s, int64_t id, int64_t *out) {
    struct query *q = query_begin(s, Q_USER_FEED);
    query_put_int(q, id);
    int rc = query_row(q);
    if (rc > 0)
        *out = query_get_int(q);
    query_done(q);
    return rc > 0 ? 0 : rc == 0 ? -ERR_MISSING : rc;
}

int user_feed_put(struct store *s, int64_t id, int64_t feed) {
    struct query *q = query_begin(s, Q_USER_FEED_PUT);
    query_put_int(q, id);
    query_put_int(q, feed);
    return query_exec(q);
}

int user_each_void(struct store *s, int64_t now_s, int64_t max, user_void_fn *each, void *arg) {
    struct query *q = query_begin(s, Q_USER_VOIDS);
    query_put_int(q, now_s);
    query_put_int(q, now_s - USER_TICKET_LIFE_S);
    query_put_int(q, max);
    int rc;
    while ((rc = query_row(q)) > 0) {
        int64_t id = query_get_int(q);
        each(arg, id, query_get_int(q));
    }
    query_done(q);
    return rc;
}

int user_list(struct store *s, struct str like, int64_t page, struct user out[USER_PAGE], size_t *n,
              int64_t *total) {
    struct query *q = query_begin(s, Q_USER_LIST);
    query_put_str(q, like);
    query_put_int(q, USER_PAGE);
    query_put_int(q, page * USER_PAGE);
    *n = 0;
    *total = 0;
    int rc;
    while ((rc = query_row(q)) > 0) {
        read_user(q, &out[(*n)++]);
        *total = query_get_int(q);
    }
    query_done(q);
    return rc;
}
