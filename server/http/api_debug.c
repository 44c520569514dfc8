/* For whoever looks for what is wrong with somebody's line. */
#include <stdio.h>

#include "media/base/err.h"
#include "media/media.h"
#include "server/catalogue/formatbook.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"
#include "server/rooms/event.h"

enum { SECONDS_DEFAULT = 10, SECONDS_MAX = MEDIA_CAPTURE_MS_MAX / 1000 };

static int kind_of(struct str s) {
    return str_is(s, "publish") ? MEDIA_PUBLISH : str_is(s, "view") ? MEDIA_VIEW : -ERR_INVALID;
}

static int read_wish(struct api *a, const struct json *j, struct effect_capture *out) {
    struct str member = {"", 0};
    int64_t seconds = SECONDS_DEFAULT;
    int kind = MEDIA_VIEW;
    int err = handler_str(a, j, "member", true, &member);
    if (!err && (!room_id_ok(member) || !STR_COPY(out->member, member)))
        err = handler_fail(a, -ERR_INVALID, "member", "This is no member's id.");
    if (!err)
        err = handler_word(a, j, "kind", kind_of, &kind);
    if (!err)
        err = handler_int(a, j, "seconds", 1, SECONDS_MAX, &seconds);
    out->is_view = kind == MEDIA_VIEW;
    out->ms = (unsigned)seconds * 1000;
    return err;
}

/* What people say to one another is in it: so only the administrator may, and only when the server's settings
 * allow it; app writes a line to the log. */
int api_event_capture(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct json *j;
    struct effect_capture wish = {.at_ms = q->now_ms};
    char file[EFFECT_CAPTURE_FILE];
    if (a->in.user.role != USER_ADMIN)
        return -ERR_DENIED;
    if (!a->cfg->capture)
        return handler_fail(a, -ERR_DENIED, NULL, "Captures are turned off (debug.capture).");
    int err = handler_event_edit(a, q, &m);
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    err = read_wish(a, j, &wish);
    json_free(j);
    if (err)
        return err;
    if (formatbook_forgets(a->store, a->cfg->formats, &m))
        return handler_fail(a, -ERR_DENIED, NULL, "Nothing of an event of this format is kept.");
    if (m.life != LIFE_OPEN)
        return handler_fail(a, -ERR_CONFLICT, NULL, "The event is not live.");
    struct effect *e = reply_effect(r, EFFECT_CAPTURE, str_of(m.id), a->in.user.id);
    e->capture = wish;
    effect_capture_file(e, file);
    struct json *out = json_object();
    json_set_z(out, "file", file);
    return handler_answer(r, 202, out);
}
