/* Registration: the terms an event has, and what a person does with his own. */
#include "media/base/err.h"
#include "server/catalogue/agenda.h"
#include "server/catalogue/form.h"
#include "server/http/docs.h"
#include "server/http/docs_signup.h"
#include "server/http/endpoints.h"
#include "server/http/guest.h"
#include "server/http/repeat.h"
#include "server/http/urlquery.h"

enum { CONSENT_CHARS = 1000 };

static struct signup_desk desk(const struct api *a, const struct req *q) {
    return (struct signup_desk){a->store, a->cfg->mail_from[0] != 0, q->now_ms};
}

static const char *text_of(const struct req *q, struct json *j) {
    struct buf b;
    buf_init(&b, 1 << 20);
    json_write(j, &b);
    char *text = b.over ? NULL : arena_str(q->arena, buf_view(&b));
    buf_fini(&b);
    json_free(j);
    return text;
}

static int read_terms(struct api *a, const struct req *q, const struct json *j, struct signup *s) {
    struct str consent = {"", 0};
    struct form form;
    int email = SIGNUP_EMAIL_OPTIONAL;
    int err = handler_bool(a, j, "required", &s->required);
    if (!err)
        err = handler_int(a, j, "capacity", 0, SIGNUP_CAPACITY_MAX, &s->capacity);
    if (!err)
        err = handler_bool(a, j, "approval", &s->approval);
    if (!err)
        err = handler_word(a, j, "email", signup_email_of, &email);
    if (!err)
        err = handler_str(a, j, "consent", false, &consent);
    if (!err && !meeting_chars_ok(consent, CONSENT_CHARS, true))
        err =
            handler_fail(a, -ERR_INVALID, "consent", "The sentence of consent has at most 1000 characters.");
    if (!err && form_read(&form, json_get(j, "questions")))
        err = handler_fail(a, -ERR_INVALID, "questions",
                           "At most 10 questions: text, choice (2 to 20 options) or yesno, each with an id.");
    if (err)
        return err;
    s->email = (enum signup_email)email;
    s->consent = arena_str(q->arena, str_trim(consent));
    s->questions = text_of(q, form_doc(&form));
    return s->consent && s->questions ? 0 : -ERR_FULL;
}

static int answer_terms(struct api *a, const struct req *q, struct reply *r, struct meeting *m) {
    struct access may;
    m->has_signup = true;
    int err = handler_access(a, q, m, (struct str){"", 0}, &may);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "registration", docs_signup(a, q, m, &may));
    return handler_answer(r, 200, j);
}

/* Once or per date is said for the whole series, or dates would be left between. */
static int read_whole(struct api *a, const struct req *q, const struct json *j, const struct meeting *m,
                      enum repeat_part *part, struct signup *s) {
    struct signup old = {.whole = false};
    int err = repeat_part(a, j, part);
    if (!err)
        err = handler_bool(a, j, "whole", &s->whole);
    if (!err && s->whole && !m->series[0])
        err = handler_fail(a, -ERR_INVALID, "whole", "This event is not one of a series.");
    int has = err ? err : signup_get(a->store, m->id, q->arena, &old);
    if (has && has != -ERR_MISSING)
        return has;
    if (m->series[0] && s->whole != old.whole && *part != REPEAT_ALL)
        return handler_fail(a, -ERR_INVALID, "whole",
                            "Whether one registers once or for each date is said for all dates.");
    return 0;
}

int api_signup_put(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct signup s = {.required = false};
    struct signup_desk d = desk(a, q);
    struct series_ids ids;
    enum repeat_part part = REPEAT_THIS;
    struct json *j;
    int err = handler_event_edit(a, q, &m);
    if (!err && m.life == LIFE_ENDED)
        err = handler_fail(a, -ERR_CONFLICT, NULL, "The event has ended.");
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    err = read_terms(a, q, j, &s);
    if (!err)
        err = read_whole(a, q, j, &m, &part, &s);
    json_free(j);
    if (!err)
        err = repeat_ids(a, q, &m, part, &ids);
    if (!err)
        err = signup_put(&d, ids.v, ids.n, &s);
    if (err)
        return err;
    reply_effect(r, EFFECT_MAIL, str_of(m.id), 0);
    return answer_terms(a, q, r, &m);
}

