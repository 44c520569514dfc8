#include "media/base/err.h"
#include "server/http/endpoints.h"
#include "server/http/guest.h"
#include "server/http/handler.h"
#include "server/http/ticket.h"

#include <stdio.h>

static void name_interpreter(const struct registration *reg, struct ticket *t) {
    if (reg->state != REG_CANCELLED && reg->state != REG_REFUSED)
        (void)STR_COPY(t->langs, str_of(reg->langs));
}

/* Who he will be in the room: his account, or a guest by the name he gives. */
static int identify(struct api *a, const struct req *q, const struct meeting *m, struct str name,
                    struct ticket *t) {
    const struct user *u = &a->in.user;
    struct registration reg;
    if (u->id) {
        t->user = u->id;
        snprintf(t->sub, sizeof t->sub, "u%lld", (long long)u->id);
        (void)STR_COPY(t->name, str_of(u->name));
        if (handler_registration(a, q, m->id, &reg) || !signup_of(a->store, m->id, u->id, "", q->arena, &reg))
            name_interpreter(&reg, t);
        return 0;
    }
    name = str_trim(name);
    if (!user_name_ok(name))
        return handler_fail(a, -ERR_INVALID, "name", "Say your name, in 1 to 80 bytes.");
    (void)STR_COPY(t->name, name);
    bool registered = handler_registration(a, q, m->id, &reg) && !reg.user;
    if (registered)
        name_interpreter(&reg, t);
    if (registered && reg.member[0]) {
        (void)STR_COPY(t->sub, str_of(reg.member)); /* from whatever device he comes */
        return 0;
    }
    if (!handler_guest(a, q, m->id, t->sub))
        guest_make(t->sub);
    else if (!registered && !signup_of(a->store, m->id, 0, t->sub, q->arena, &reg))
        name_interpreter(&reg, t);
    return registered ? signup_bind(a->store, reg.id, t->sub) : 0;
}

static int admit(struct api *a, const struct req *q, const struct json *j, const struct meeting *m,
                 struct ticket *t) {
    struct str name = {"", 0}, code = {"", 0};
    struct access may;
    int err = handler_str(a, j, "name", false, &name);
    if (!err)
        err = handler_str(a, j, "code", false, &code);
    if (err)
        return err;
    if (code.n && meeting_code_role(m, code) == ACCESS_NOBODY)
        return handler_fail(a, -ERR_AUTH, "code", "This invitation code is wrong.");
    err = handler_access(a, q, m, code, &may);
    if (err)
        return err;
    if (!may.see)
        return may.needs_signin ? -ERR_AUTH : -ERR_MISSING;
    if (m->life == LIFE_ENDED)
        return handler_fail(a, -ERR_EXPIRED, NULL, "The event has ended.");
    if (m->cancelled_at)
        return handler_fail(a, -ERR_EXPIRED, "cancelled", "The event is called off.");
    if (may.needs_signup)
        return handler_fail(a, -ERR_DENIED, "registration", "This event is for those who are registered.");
    if (!may.join)
        return may.needs_signin ? -ERR_AUTH : -ERR_DENIED;
    (void)STR_COPY(t->role, str_of(role_name(may.role)));
    return identify(a, q, m, name, t);
}

int api_event_join(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct json *j;
    char jwt[TICKET_MAX + 1];
    int err = meeting_get(a->store, q->params[0], q->arena, &m);
    if (err)
        return err;
    struct ticket t = {.iat_s = q->now_ms / 1000, .exp_s = q->now_ms / 1000 + USER_TICKET_LIFE_S};
    (void)STR_COPY(t.room, str_of(m.id));
    err = handler_body(a, q, &j);
    if (err)
        return err;
    err = admit(a, q, j, &m, &t);
    json_free(j);
    if (!err)
        err = ticket_mint(jwt, &t, a->cfg->key);
    if (err)
        return err;
    if (!t.user)
        handler_set_guest(a, q, r, m.id, t.sub);
    struct json *out = json_object();
    json_set_z(out, "ticket", jwt);
    json_set_z(out, "room", m.id);
    json_set_z(out, "member", t.sub);
    json_set_z(out, "name", t.name);
    json_set_z(out, "role", t.role);
    json_set_z(out, "ws", "/ws");
    json_set_int(out, "expires_at", t.exp_s * 1000);
    return handler_answer(r, 200, out);
}
