/* Interpreters of an event, named before the session: a registration with languages. Each is invited by a
 * letter, and enters by its address, or by his account, as an interpreter. */
#include "media/base/err.h"
#include "server/http/docs_signup.h"
#include "server/http/endpoints.h"

/* {"langs":["en"]}: one or two, different, as the room takes them. */
static int read_langs(struct api *a, const struct json *j, char out[SIGNUP_LANGS_MAX + 1]) {
    const struct json *list = json_get(j, "langs");
    size_t n = json_len(list), at = 0;
    struct str v[CHANNELS_EACH];
    bool ok = n >= 1 && n <= CHANNELS_EACH;
    for (size_t i = 0; ok && i < n; i++) {
        ok = json_str(json_at(list, i), &v[i]) && channel_lang_ok(v[i]) &&
             (i == 0 || v[0].n != v[i].n || memcmp(v[0].p, v[i].p, v[i].n) != 0);
        if (ok) {
            memcpy(out + at, v[i].p, v[i].n);
            at += v[i].n;
            out[at++] = '\n';
        }
    }
    out[at ? at - 1 : 0] = 0;
    return ok ? 0 : handler_fail(a, -ERR_INVALID, "langs", "One or two different languages, by their codes.");
}

static int read_person(struct api *a, const struct json *j, struct registration *r) {
    struct str email = {"", 0}, name = {"", 0}, lang = STR("uk");
    int err = handler_str(a, j, "email", true, &email);
    if (!err)
        err = handler_str(a, j, "name", false, &name);
    if (!err)
        err = handler_str(a, j, "lang", false, &lang);
    if (!err)
        err = read_langs(a, j, r->langs);
    if (err)
        return err;
    if (user_email(r->email, str_trim(email)))
        return handler_fail(a, -ERR_INVALID, "email", "This is no e-mail address.");
    name = str_trim(name);
    if (name.n && !user_name_ok(name))
        return handler_fail(a, -ERR_INVALID, "name", "A name has at most 80 characters.");
    (void)STR_COPY(r->name, name);
    (void)STR_COPY(r->lang, str_is(lang, "en") ? STR("en") : STR("uk"));
    return 0;
}

/* Whose address belongs to an account is that account, so he is known when he signs in. */
static int add(struct api *a, const struct req *q, const struct signup_desk *d, struct registration *r) {
    struct signup open = {.capacity = 0};
    struct registration old;
    struct user u;
    int err = user_by_email(a->store, str_of(r->email), &u);
    if (err && err != -ERR_MISSING)
        return err;
    if (!err && !u.blocked) {
        r->user = u.id;
        (void)STR_COPY(r->name, str_of(u.name));
        err = signup_of(a->store, r->event, u.id, "", q->arena, &old);
        if (!err) { /* he is on the list already: he keeps his place, and his letter is the invitation */
            r->id = old.id;
            memcpy(r->code, old.code, sizeof r->code);
            err = signup_langs(a->store, old.id, r->langs);
            return err || old.state == REG_CONFIRMED ? err : signup_set(d, &open, &old, REG_INVITED);
        }
    }
    return err == -ERR_MISSING || !err ? signup_add(d, &open, r) : err;
}

int api_interpreter_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct json *j;
    struct signup_desk d = {a->store, a->cfg->mail_from[0] != 0, q->now_ms};
    struct registration reg = {.state = REG_INVITED, .answers = "{}"};
    int err = handler_event_edit(a, q, &m);
    if (!err && (m.life == LIFE_ENDED || m.cancelled_at))
        err = handler_fail(a, -ERR_EXPIRED, NULL, "The event is over or called off.");
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    (void)STR_COPY(reg.event, str_of(m.id));
    err = read_person(a, j, &reg);
    json_free(j);
    if (!err)
        err = add(a, q, &d, &reg);
    if (!err)
        err = signup_by_id(a->store, m.id, reg.id, q->arena, &reg);
    if (err)
        return err;
    if (d.mail)
        reply_effect(r, EFFECT_MAIL, str_of(m.id), 0);
    struct json *out = json_object();
    json_set(out, "registration", docs_registration(&reg, !d.mail)); /* without mail the host passes it on */
    return handler_answer(r, 201, out);
}

/* He is none any more; who was only invited for it is not invited any more. */
int api_interpreter_delete(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct registration reg;
    struct signup open = {.capacity = 0};
    struct signup_desk d = {a->store, a->cfg->mail_from[0] != 0, q->now_ms};
    uint64_t id;
    int err = handler_event_edit(a, q, &m);
    if (!err)
        err = str_u64(q->params[1], INT64_MAX, &id) < 0
                  ? -ERR_MISSING
                  : signup_by_id(a->store, m.id, (int64_t)id, q->arena, &reg);
    if (!err && !reg.langs[0])
        err = -ERR_MISSING;
    if (!err)
        err = signup_langs(a->store, reg.id, "");
    if (!err && reg.state == REG_INVITED)
        err = signup_set(&d, &open, &reg, REG_CANCELLED);
    if (err)
        return err;
    reply_effect(r, EFFECT_MAIL, str_of(m.id), 0);
    return handler_empty(r, 204);
}