int api_signup_delete(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct series_ids ids;
    struct str scope = STR("this");
    (void)urlquery_get(q->query, "scope", q->arena, &scope);
    int part = repeat_part_of(scope);
    int err = handler_event_edit(a, q, &m);
    if (!err && part < 0)
        err = handler_fail(a, -ERR_INVALID, "scope", "This is this, following or all.");
    if (!err)
        err = repeat_ids(a, q, &m, (enum repeat_part)part, &ids);
    if (!err)
        err = signup_drop(a->store, ids.v, ids.n);
    return err ? err : handler_empty(r, 204);
}

/* ---- registering ---- */

static int read_email(struct api *a, const struct json *j, enum signup_email want, struct registration *r) {
    struct str email = {"", 0};
    int err = handler_str(a, j, "email", false, &email);
    if (err)
        return err;
    r->email[0] = 0;
    if (a->in.user.id) {
        (void)STR_COPY(r->email, want == SIGNUP_EMAIL_NONE ? STR("") : str_of(a->in.user.email));
        return 0;
    }
    email = str_trim(email);
    if (want == SIGNUP_EMAIL_NONE || (!email.n && want == SIGNUP_EMAIL_OPTIONAL))
        return 0; /* what is not asked for is not kept */
    if (user_email(r->email, email))
        return handler_fail(a, -ERR_INVALID, "email", "This is no e-mail address.");
    return 0;
}

static int read_who(struct api *a, const struct req *q, const struct json *j, const struct signup *s,
                    struct registration *r) {
    struct str name = {"", 0}, lang = STR("uk");
    bool consent = false;
    int err = handler_str(a, j, "name", false, &name);
    if (!err)
        err = handler_str(a, j, "lang", false, &lang);
    if (!err)
        err = handler_bool(a, j, "consent", &consent);
    if (!err)
        err = read_email(a, j, s->email, r);
    if (err)
        return err;
    name = a->in.user.id ? str_of(a->in.user.name) : str_trim(name);
    if (!user_name_ok(name))
        return handler_fail(a, -ERR_INVALID, "name", "Say your name, in 1 to 80 characters.");
    if (!consent)
        return handler_fail(a, -ERR_INVALID, "consent", "Registering needs a yes to what is kept.");
    (void)STR_COPY(r->name, name);
    (void)STR_COPY(r->lang, str_is(lang, "en") ? STR("en") : STR("uk"));
    struct json *questions, *answers;
    struct form form;
    size_t bad;
    if (json_parse(&questions, str_of(s->questions)))
        return -ERR_IO;
    err = form_read(&form, questions);
    if (!err && form_answer(&form, json_get(j, "answers"), &answers, &bad))
        err = handler_fail(a, -ERR_INVALID, arena_str(q->arena, form.v[bad].id),
                           "This question wants an answer.");
    else if (!err && !(r->answers = text_of(q, answers)))
        err = -ERR_FULL;
    json_free(questions);
    return err;
}

static int answer_one(struct api *a, const struct req *q, struct reply *r, int status, const char *code) {
    struct registration reg;
    int err = signup_by_code(a->store, str_of(code), q->now_ms, q->arena, &reg);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "registration", docs_own(a, q, &reg));
    return handler_answer(r, status, j);
}

/* His account is on the list from before: called off by himself, or invited. */
static int register_again(const struct signup_desk *d, const struct signup *s, struct registration *r,
                          struct registration *old) {
    if (old->state != REG_CANCELLED && old->state != REG_INVITED)
        return -ERR_CONFLICT;
    r->id = old->id;
    memcpy(r->code, old->code, sizeof r->code);
    int err = signup_answer(d->store, r);
    enum reg_state to = s->approval && old->state != REG_INVITED ? REG_PENDING : REG_CONFIRMED;
    return err ? err : signup_set(d, s, old, to);
}

struct enrolment {
    const struct meeting *m;
    const struct signup *terms;
    const struct signup_desk *desk;
};

