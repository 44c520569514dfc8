#include "server/catalogue/people.h"

#include "media/base/err.h"
#include "server/store/query.h"

int people_put(struct store *s, const char *meeting, int64_t user, enum role role) {
    struct query *q = query_begin(s, Q_PERSON_PUT);
    query_put_z(q, meeting);
    query_put_int(q, user);
    query_put_z(q, role_name(role));
    query_put_int(q, MEETING_PEOPLE_MAX);
    int n = query_run(q);
    return n < 0 ? n : n == 0 ? -ERR_FULL : 0;
}

int people_drop(struct store *s, const char *meeting, int64_t user) {
    struct query *q = query_begin(s, Q_PERSON_DROP);
    query_put_z(q, meeting);
    query_put_int(q, user);
    int n = query_run(q);
    return n < 0 ? n : n == 0 ? -ERR_MISSING : 0;
}

int people_list(struct store *s, const char *meeting, struct person *out, size_t max) {
    struct query *q = query_begin(s, Q_PERSON_LIST);
    query_put_z(q, meeting);
    query_put_int(q, (int64_t)max);
    size_t n = 0;
    int rc;
    while ((rc = query_row(q)) > 0 && n < max) {
        struct person *p = &out[n++];
        *p = (struct person){.user = {.id = query_get_int(q)}};
        (void)STR_COPY(p->user.name, query_get_str(q));
        (void)STR_COPY(p->user.email, query_get_str(q));
        int role = user_role_of(query_get_str(q));
        p->user.role = role < 0 ? USER_LEARNER : (enum user_role)role;
        role = role_of(query_get_str(q));
        p->role = role < 0 ? ROLE_ATTENDEE : (enum role)role;
        p->came = query_get_int(q) != 0;
    }
    query_done(q);
    return rc < 0 ? rc : (int)n;
}
