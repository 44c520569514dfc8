#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "server/app/parts.h"

static void journal_failed(struct app *a, const char *room) { hub_on_journal_failed(a->hub, room, 0); }
static void record_gap(struct app *a, const char *room) { hub_on_recorder(a->hub, room, REASON_GAP); }
static void record_failed(struct app *a, const char *room) { hub_on_recorder(a->hub, room, REASON_FAILED); }
static void record_well(struct app *a, const char *room) { hub_on_recorder(a->hub, room, REASON_NONE); }

/* ---- the hub's outside ---- */

static int op_send(void *ctx, uint64_t conn, struct note *note) {
    return ws_send(((struct app *)ctx)->ws, conn, note);
}

static void op_close(void *ctx, uint64_t conn, struct note *bye, const char *reason) {
    ws_close(((struct app *)ctx)->ws, conn, bye, reason);
}

static void op_journal(void *ctx, const char *room, uint64_t load, const struct hub_line *line) {
    struct app *a = ctx;
    if (scribe_put(a->scribe, &(struct scribe_line){room, load, line->seq, line->at_ms, line->json, false}))
        later_put(a, journal_failed, room);
}

/* One that finds no place is missed by nobody: another follows. */
static void op_image(void *ctx, const char *room, uint64_t load, const struct hub_line *line) {
    struct app *a = ctx;
    (void)scribe_put(a->scribe, &(struct scribe_line){room, load, line->seq, line->at_ms, line->json, true});
}

static void op_find(void *ctx, const struct hub_finding *f) { finds_send(ctx, f); }
static void op_load_room(void *ctx, const char *room) { roomio_load(ctx, room); }

static void op_room_life(void *ctx, const char *room, enum life life, int64_t at_ms) {
    (void)at_ms; /* the database knows from the log itself (server/catalogue/roomlog.h) */
    LOG_INFO("room %s room=%s", life_name(life), room);
    if (life ==
        LIFE_OPEN) /* its format is fixed now: a change of that very moment is in the room or not at all */
        later_put(ctx, roomio_meta, room);
}

static int op_record_start(void *ctx, const char *room, uint64_t media_room) {
    struct app *a = ctx;
    int err = recorder_start(a->recorder, room, media_room);
    if (err)
        later_put(a, record_failed, room);
    return err;
}

static void op_record_stop(void *ctx, const char *room, bool final) {
    recorder_stop(((struct app *)ctx)->recorder, room, final);
}

static void op_record_program(void *ctx, const char *room, const char *member) {
    recorder_program(((struct app *)ctx)->recorder, room, member);
}

static void op_record_screen(void *ctx, const char *room, const char *member, enum media_source source) {
    recorder_screen(((struct app *)ctx)->recorder, room, member, source);
}

static void op_record_channels(void *ctx, const char *room, const struct channels *channels) {
    recorder_channels(((struct app *)ctx)->recorder, room, channels);
}

struct hub_ops effects_hub_ops(struct app *a) {
    return (struct hub_ops){.ctx = a,
                            .send = op_send,
                            .close = op_close,
                            .journal = op_journal,
                            .image = op_image,
                            .load_room = op_load_room,
                            .find = op_find,
                            .room_life = op_room_life,
                            .record_start = op_record_start,
                            .record_stop = op_record_stop,
                            .record_program = op_record_program,
                            .record_screen = op_record_screen,
                            .record_channels = op_record_channels};
}

/* ---- the recorder's ---- */

static void on_recorder(void *ctx, const char *room, enum recorder_state state, int64_t duration_ms,
                        const char *text) {
    struct app *a = ctx;
    if (state == RECORDER_PROGRESS) {
        roomio_progress(a, room, duration_ms);
        return;
    }
    LOG_INFO("recording state=%d room=%s duration_ms=%lld %s", state, room, (long long)duration_ms, text);
    if (state == RECORDER_RUNNING)
        roomio_recording(a, room);
    if (state == RECORDER_STOPPED || state == RECORDER_FINISHED || state == RECORDER_ABANDONED)
        speech_end(a->speech, room);
    if (state == RECORDER_FINISHED || state == RECORDER_ABANDONED)
        roomio_publish(a, room);
    else if (state == RECORDER_GAP)
        later_put(a, record_gap, room);
    else if (state == RECORDER_FAILED)
        later_put(a, record_failed, room);
    else if (state == RECORDER_AT_WORK)
        later_put(a, record_well, room);
}