/* He gave back this one of his dates, and has others: it is this one he asks for. */
static bool is_one_back(struct api *a, const struct req *q, const struct registration *reg,
                        const struct registration *old) {
    struct pass *p = old->pass && old->state == REG_CANCELLED ? arena_alloc(q->arena, sizeof *p) : NULL;
    if (!p || (!reg->user && strcmp(reg->name, old->name) != 0) ||
        pass_get(a->store, old->pass, q->now_ms, q->arena, p))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (!p->v[i].over && !p->v[i].cancelled && p->v[i].state != REG_CANCELLED &&
            p->v[i].state != REG_REFUSED)
            return true;
    return false;
}

/* A guest is known by his browser, unless another of the same browser is registered: a parent's children. */
static int enrol(struct api *a, const struct req *q, struct reply *r, const struct enrolment *e,
                 struct registration *reg) {
    struct registration old;
    bool known = reg->user && !signup_of(a->store, e->m->id, reg->user, "", q->arena, &old);
    bool whole = e->terms->whole && e->m->series[0];
    bool seen = known || (!reg->user && handler_guest(a, q, e->m->id, reg->member) &&
                          !signup_of(a->store, e->m->id, 0, reg->member, q->arena, &old));
    if (known && whole && old.pass && old.state != REG_CANCELLED && old.state != REG_INVITED)
        return -ERR_CONFLICT;
    if ((known && !whole) || (seen && is_one_back(a, q, reg, &old)))
        return register_again(e->desk, e->terms, reg, &old);
    if (!reg->user && (seen || !reg->member[0]))
        guest_make(reg->member);
    reg->pass = known ? old.pass : 0;
    int err = whole ? pass_add(e->desk, e->m->series, reg) : signup_add(e->desk, e->terms, reg);
    if (!err && !reg->user)
        handler_set_guest(a, q, r, e->m->id, reg->member);
    return err == -ERR_MISSING ? -ERR_EXPIRED : err;
}

int api_register_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    struct signup s;
    struct registration reg = {.user = a->in.user.id, .state = REG_PENDING};
    struct signup_desk d = desk(a, q);
    struct json *j;
    int err = handler_event(a, q, &m, &may);
    if (!err && (!m.has_signup || (!may.join && !may.needs_signup)))
        err = m.life == LIFE_ENDED || m.cancelled_at ? -ERR_EXPIRED : -ERR_DENIED;
    if (!err)
        err = signup_get(a->store, m.id, q->arena, &s);
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    (void)STR_COPY(reg.event, str_of(m.id));
    err = read_who(a, q, j, &s, &reg);
    json_free(j);
    if (err)
        return err;
    err = enrol(a, q, r, &(struct enrolment){&m, &s, &d}, &reg);
    if (!err && d.mail)
        reply_effect(r, EFFECT_MAIL, str_of(m.id), 0);
    return err ? err : answer_one(a, q, r, 201, reg.code);
}

/* ---- one's own, by its address ---- */

static int own(struct api *a, const struct req *q, struct registration *reg, struct meeting *m) {
    int err = signup_by_code(a->store, q->params[0], q->now_ms, q->arena, reg);
    return err ? err : meeting_get(a->store, str_of(reg->event), q->arena, m);
}

int api_registration_get(struct api *a, const struct req *q, struct reply *r) {
    struct registration reg;
    struct meeting m;
    struct access_facts f;
    int err = own(a, q, &reg, &m);
    if (!err)
        err = meeting_facts(a->store, &m, &a->in.user, reg.member, &f);
    if (err)
        return err;
    f.reg = reg.state;
    struct access may = access_of(&f);
    struct json *j = json_object(), *e = docs_event(a, &m, &may);
    json_set(e, "registration", docs_signup(a, q, &m, &may));
    json_set(j, "registration", docs_own(a, q, &reg));
    json_set(j, "event", e);
    return handler_answer(r, 200, j);
}

struct wish {
    bool remind, cancel, accept;
    bool alone; /* of a pass: for the one date that was named */
};

