#include "server/catalogue/form.h"

#include "media/base/err.h"
#include "server/catalogue/meeting.h"

static const char *const kind_names[FORM_KIND_COUNT] = {"text", "choice", "yesno"};

static bool id_ok(struct str id) {
    for (size_t i = 0; i < id.n; i++)
        if (!((id.p[i] >= 'a' && id.p[i] <= 'z') || (id.p[i] >= '0' && id.p[i] <= '9')))
            return false;
    return id.n && id.n <= FORM_ID_MAX;
}

static bool line_ok(struct str s, size_t chars) { return str_trim(s).n && meeting_chars_ok(s, chars, false); }

static int read_options(struct form_question *q, const struct json *list) {
    size_t n = json_len(list);
    if (n < 2 || n > FORM_OPTIONS_MAX)
        return -ERR_INVALID;
    for (; q->n_options < n; q->n_options++) {
        struct str s;
        if (!json_str(json_at(list, q->n_options), &s) || !line_ok(s, FORM_OPTION_CHARS))
            return -ERR_INVALID;
        s = str_trim(s);
        for (size_t i = 0; i < q->n_options; i++)
            if (str_eq(q->options[i], s))
                return -ERR_INVALID;
        q->options[q->n_options] = s;
    }
    return 0;
}

static int read_question(struct form *f, const struct json *j) {
    struct form_question *q = &f->v[f->n];
    struct str kind;
    *q = (struct form_question){.needed = false};
    if (!json_get_str(j, "id", &q->id) || !id_ok(q->id) || !json_get_str(j, "label", &q->label) ||
        !line_ok(q->label, FORM_LABEL_CHARS) || !json_get_str(j, "kind", &kind))
        return -ERR_INVALID;
    int k = str_index(kind, kind_names, FORM_KIND_COUNT);
    if (k < 0)
        return k;
    q->label = str_trim(q->label);
    q->kind = (enum form_kind)k;
    (void)json_get_bool(j, "needed", &q->needed);
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->v[i].id, q->id))
            return -ERR_INVALID;
    int err = q->kind == FORM_CHOICE ? read_options(q, json_get(j, "options")) : 0;
    f->n += !err;
    return err;
}

int form_read(struct form *out, const struct json *questions) {
    out->n = 0;
    if (!questions)
        return 0;
    if (!json_is_array(questions) || json_len(questions) > FORM_QUESTIONS_MAX)
        return -ERR_INVALID;
    for (size_t i = 0; i < json_len(questions); i++)
        if (read_question(out, json_at(questions, i)))
            return -ERR_INVALID;
    return 0;
}

struct json *form_doc(const struct form *f) {
    struct json *list = json_array();
    for (size_t i = 0; i < f->n; i++) {
        const struct form_question *q = &f->v[i];
        struct json *j = json_object();
        json_set_str(j, "id", q->id);
        json_set_z(j, "kind", kind_names[q->kind]);
        json_set_str(j, "label", q->label);
        json_set_bool(j, "needed", q->needed);
        if (q->kind == FORM_CHOICE) {
            struct json *options = json_array();
            for (size_t k = 0; k < q->n_options; k++)
                json_add_str(options, q->options[k]);
            json_set(j, "options", options);
        }
        json_add(list, j);
    }
    return list;
}

/* One answer into out; false when it is not what the question takes. */
static bool take(const struct form_question *q, const struct json *answers, struct json *out) {
    char id[FORM_ID_MAX + 1];
    struct str s = {"", 0};
    bool yes;
    (void)STR_COPY(id, q->id);
    const struct json *v = json_get(answers, id);
    if (!v || json_is_null(v) || (json_str(v, &s) && !str_trim(s).n))
        return !q->needed;
    if (q->kind == FORM_YESNO) {
        if (!json_get_bool(answers, id, &yes) || (q->needed && !yes)) /* a needed yes: "I have read …" */
            return false;
        json_set_bool(out, id, yes);
        return true;
    }
    if (!json_str(v, &s))
        return false;
    s = str_trim(s);
    bool known = q->kind == FORM_TEXT && meeting_chars_ok(s, FORM_ANSWER_CHARS, true);
    for (size_t i = 0; i < q->n_options; i++)
        known |= str_eq(q->options[i], s);
    if (known)
        json_set_str(out, id, s);
    return known;
}

int form_answer(const struct form *f, const struct json *answers, struct json **out, size_t *bad) {
    struct json *j = json_object();
    for (size_t i = 0; i < f->n; i++)
        if (!take(&f->v[i], answers, j)) {
            *bad = i;
            json_free(j);
            return -ERR_INVALID;
        }
    *out = j;
    return 0;
}
