/* api_formats — what kinds of events there are: told to everybody, kept by the staff. */
#include <stdio.h>

#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/catalogue/formatbook.h"
#include "server/catalogue/formatdoc.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"
#include "server/http/range.h"
#include "server/http/urlquery.h"

enum { LIST_LOG_MAX = 20, TAG_MAX = 24 };

/* ---- telling ---- */

static bool is_staff(const struct api *a) { return a->in.user.id && a->in.user.role >= USER_STAFF; }

static struct json *entry_doc(struct api *a, const struct formatbook_entry *e) {
    struct json *j = formatdoc_json(&e->f);
    json_set_z(j, "video", media_video_name(e->f.video));
    json_set_bool(j, "hidden", e->is_hidden);
    json_set_bool(j, "default", e->is_default);
    if (is_staff(a)) {
        json_set_int(j, "n", e->n);
        json_set_bool(j, "shipped", e->is_shipped);
        json_set_bool(j, "changed", e->is_changed);
        json_set_int(j, "events", formatbook_events(a->store, str_of(e->f.id)));
    }
    return j;
}

static int set_log(struct api *a, const struct req *q, struct str id, size_t max, struct json *out) {
    struct formatbook_line v[FORMATBOOK_LOG_MAX];
    int n = formatbook_log(a->store, id, q->arena, v, max);
    struct json *log = json_array();
    for (int i = 0; i < n; i++) {
        struct json *j = json_object();
        json_set_int(j, "n", v[i].n);
        json_set_z(j, "format", v[i].format);
        json_set_z(j, "did", v[i].did);
        json_set_z(j, "by", v[i].by);
        json_set_int(j, "at", v[i].at_ms);
        json_add(log, j);
    }
    json_set(out, "log", log);
    return n < 0 ? n : 0;
}

/* What a page of somebody who joins needs of it. */
static struct json *name_doc(const struct format *f) {
    struct json *j = json_object(), *name = json_object();
    json_set_z(name, "uk", f->name_uk);
    json_set_z(name, "en", f->name_en);
    json_set_z(j, "id", f->id);
    json_set(j, "name", name);
    json_set_z(j, "video", media_video_name(f->video));
    json_set_bool(j, "talks", f->can[ROLE_ATTENDEE] & (CAN_TALK | CAN_STAGE_AUTO | CAN_STAGE_SELF));
    return j;
}

int api_formats_get(struct api *a, const struct req *q, struct reply *r) {
    struct formatbook_entry *v = mem_zalloc(FORMATS_MAX * sizeof *v);
    int n = formatbook_list(a->store, a->cfg->formats, v, FORMATS_MAX), err = n < 0 ? n : 0;
    struct json *out = json_object(), *list = json_array();
    bool only_names = urlquery_int(q->query, "names", 1, 0) == 1;
    for (int i = 0; i < n; i++)
        json_add(list, only_names ? name_doc(&v[i].f) : entry_doc(a, &v[i]));
    mem_free(v);
    json_set(out, "formats", list);
    if (!err && !only_names && is_staff(a))
        err = set_log(a, q, STR(""), LIST_LOG_MAX, out);
    if (!err)
        return handler_answer(r, 200, out);
    json_free(out);
    return err;
}

static void tag_of(char dst[TAG_MAX], const struct formatbook_entry *e) {
    snprintf(dst, TAG_MAX, "\"%lld\"", (long long)e->n);
}

static int tell(struct api *a, const struct req *q, struct reply *r, int status) {
    struct formatbook_entry e;
    char tag[TAG_MAX];
    int err = formatbook_get(a->store, a->cfg->formats, q->params[0], &e);
    if (err)
        return err;
    struct json *out = json_object();
    json_set(out, "format", entry_doc(a, &e));
    err = set_log(a, q, q->params[0], FORMATBOOK_LOG_MAX, out);
    tag_of(tag, &e);
    const char *kept = arena_str(q->arena, str_of(tag));
    if (err || !kept) {
        json_free(out);
        return err ? err : -ERR_FULL;
    }
    reply_header(r, "etag", kept);
    return handler_answer(r, status, out);
}

int api_format_get(struct api *a, const struct req *q, struct reply *r) { return tell(a, q, r, 200); }

/* ---- changing ---- */

/* The format as the caller saw it: he says so by If-Match, or by If-None-Match: * that there was none. */
static int seen(struct api *a, const struct req *q, struct formatbook_entry *e) {
    char tag[TAG_MAX];
    int err = formatbook_get(a->store, a->cfg->formats, q->params[0], e);
    bool is_new = err == -ERR_MISSING;
    if (err && !is_new)
        return err;
    if (is_new && !str_is(q->if_none_match, "*"))
        return err;
    if (!is_new && str_is(q->if_none_match, "*"))
        return handler_fail(a, -ERR_PRECONDITION, "id", "There is a format with this id already.");
    if (is_new)
        return 0;
    if (!q->if_match.n)
        return handler_fail(a, -ERR_PRECONDITION, NULL, "If-Match says which state of it is meant.");
    tag_of(tag, e);
    return range_etag_in(q->if_match, str_of(tag), false)
               ? 0
               : handler_fail(a, -ERR_PRECONDITION, NULL, "Somebody else has changed this format meanwhile.");
}

