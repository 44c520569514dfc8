#include "server/catalogue/people.h"

#include "media/base/err.h"
#include "server/http/docs.h"
#include "server/http/endpoints.h"

static struct json *person_doc(const struct person *p) {
    struct json *j = json_object();
    json_set(j, "user", docs_user(&p->user, false));
    json_set_z(j, "role", role_name(p->role));
    json_set_bool(j, "came", p->came);
    return j;
}

int api_people_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    int err = handler_event_edit(a, q, &m);
    if (err)
        return err;
    struct person *v = arena_alloc(q->arena, MEETING_PEOPLE_MAX * sizeof *v);
    int n = v ? people_list(a->store, m.id, v, MEETING_PEOPLE_MAX) : -ERR_FULL;
    if (n < 0)
        return n;
    struct json *j = json_object(), *list = json_array();
    for (int i = 0; i < n; i++)
        json_add(list, person_doc(&v[i]));
    json_set(j, "people", list);
    return handler_answer(r, 200, j);
}

static int named_role_of(struct str name) {
    int role = role_of(name);
    return role == ROLE_HOST ? -ERR_INVALID : role; /* there is one host: the event's */
}

int api_people_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct person p = {.role = ROLE_ATTENDEE};
    struct json *j;
    struct str email;
    int role = ROLE_ATTENDEE;
    int err = handler_event_edit(a, q, &m);
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_str(a, j, "email", true, &email);
    if (!err)
        err = handler_word(a, j, "role", named_role_of, &role);
    if (!err) {
        err = user_by_email(a->store, email, &p.user);
        if (err == -ERR_MISSING)
            err = handler_fail(a, err, "email", "There is no account with this e-mail.");
    }
    json_free(j);
    if (!err)
        err = people_put(a->store, m.id, p.user.id, (enum role)role);
    if (err)
        return err;
    p.role = (enum role)role;
    struct json *out = json_object();
    json_set(out, "person", person_doc(&p));
    return handler_answer(r, 201, out);
}

int api_person_delete(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    int err = handler_event_edit(a, q, &m);
    if (!err)
        err = people_drop(a->store, m.id, user_id_of(q->params[1]));
    return err ? err : handler_empty(r, 204);
}
