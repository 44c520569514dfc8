#include "server/http/docs_signup.h"

#include "server/http/guest.h"

static struct json *parsed(const char *text) {
    struct json *j;
    return json_parse(&j, str_of(text)) ? json_array() : j;
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
    json_set_int(j, "created_at", r->created_at);
    json_set(j, "answers", parsed(r->answers));
    if (with_code)
        json_set_z(j, "code", r->code);
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
        json_set(j, "mine", docs_registration(&own, true));
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
    json_set_int(j, "confirmed", s.confirmed);
    json_set_int(j, "waiting", s.waiting);
    if (may->edit)
        json_set_int(j, "pending", s.pending);
    json_set_bool(j, "open", m->life != LIFE_ENDED && !m->cancelled_at);
    return j;
}
