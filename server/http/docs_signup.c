#include "server/http/docs_signup.h"

#include "server/catalogue/pass.h"
#include "server/http/guest.h"

static struct json *parsed(const char *text) {
    struct json *j;
    return json_parse(&j, str_of(text)) ? json_array() : j;
}

static struct json *lines(const char *text) {
    struct json *j = json_array();
    struct str rest = str_of(text), one;
    while (str_until(&rest, '\n', &one))
        json_add_str(j, one);
    return j;
}

struct json *docs_registration(const struct registration *r, bool with_code) {
    struct json *j = json_object();
    json_set_int(j, "id", r->id);
    json_set_z(j, "event", r->event);
    json_set_z(j, "name", r->name);
    json_set_z(j, "email", r->email);
    json_set_z(j, "state", reg_state_name(r->state));
    json_set_int(j, "place", r->place);
    json_set_bool(j, "remind", r->remind);
    json_set_bool(j, "account", r->user != 0);
    json_set_bool(j, "came", r->member[0] != 0);
    json_set_bool(j, "whole", r->pass != 0);
    json_set(j, "langs", lines(r->langs));
    json_set_int(j, "created_at", r->created_at);
    json_set(j, "answers", parsed(r->answers));
    if (with_code)
        json_set_z(j, "code", r->pass ? r->pass_code : r->code);
    return j;
}

struct json *docs_own(struct api *a, const struct req *q, const struct registration *r) {
    struct json *j = docs_registration(r, true), *dates = json_array();
    struct pass *p = r->pass ? arena_alloc(q->arena, sizeof *p) : NULL;
    if (p && !pass_get(a->store, r->pass, q->now_ms, q->arena, p))
        for (size_t i = 0; i < p->n; i++) {
            struct json *d = json_object();
            json_set_z(d, "event", p->v[i].event);
            json_set_z(d, "title", p->v[i].title);
            json_set_int(d, "starts_at", p->v[i].starts_at);
            json_set_int(d, "duration_min", p->v[i].duration_min);
            json_set_z(d, "state", reg_state_name(p->v[i].state));
            json_set_bool(d, "cancelled", p->v[i].cancelled);
            json_set_bool(d, "over", p->v[i].over);
            json_add(dates, d);
        }
    json_set(j, "dates", dates);
    return j;
}

static bool find_own(struct api *a, const struct req *q, const char *event, struct registration *out) {
    char guest[GUEST_MEMBER_MAX + 1] = "";
    if (handler_registration(a, q, event, out))
        return true;
    (void)handler_guest(a, q, event, guest);
    return (a->in.user.id || guest[0]) && !signup_of(a->store, event, a->in.user.id, guest, q->arena, out);
}

struct json *docs_signup(struct api *a, const struct req *q, const struct meeting *m,
                         const struct access *may) {
    struct signup s;
    struct registration own;
    struct json *j = json_object();
    bool mine = find_own(a, q, m->id, &own);
    if (mine)
        json_set(j, "mine", docs_own(a, q, &own));
    else
        json_set_null(j, "mine");
    json_set_bool(j, "mail", a->cfg->mail_from[0] != 0);
    json_set_bool(j, "on", m->has_signup);
    if (!m->has_signup || signup_get(a->store, m->id, q->arena, &s))
        return j;
    json_set_bool(j, "required", s.required);
    json_set_int(j, "capacity", s.capacity);
    json_set_bool(j, "approval", s.approval);
    json_set_z(j, "email", signup_email_name(s.email));
    json_set_z(j, "consent", s.consent);
    json_set(j, "questions", parsed(s.questions));
    json_set_bool(j, "whole", s.whole);
    struct signup_desk d = {.store = a->store, .now_ms = q->now_ms};
    json_set_int(j, "dates", s.whole && m->series[0] ? pass_open(&d, m->series, m->id, a->in.user.id) : 1);
    json_set_int(j, "confirmed", s.confirmed);
    json_set_int(j, "waiting", s.waiting);
    if (may->edit)
        json_set_int(j, "pending", s.pending);
    json_set_bool(j, "open", m->life != LIFE_ENDED && !m->cancelled_at);
    return j;
}
