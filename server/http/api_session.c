#include "media/base/err.h"
#include "server/catalogue/password.h"
#include "server/http/docs.h"
#include "server/http/endpoints.h"

int api_session_get(struct api *a, const struct req *q, struct reply *r) {
    (void)q;
    return handler_answer(r, 200, docs_session(a));
}

static int begin(struct api *a, const struct req *q, struct reply *r, int status) {
    handler_set_cookie(r, q, a->in.token);
    return handler_answer(r, status, docs_session(a));
}

static int read_credentials(struct api *a, const struct json *j, struct str *email, struct str *password) {
    int err = handler_str(a, j, "email", true, email);
    return err ? err : handler_str(a, j, "password", true, password);
}

int api_session_post(struct api *a, const struct req *q, struct reply *r) {
    struct json *j;
    struct str email, password;
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    /* A sign-in over a sign-in leaves no forgotten one behind. */
    struct signin old = a->in;
    err = read_credentials(a, j, &email, &password);
    if (!err)
        err = signin_check(a->store, email, password, q->addr, q->now_ms, &a->in, &a->retry_ms);
    json_free(j);
    if (err == -ERR_AUTH)
        return handler_fail(a, err, NULL, "E-mail or password is wrong.");
    if (err)
        return err;
    if (old.user.id)
        (void)signin_close(a->store, &old);
    return begin(a, q, r, 200);
}

int api_session_delete(struct api *a, const struct req *q, struct reply *r) {
    int err = a->in.user.id ? signin_close(a->store, &a->in) : 0;
    if (err)
        return err;
    handler_set_cookie(r, q, "");
    return handler_empty(r, 204);
}

static int refuse_account(struct api *a, int err, const struct user *u, struct str password) {
    char email[USER_EMAIL_MAX + 1];
    if (err == -ERR_CONFLICT)
        return handler_fail(a, err, "email", "There is an account with this e-mail.");
    if (err != -ERR_INVALID)
        return err;
    if (!user_name_ok(str_of(u->name)))
        return handler_fail(a, err, "name", "A name has 1 to 80 bytes.");
    if (user_email(email, str_of(u->email)) < 0)
        return handler_fail(a, err, "email", "This is not an e-mail address.");
    return handler_fail(a, err, "password",
                        password_ok(password) ? NULL : "A password has at least 8 characters.");
}

int api_register(struct api *a, const struct req *q, struct reply *r) {
    struct json *j;
    struct str name, email, password = {"", 0};
    struct user u = {.role = USER_LEARNER, .created_at = q->now_ms};
    if (!a->cfg->registration)
        return handler_fail(a, -ERR_DENIED, NULL, "Accounts are made by the staff here.");
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_str(a, j, "name", true, &name);
    if (!err)
        err = read_credentials(a, j, &email, &password);
    if (!err) {
        (void)STR_COPY(u.name, name); /* what does not fit stays empty and is refused below */
        (void)STR_COPY(u.email, email);
        err = user_add(a->store, &u, password);
        if (err)
            err = refuse_account(a, err, &u, password);
    }
    json_free(j);
    if (!err)
        err = signin_open(a->store, &u, q->now_ms, &a->in);
    return err ? err : begin(a, q, r, 201);
}

static int change_password(struct api *a, const struct json *j, struct str password, const struct req *q) {
    struct str old;
    struct signin again;
    int err = handler_str(a, j, "old_password", true, &old);
    if (err)
        return err;
    /* The same brake as at the door: a stolen session must not be a place to guess the password at. */
    err = signin_check(a->store, str_of(a->in.user.email), old, q->addr, q->now_ms, &again, &a->retry_ms);
    if (err == -ERR_AUTH)
        return handler_fail(a, -ERR_DENIED, "old_password", "The old password is wrong.");
    if (err)
        return err;
    (void)signin_close(a->store, &again);
    err = user_set_password(a->store, a->in.user.id, password);
    if (err == -ERR_INVALID)
        return handler_fail(a, err, "password", "A password has at least 8 characters.");
    return err ? err : signin_close_user(a->store, a->in.user.id, &a->in);
}

int api_me_patch(struct api *a, const struct req *q, struct reply *r) {
    struct json *j;
    struct str name = str_of(a->in.user.name), password = {NULL, 0};
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_str(a, j, "name", false, &name);
    if (!err)
        err = handler_str(a, j, "password", false, &password);
    if (!err && !user_name_ok(name))
        err = handler_fail(a, -ERR_INVALID, "name", "A name has 1 to 80 bytes.");
    if (!err && password.p)
        err = change_password(a, j, password, q);
    if (!err) {
        struct user u = a->in.user;
        (void)STR_COPY(u.name, name);
        err = user_update(a->store, &u);
        if (!err)
            a->in.user = u;
    }
    json_free(j);
    return err ? err : handler_answer(r, 200, docs_session(a));
}