static int on_listen(void *ctx, const char *room) { return speech_listen(((struct app *)ctx)->speech, room); }

struct recorder_ops effects_recorder_ops(struct app *a) {
    return (struct recorder_ops){on_recorder, on_listen, a};
}

/* ---- HTTP ---- */

static void on_unopened(void *ctx, const char *room) { later_put(ctx, roomio_meta, room); }

/* A room that refuses it says so to nobody: it has ended, or has as many as it may. */
static void on_clip(void *ctx, int err, const char *text) {
    (void)ctx;
    if (err)
        LOG_INFO("video not brought into or out of the room err=%s text=\"%s\"", err_wire(err), text);
}

static void bring_clip(struct app *a, const struct effect *e) {
    struct command c = {.type = CMD_CLIP, .text = str_of(e->clip.title), .size = (uint64_t)e->clip.length_ms};
    (void)STR_COPY(c.name, str_of(e->clip.file));
    hub_command(a->hub, e->room, &c, on_clip, a);
}

static void drop_clip(struct app *a, const struct effect *e) {
    struct command c = {.type = CMD_CLIP_DROP};
    (void)STR_COPY(c.name, str_of(e->clip.file));
    hub_command(a->hub, e->room, &c, on_clip, a);
}

static void on_effect(void *ctx, const struct effect *e) {
    struct app *a = ctx;
    if (!a->hub) /* stopping: rooms and jobs are closed already */
        return;
    switch (e->kind) {
    case EFFECT_ROOM_END:
        roomio_end(a, e->room);
        break;
    case EFFECT_ROOM_GONE:
        roomio_call_off(a, e->room);
        break;
    case EFFECT_ROOM_META:
        roomio_meta(a, e->room);
        break;
    case EFFECT_FORMAT:
        hub_each_unopened(a->hub, str_of(e->room), on_unopened, a);
        break;
    case EFFECT_CAPTURE:
        capture_begin(a, e);
        break;
    case EFFECT_CLIP:
        bring_clip(a, e);
        break;
    case EFFECT_CLIP_GONE:
        drop_clip(a, e);
        break;
    case EFFECT_UPLOADS:
        for (int k = 0; k < UPLOAD_KIND_COUNT; k++)
            uploads_wake(a->uploads[k]);
        break;
    case EFFECT_JOBS:
        jobs_wake(a->jobs);
        break;
    case EFFECT_MAIL:
        if (a->post)
            post_wake(a->post);
        break;
    case EFFECT_USER_GONE:
        hub_user_gone(a->hub, e->user, clock_wall_ms() / 1000);
        break;
    }
}

static void on_control(void *ctx, uint64_t call, const struct route *route, const struct req *req) {
    struct app *a = ctx;
    hub_clock(a->hub, clock_mono_us(), clock_wall_ms());
    if (route->name == ROUTE_PROBE) {
        probes_on_request(a->probes, call, req);
        return;
    }
    if (route->name != ROUTE_HEALTH && route->name != ROUTE_METRICS) {
        whipweb_on_request(a->whip, call, route, req);
        return;
    }
    struct reply r;
    reply_init(&r);
    r.status = 200;
    if (route->name == ROUTE_HEALTH) {
        r.type = "application/json";
        r.status = a->draining ? 503 : 200;
        buf_z(&r.body, a->draining ? "{\"ok\":false,\"text\":\"stopping\"}" : "{\"ok\":true}");
    } else if (!req->is_local && strcmp(a->cfg->http_metrics, "all") != 0) {
        api_error(&r, -ERR_DENIED, NULL,
                  "The server's figures are told on its own machine only (setting http.metrics).", 0);
    } else {
        r.type = "text/plain; version=0.0.4; charset=utf-8";
        figures_write(a, &r.body);
    }
    http_answer(a->http, call, &r);
}

struct http_ops effects_http_ops(struct app *a) {
    return (struct http_ops){on_control, on_effect, a};
}