static const char *refusal(const struct formatbook_entry *e, enum format_deed deed) {
    if (deed == FORMAT_RESTORED)
        return "This format did not come with the server: there is nothing to restore.";
    if (deed == FORMAT_DEFAULT)
        return "A hidden format cannot be the default: show it first.";
    if (e->is_default)
        return "This is the default: make another one the default first.";
    if (e->is_shipped)
        return "A format that came with the server can be hidden, not deleted.";
    return "Events use this format: it can be hidden, not deleted.";
}

static int put(struct api *a, const struct req *q, struct reply *r, const struct formatbook_change *change) {
    struct formatbook_change c = *change;
    c.by = &a->in.user;
    c.at_ms = q->now_ms;
    int err = formatbook_put(a->store, a->cfg->formats, &c);
    if (err == -ERR_CONFLICT)
        return handler_fail(a, err, NULL, refusal(c.was, c.deed));
    if (err == -ERR_FULL)
        return handler_fail(a, err, NULL, "There are as many formats as the server can have.");
    if (err == -ERR_PRECONDITION)
        return handler_fail(a, err, NULL, "Somebody else has changed this format meanwhile.");
    if (!err)
        reply_effect(r, EFFECT_FORMAT, q->params[0], 0);
    return err;
}

/* Everything that is wrong at once, each beside its field. */
static int answer_wrongs(struct reply *r, const struct formatdoc_wrongs *w) {
    struct json *j = json_object(), *list = json_array();
    json_set_z(j, "error", err_wire(-ERR_INVALID));
    json_set_z(j, "text", w->v[0].text);
    json_set_z(j, "field", w->v[0].field);
    for (size_t i = 0; i < w->n; i++) {
        struct json *one = json_object();
        json_set_z(one, "field", w->v[i].field);
        json_set_z(one, "why", w->v[i].why);
        json_set_z(one, "value", w->v[i].value);
        json_set_z(one, "text", w->v[i].text);
        json_add(list, one);
    }
    json_set(j, "errors", list);
    return handler_answer(r, err_http(-ERR_INVALID), j);
}

int api_format_put(struct api *a, const struct req *q, struct reply *r) {
    struct formatbook_entry was;
    struct formatdoc_wrongs w;
    struct format f;
    struct json *j;
    if (!formatdoc_id_ok(q->params[0]))
        return handler_fail(a, -ERR_INVALID, "id", "An id has 1 to 32 small letters, digits and hyphens.");
    int err = seen(a, q, &was);
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    int read = formatdoc_read(&f, j, &w);
    json_free(j);
    if (read)
        return answer_wrongs(r, &w);
    if (!str_is(q->params[0], f.id))
        return handler_fail(a, -ERR_INVALID, "id", "The id is the address's.");
    bool is_new = !was.f.id[0];
    err = put(
        a, q, r,
        &(struct formatbook_change){.was = &was, .deed = is_new ? FORMAT_MADE : FORMAT_CHANGED, .to = &f});
    return err ? err : tell(a, q, r, is_new ? 201 : 200);
}

/* {"hidden": bool} or {"default": true} or {"restore": true}, one of them. */
static int read_deed(struct api *a, const struct req *q, enum format_deed *deed) {
    struct json *j;
    bool hidden = false, is_default = false, restore = false;
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    void *it = NULL;
    struct str key;
    struct json *value;
    size_t n = 0;
    while (json_each(j, &it, &key, &value))
        n++;
    bool has_hidden = json_get_bool(j, "hidden", &hidden);
    (void)json_get_bool(j, "default", &is_default);
    (void)json_get_bool(j, "restore", &restore);
    json_free(j);
    if (n != 1 || has_hidden + is_default + restore != 1)
        return handler_fail(a, -ERR_INVALID, NULL,
                            "One of \"hidden\": true or false, \"default\": true, \"restore\": true.");
    *deed = is_default ? FORMAT_DEFAULT : restore ? FORMAT_RESTORED : hidden ? FORMAT_HIDDEN : FORMAT_SHOWN;
    return 0;
}

int api_format_patch(struct api *a, const struct req *q, struct reply *r) {
    struct formatbook_change c = {.deed = FORMAT_SHOWN};
    struct formatbook_entry was;
    int err = seen(a, q, &was);
    if (!err && !was.f.id[0])
        err = -ERR_MISSING;
    if (!err)
        err = read_deed(a, q, &c.deed);
    c.was = &was;
    if (!err)
        err = put(a, q, r, &c);
    return err ? err : tell(a, q, r, 200);
}

int api_format_delete(struct api *a, const struct req *q, struct reply *r) {
    struct formatbook_entry was;
    int err = seen(a, q, &was);
    if (!err && !was.f.id[0])
        err = -ERR_MISSING;
    if (!err)
        err = put(a, q, r, &(struct formatbook_change){.was = &was, .deed = FORMAT_DELETED});
    return err ? err : handler_empty(r, 204);
}
