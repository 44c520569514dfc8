#include "media/base/err.h"
#include "server/catalogue/password.h"
#include "server/http/docs.h"
#include "server/http/endpoints.h"
#include "server/http/urlquery.h"

int api_users_get(struct api *a, const struct req *q, struct reply *r) {
    struct user *v = arena_alloc(q->arena, USER_PAGE * sizeof *v);
    struct str like = {"", 0};
    size_t n = 0;
    int64_t total = 0, page = handler_page(q);
    if (!v)
        return -ERR_FULL;
    (void)urlquery_get(q->query, "q", q->arena, &like);
    int err = user_list(a->store, like, page, v, &n, &total);
    if (err)
        return err;
    struct json *j = json_object(), *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_add(list, docs_user(&v[i], true));
    json_set(j, "users", list);
    handler_pages(j, page, total, USER_PAGE);
    return handler_answer(r, 200, j);
}

/* Staff look after teachers and learners; only an administrator after staff and administrators. */
static bool may_manage(const struct api *a, enum user_role role) {
    return a->in.user.role == USER_ADMIN || role < USER_STAFF;
}

static int read_user(struct api *a, const struct json *j, struct user *u, bool is_new) {
    struct str name = str_of(u->name), state = {"", 0};
    int role = (int)u->role;
    int err = handler_str(a, j, "name", is_new, &name);
    if (!err)
        err = handler_word(a, j, "role", user_role_of, &role);
    if (!err && !is_new)
        err = handler_str(a, j, "state", false, &state);
    if (err)
        return err;
    if (!user_name_ok(name))
        return handler_fail(a, -ERR_INVALID, "name", "A name has 1 to 80 bytes.");
    if (state.n && !str_is(state, "active") && !str_is(state, "blocked"))
        return handler_fail(a, -ERR_INVALID, "state", "A state is active or blocked.");
    if (!may_manage(a, (enum user_role)role))
        return handler_fail(a, -ERR_DENIED, "role", "Only an administrator gives this role.");
    char copy[USER_NAME_MAX + 1];
    (void)STR_COPY(copy, name); /* name may be a view of u->name */
    (void)STR_COPY(u->name, str_of(copy));
    u->role = (enum user_role)role;
    if (state.n)
        u->blocked = str_is(state, "blocked");
    return 0;
}

static int add_user(struct api *a, const struct json *j, struct user *u, struct str password) {
    struct str email;
    int err = read_user(a, j, u, true);
    if (!err)
        err = handler_str(a, j, "email", true, &email);
    if (err)
        return err;
    if (!json_get(j, "role"))
        return handler_fail(a, -ERR_INVALID, "role", "This is missing.");
    if (!password_ok(password))
        return handler_fail(a, -ERR_INVALID, "password", "A password has at least 8 characters.");
    if (user_email(u->email, email) < 0)
        return handler_fail(a, -ERR_INVALID, "email", "This is not an e-mail address.");
    err = user_add(a->store, u, password);
    return err == -ERR_CONFLICT ? handler_fail(a, err, "email", "There is an account with this e-mail.")
                                : err;
}

int api_users_post(struct api *a, const struct req *q, struct reply *r) {
    char made[PASSWORD_MADE_CHARS + 1] = "";
    struct str password = {NULL, 0};
    struct user u = {.role = USER_LEARNER, .created_at = q->now_ms};
    struct json *j;
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_str(a, j, "password", false, &password);
    if (!err && !password.p) {
        password_make(made);
        password = str_of(made);
    }
    if (!err)
        err = add_user(a, j, &u, password);
    json_free(j);
    if (err)
        return err;
    struct json *out = json_object();
    json_set(out, "user", docs_user(&u, true));
    if (made[0])
        json_set_z(out, "password", made);
    return handler_answer(r, 201, out);
}

/* Nothing of what he had lets him in any more, not even after the server was restarted. */
static int throw_out(struct api *a, const struct req *q, const struct user *u, struct reply *r) {
    int err = user_void_tickets(a->store, u->id, q->now_ms / 1000);
    if (!err)
        err = signin_close_user(a->store, u->id, NULL);
    reply_effect(r, EFFECT_USER_GONE, (struct str){"", 0}, u->id);
    return err;
}

static int change_user(struct api *a, const struct req *q, const struct json *j, struct user *u,
                       struct reply *r) {
    struct str password = {NULL, 0};
    int err = handler_str(a, j, "password", false, &password);
    if (!err)
        err = read_user(a, j, u, false);
    if (err)
        return err;
    if (password.p && !password_ok(password))
        return handler_fail(a, -ERR_INVALID, "password", "A password has at least 8 characters.");
    err = user_update(a->store, u);
    if (err == -ERR_CONFLICT)
        return handler_fail(a, err, NULL, "There must be an active administrator.");
    if (!err && password.p)
        err = user_set_password(a->store, u->id, password);
    return !err && (password.p || u->blocked) ? throw_out(a, q, u, r) : err;
}

int api_user_patch(struct api *a, const struct req *q, struct reply *r) {
    struct user u;
    struct json *j;
    int err = user_get(a->store, user_id_of(q->params[0]), &u);
    if (err)
        return err;
    if (!may_manage(a, u.role))
        return -ERR_DENIED;
    err = handler_body(a, q, &j);
    if (err)
        return err;
    err = change_user(a, q, j, &u, r);
    json_free(j);
    if (err)
        return err;
    struct json *out = json_object();
    json_set(out, "user", docs_user(&u, true));
    return handler_answer(r, 200, out);
}