static int read_wish(struct api *a, const struct req *q, struct wish *w, struct registration *reg) {
    struct json *j;
    struct str event = {"", 0};
    char id[MEETING_ID_CHARS + 1] = "";
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    *w = (struct wish){.remind = reg->remind};
    err = handler_bool(a, j, "remind", &w->remind);
    if (!err)
        err = handler_bool(a, j, "cancel", &w->cancel);
    if (!err)
        err = handler_bool(a, j, "accept", &w->accept);
    if (!err)
        err = handler_str(a, j, "event", false, &event);
    w->alone = !err && event.n > 0;
    if (w->alone)
        err =
            STR_COPY(id, event) ? signup_by_code_at(a->store, q->params[0], id, q->arena, reg) : -ERR_MISSING;
    json_free(j);
    return err;
}

static int fulfil_pass(struct api *a, const struct signup_desk *d, const struct wish *w,
                       const struct registration *reg) {
    int err = w->remind != reg->remind ? pass_remind(a->store, reg->pass, w->remind) : 0;
    if (!err && w->cancel)
        err = pass_set(d, reg->pass, (struct pass_part){.to_ms = INT64_MAX}, REG_CANCELLED);
    else if (!err && w->accept)
        err = pass_accept(d, reg->pass);
    return err;
}

static int fulfil(struct api *a, const struct req *q, const struct signup_desk *d, const struct wish *w,
                  struct registration *reg) {
    struct signup s = {.capacity = 0};
    int err = signup_get(a->store, reg->event, q->arena, &s);
    if (err == -ERR_MISSING)
        err = 0;
    if (!err && w->remind != reg->remind)
        err = signup_remind(a->store, reg->id, w->remind);
    if (!err && w->cancel && reg->state != REG_CANCELLED && reg->state != REG_REFUSED)
        err = signup_set(d, &s, reg, REG_CANCELLED);
    else if (!err && w->accept && reg->state == REG_INVITED)
        err = signup_set(d, &s, reg, REG_CONFIRMED);
    return err;
}

int api_registration_patch(struct api *a, const struct req *q, struct reply *r) {
    struct registration reg;
    struct meeting m;
    struct wish w;
    struct signup_desk d = desk(a, q);
    int err = own(a, q, &reg, &m);
    if (!err)
        err = read_wish(a, q, &w, &reg);
    if (!err)
        err = reg.pass && !w.alone ? fulfil_pass(a, &d, &w, &reg) : fulfil(a, q, &d, &w, &reg);
    if (err)
        return err;
    reply_effect(r, EFFECT_MAIL, str_of(m.id), 0);
    return answer_one(a, q, r, 200, reg.pass ? reg.pass_code : reg.code);
}

int api_registration_ics(struct api *a, const struct req *q, struct reply *r) {
    struct registration reg;
    struct meeting m;
    struct ics_event *e = arena_alloc(q->arena, AGENDA_PASS_MAX * sizeof *e);
    struct pass *p = arena_alloc(q->arena, sizeof *p);
    int n = 1, err = e && p ? own(a, q, &reg, &m) : -ERR_FULL;
    if (!err && reg.pass)
        err = pass_get(a->store, reg.pass, q->now_ms, q->arena, p);
    if (err)
        return err;
    struct agenda g = {handler_url(a, q), a->cfg->zone, a->cfg->mail_from, q->now_ms};
    if (g.url && reg.pass)
        err = n = agenda_pass(&g, &m, p, false, q->arena, e);
    else
        err = g.url ? agenda_event(&g, &m, reg.code, q->arena, e) : -ERR_FULL;
    if (err < 0)
        return err;
    if (!reg.pass)
        e[0].cancelled |= reg.state == REG_CANCELLED || reg.state == REG_REFUSED;
    ics_write(&(struct ics){.out = &r->body, .events = e, .n = (size_t)n, .domain = AGENDA_DOMAIN});
    r->type = "text/calendar; charset=utf-8";
    reply_header(r, "content-disposition",
                 arena_printf(q->arena, "attachment; filename=\"event-%s.ics\"", m.id));
    return handler_empty(r, r->body.over ? 500 : 200);
}

/* RFC 8058: a mail program says so by itself, without a page and without a body of ours. */
int api_registration_quiet(struct api *a, const struct req *q, struct reply *r) {
    struct registration reg;
    int err = signup_by_code(a->store, q->params[0], q->now_ms, q->arena, &reg);
    if (!err)
        err = reg.pass ? pass_remind(a->store, reg.pass, false) : signup_remind(a->store, reg.id, false);
    return err ? err : handler_empty(r, 204);
}
