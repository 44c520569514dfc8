/* Where events belong and what forms they take: spaces and formats. */
#include "media/base/err.h"
#include "server/catalogue/formats.h"
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

static struct json *format_doc(const struct format *f) {
    struct json *j = json_object(), *roles = json_object();
    json_set_z(j, "id", f->id);
    json_set(j, "name", two_languages(f->name_uk, f->name_en));
    json_set_z(j, "record", record_policy_name(f->record));
    json_set_bool(j, "lobby", f->lobby);
    json_set_int(j, "stage_max", f->stage_max);
    for (int role = 0; role < ROLE_COUNT; role++) {
        struct json *can = json_array();
        for (int bit = 0; bit < CAN_COUNT; bit++)
            if (f->can[role] & (1u << bit))
                json_add_str(can, str_of(can_name((enum can_bit)bit)));
        json_set(roles, role_name((enum role)role), can);
    }
    json_set(j, "roles", roles);
    return j;
}

int api_formats_get(struct api *a, const struct req *q, struct reply *r) {
    (void)q;
    struct json *out = json_object(), *list = json_array();
    for (size_t i = 0; i < a->cfg->formats->n; i++)
        json_add(list, format_doc(&a->cfg->formats->v[i]));
    json_set(out, "formats", list);
    return handler_answer(r, 200, out);
}
