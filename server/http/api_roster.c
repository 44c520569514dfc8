/* Who is registered: for the host and the staff. */
#include "media/base/err.h"
#include "server/catalogue/form.h"
#include "server/catalogue/pass.h"
#include "server/http/csv.h"
#include "server/http/docs_signup.h"
#include "server/http/endpoints.h"
#include "server/http/repeat.h"

enum { INVITED_MAX = 100 };

static int read_roster(struct api *a, const struct req *q, struct meeting *m, struct registration **out) {
    int err = handler_event_edit(a, q, m);
    if (err)
        return err;
    *out = arena_alloc(q->arena, SIGNUP_MAX * sizeof **out);
    return *out ? signup_list(a->store, m->id, q->arena, *out, SIGNUP_MAX) : -ERR_FULL;
}

int api_roster_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct registration *v = NULL;
    int n = read_roster(a, q, &m, &v);
    if (n < 0)
        return n;
    struct json *j = json_object(), *list = json_array();
    for (int i = 0; i < n; i++)
        json_add(list, docs_registration(&v[i], false));
    json_set(j, "registrations", list);
    return handler_answer(r, 200, j);
}

/* The answer as a field: a text, or yes and no. */
static void csv_answer(struct buf *b, const struct json *answers, const struct form_question *q) {
    char id[FORM_ID_MAX + 1], text[4 * FORM_ANSWER_CHARS + 1] = "";
    struct str s;
    bool yes;
    (void)STR_COPY(id, q->id);
    if (json_get_str(answers, id, &s))
        (void)STR_COPY(text, s);
    else if (json_get_bool(answers, id, &yes))
        (void)STR_COPY(text, yes ? STR("+") : STR(""));
    if (!strcmp(text, "+"))
        (void)STR_COPY(text, STR("yes"));
    buf_z(b, ";");
    csv_text(b, text);
}

static void csv_row(struct buf *b, const struct registration *reg, const struct form *form) {
    struct json *answers = NULL;
    csv_text(b, reg->name);
    buf_z(b, ";");
    csv_text(b, reg->email);
    buf_printf(b, ";%s;", reg_state_name(reg->state));
    csv_time(b, reg->created_at);
    if (json_parse(&answers, str_of(reg->answers)))
        answers = NULL;
    for (size_t i = 0; i < form->n; i++)
        csv_answer(b, answers, &form->v[i]);
    json_free(answers);
    buf_z(b, "\r\n");
}

int api_roster_csv(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct registration *v = NULL;
    struct signup s;
    struct form form = {.n = 0};
    struct json *questions = NULL;
    int n = read_roster(a, q, &m, &v);
    if (n < 0)
        return n;
    if (!signup_get(a->store, m.id, q->arena, &s) && !json_parse(&questions, str_of(s.questions)))
        (void)form_read(&form, questions);
    buf_z(&r->body, "\xef\xbb\xbfname;email;state;registered_at");
    for (size_t i = 0; i < form.n; i++) {
        const char *label = arena_str(q->arena, form.v[i].label);
        buf_z(&r->body, ";");
        csv_text(&r->body, label ? label : "");
    }
    buf_z(&r->body, "\r\n");
    for (int i = 0; i < n; i++)
        csv_row(&r->body, &v[i], &form);
    json_free(questions);
    if (r->body.over)
        return -ERR_TOO_LARGE;
    r->type = "text/csv; charset=utf-8";
    reply_header(r, "content-disposition",
                 arena_printf(q->arena, "attachment; filename=\"registered-%s.csv\"", m.id));
    return handler_empty(r, 200);
}

/* Invitations by e-mail: each gets an address of his own that lets him in. */
int api_roster_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct json *j;
    struct signup_desk d = {a->store, a->cfg->mail_from[0] != 0, q->now_ms};
    struct signup s = {.capacity = 0};
    int err = handler_event_edit(a, q, &m);
    if (!err && !d.mail)
        err = handler_fail(a, -ERR_UNSUPPORTED, "mail", "This server sends no mail.");
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    int has = signup_get(a->store, m.id, q->arena, &s);
    if (has && has != -ERR_MISSING)
        err = has;
    s.capacity = 0; /* who is invited is, whatever room there is */
    const struct json *list = json_get(j, "emails");
    size_t n = json_len(list);
    if (!err && (!n || n > INVITED_MAX))
        err = handler_fail(a, -ERR_INVALID, "emails", "1 to 100 addresses.");
    struct registration reg = {.state = REG_INVITED, .answers = "{}", .lang = "uk"};
    (void)STR_COPY(reg.event, str_of(m.id));
    for (size_t pass = 0; !err && pass < 2; pass++) /* all are read before the first is written to */
        for (size_t i = 0; !err && i < n; i++) {
            struct str email;
            if (!json_str(json_at(list, i), &email) || user_email(reg.email, email))
                err = handler_fail(a, -ERR_INVALID, "emails", "One of these is no e-mail address.");
            else if (pass && s.whole && m.series[0]) {
                reg.pass = 0;
                err = pass_add(&d, m.series, &reg);
            } else if (pass)
                err = signup_add(&d, &s, &reg);
        }
    json_free(j);
    if (err)
        return err;
    reply_effect(r, EFFECT_MAIL, str_of(m.id), 0);
    return handler_answer(r, 202, json_object());
}

static int wanted_state(struct str name) {
    int state = reg_state_of(name);
    return state == REG_CONFIRMED || state == REG_REFUSED || state == REG_CANCELLED ? state : -ERR_INVALID;
}

int api_roster_patch(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct json *j;
    struct registration reg;
    struct signup s = {.capacity = 0};
    struct signup_desk d = {a->store, a->cfg->mail_from[0] != 0, q->now_ms};
    uint64_t id;
    int to = -1, err = handler_event_edit(a, q, &m);
    if (!err)
        err = str_u64(q->params[1], INT64_MAX, &id) < 0
                  ? -ERR_MISSING
                  : signup_by_id(a->store, m.id, (int64_t)id, q->arena, &reg);
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    enum repeat_part part = REPEAT_THIS;
    err = handler_word(a, j, "state", wanted_state, &to);
    if (!err)
        err = repeat_part(a, j, &part);
    json_free(j);
    if (!err && to < 0)
        err = handler_fail(a, -ERR_INVALID, "state", "confirmed, refused or cancelled.");
    int has = err ? err : signup_get(a->store, m.id, q->arena, &s);
    if (!err && has && has != -ERR_MISSING)
        err = has;
    struct pass_part dates = {part == REPEAT_ALL ? 0 : m.slot_at, INT64_MAX,
                              !err && reg.state == REG_CANCELLED};
    if (!err && reg.pass && part != REPEAT_THIS)
        err = pass_set(&d, reg.pass, dates, (enum reg_state)to);
    else if (!err)
        err = signup_set(&d, &s, &reg, (enum reg_state)to);
    if (!err)
        err = signup_by_id(a->store, m.id, reg.id, q->arena, &reg);
    if (err)
        return err;
    reply_effect(r, EFFECT_MAIL, str_of(m.id), 0);
    struct json *out = json_object();
    json_set(out, "registration", docs_registration(&reg, false));
    return handler_answer(r, 200, out);
}
