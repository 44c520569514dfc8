/* Where events belong: spaces. */
#include "media/base/err.h"
#include "server/catalogue/space.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"

static struct json *two_languages(const char *uk, const char *en) {
    struct json *j = json_object();
    json_set_z(j, "uk", uk);
    json_set_z(j, "en", en);
    return j;
}

int api_spaces_get(struct api *a, const struct req *q, struct reply *r) {
    struct space *v = arena_alloc(q->arena, SPACES_MAX * sizeof *v);
    int n = v ? space_list(a->store, q->arena, v, SPACES_MAX) : -ERR_FULL;
    if (n < 0)
        return n;
    struct json *out = json_object(), *list = json_array();
    for (int i = 0; i < n; i++) {
        struct json *j = json_object();
        json_set_z(j, "id", v[i].id);
        json_set(j, "name", two_languages(v[i].name_uk, v[i].name_en));
        json_set(j, "about", two_languages(v[i].about_uk, v[i].about_en));
        json_set_int(j, "events", v[i].events);
        json_set_int(j, "lessons", v[i].lessons);
        json_add(list, j);
    }
    json_set(out, "spaces", list);
    return handler_answer(r, 200, out);
}

/* {"uk","en"} into two texts of the arena; absent leaves both "" unless it must be there. */
static int read_languages(struct api *a, const struct req *q, const struct json *j, const char *field,
                          const char *out[2]) {
    static const char *const keys[] = {"uk", "en"};
    const struct json *both = json_get(j, field);
    bool is_name = !strcmp(field, "name");
    for (int i = 0; i < 2; i++) {
        struct str text = {"", 0};
        int err = handler_str(a, both, keys[i], is_name, &text);
        if (err || (is_name ? !meeting_title_ok(text) : !meeting_text_ok(text)))
            return handler_fail(a, -ERR_INVALID, field,
                                "Texts in \"uk\" and \"en\": a name of 1 to 200 characters, 8000 about it.");
        out[i] = arena_str(q->arena, str_trim(text));
        if (!out[i])
            return -ERR_FULL;
    }
    return 0;
}

int api_space_put(struct api *a, const struct req *q, struct reply *r) {
    enum { PLACE_MAX = 1000 };
    struct json *j;
    struct space sp = {.id = arena_str(q->arena, q->params[0])};
    const char *name[2], *about[2];
    if (!sp.id || !space_id_ok(q->params[0]))
        return handler_fail(a, -ERR_INVALID, "id", "An id has 1 to 32 small letters, digits and hyphens.");
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = read_languages(a, q, j, "name", name);
    if (!err)
        err = read_languages(a, q, j, "about", about);
    if (!err)
        err = handler_int(a, j, "place", 1, PLACE_MAX, &sp.place);
    json_free(j);
    if (err)
        return err;
    sp.name_uk = name[0], sp.name_en = name[1];
    sp.about_uk = about[0], sp.about_en = about[1];
    err = space_put(a->store, &sp);
    return err ? err : api_spaces_get(a, q, r);
}

int api_space_delete(struct api *a, const struct req *q, struct reply *r) {
    int err = space_drop(a->store, q->params[0]);
    if (err == -ERR_CONFLICT)
        return handler_fail(a, err, NULL, "Events belong to this space: move them first.");
    return err ? err : handler_empty(r, 204);
}
