#include <stdio.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/json.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/app/parts.h"
#include "server/catalogue/formatbook.h"
#include "server/catalogue/job.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/roomlog.h"
#include "server/catalogue/user.h"

enum { LOAD_ARENA_MAX = 256 << 20, PUBLISH_TRIES = 3 };

/* One errand to an api thread about one room. */
struct errand {
    struct pool_task task;
    struct app *app;
    char room[ROOM_ID_MAX + 1];
    struct arena arena;
    int err;
    bool is_over, is_end_asked; /* the event */
    int64_t duration_ms;
    struct format rules;
    struct hub_meta meta;
    struct hub_line image, *lines;
    size_t n, cap;
};

static struct errand *errand_make(struct app *a, const char *room, void (*run)(struct pool_task *, void *),
                                  void (*done)(struct pool_task *)) {
    struct errand *e = mem_zalloc(sizeof *e);
    e->app = a;
    e->task.run = run;
    e->task.done = done;
    STR_COPY(e->room, str_of(room));
    arena_init(&e->arena, LOAD_ARENA_MAX);
    return e;
}

static void errand_free(struct errand *e) {
    arena_fini(&e->arena);
    mem_free(e->lines);
    mem_free(e);
}

/* Refused when the server stops: then the answer is "failed", by the same way as any other. */
static void errand_send(struct errand *e) {
    if (!pool_put_owed(e->app->pool, &e->task))
        return;
    e->err = -ERR_BUSY;
    LOG_WARN("no api thread for an errand room=%s", e->room);
    e->task.done(&e->task);
}

static void read_meta(struct errand *e, struct store *s) {
    struct meeting m;
    e->err = meeting_get(s, str_of(e->room), &e->arena, &m);
    if (e->err)
        return;
    e->is_over = m.life == LIFE_ENDED || m.cancelled_at;
    e->meta = (struct hub_meta){.title = str_of(m.title),
                                .format = str_of(arena_str(&e->arena, str_of(m.format))),
                                .record = m.record,
                                .lobby = m.lobby,
                                .standing = m.standing};
    e->err = formatbook_of(s, &e->app->formats, &m, &e->rules);
    if (!e->err)
        e->meta.rules = &e->rules;
    else if (e->err == -ERR_MISSING) /* of a folder of formats that had it once */
        e->err = 0;
}

static int take_line(void *ctx, const struct roomlog_line *line) {
    struct errand *e = ctx;
    if (line->is_image) {
        char *text = arena_str(&e->arena, line->json);
        e->image = (struct hub_line){line->seq, line->at_ms, {text, line->json.n}};
        return text ? 0 : -ERR_TOO_LARGE;
    }
    if (e->n == e->cap) {
        e->cap = e->cap ? 2 * e->cap : 256;
        e->lines = mem_realloc(e->lines, e->cap * sizeof *e->lines);
    }
    char *json = arena_str(&e->arena, line->json);
    if (!json)
        return -ERR_TOO_LARGE;
    e->lines[e->n++] = (struct hub_line){line->seq, line->at_ms, {json, line->json.n}};
    return 0;
}

static void on_ended(void *ctx, int err, const char *text) {
    (void)ctx;
    if (err)
        LOG_INFO("room not ended by the event page err=%s text=\"%s\"", err_wire(err), text);
}

void roomio_end(struct app *a, const char *room) {
    hub_command(a->hub, room, &(struct command){.type = CMD_END}, on_ended, a);
}

/* Whoever is there already is told why. */
void roomio_call_off(struct app *a, const char *room) {
    struct command end = {.type = CMD_END, .reason = REASON_CANCELLED};
    hub_command(a->hub, room, &end, on_ended, a);
}

static void run_load(struct pool_task *t, void *ctx) {
    struct errand *e = container_of(t, struct errand, task);
    struct http_ctx *own = ctx;
    read_meta(e, own->store);
    if (!e->err && e->is_over)
        e->err = -ERR_EXPIRED; /* nothing can happen there any more: its log need not be read */
    if (!e->err)
        e->err = roomlog_state(own->store, e->room, take_line, e);
    e->is_end_asked = !e->err && meeting_end_asked(own->store, e->room);
}

static void done_load(struct pool_task *t) {
    struct errand *e = container_of(t, struct errand, task);
    struct hub_past past = {e->image, e->lines, e->n};
    if (e->app->hub)
        hub_on_room_loaded(e->app->hub, e->room, e->err, &e->meta, &past);
    if (e->app->hub && e->is_end_asked) /* it was promised before the room went */
        roomio_end(e->app, e->room);
    errand_free(e);
}

static void send_load(struct app *a, const char *room) {
    errand_send(errand_make(a, room, run_load, done_load));
}

/* A hub op: the answer must not come before it returns, so even a refusal waits a turn. */
void roomio_load(struct app *a, const char *room) { later_put(a, send_load, room); }

static void run_meta(struct pool_task *t, void *ctx) {
    struct errand *e = container_of(t, struct errand, task);
    read_meta(e, ((struct http_ctx *)ctx)->store);
}

static void done_meta(struct pool_task *t) {
    struct errand *e = container_of(t, struct errand, task);
    if (!e->err && e->app->hub)
        hub_meta_changed(e->app->hub, e->room, &e->meta);
    errand_free(e);
}

void roomio_meta(struct app *a, const char *room) { errand_send(errand_make(a, room, run_meta, done_meta)); }

static void run_recording(struct pool_task *t, void *ctx) {
    struct errand *e = container_of(t, struct errand, task);
    e->err = lesson_started(((struct http_ctx *)ctx)->store, e->room, clock_wall_ms());
}

static void done_plain(struct pool_task *t) {
    struct errand *e = container_of(t, struct errand, task);
    if (e->err)
        LOG_ERROR("recording not noted in the database room=%s err=%s", e->room, err_wire(e->err));
    errand_free(e);
}

void roomio_recording(struct app *a, const char *room) {
    errand_send(errand_make(a, room, run_recording, done_plain));
}

static void run_progress(struct pool_task *t, void *ctx) {
    struct errand *e = container_of(t, struct errand, task);
    e->err = lesson_progress(((struct http_ctx *)ctx)->store, e->room, e->duration_ms);
}

void roomio_progress(struct app *a, const char *room, int64_t duration_ms) {
    struct errand *e = errand_make(a, room, run_progress, done_plain);
    e->duration_ms = duration_ms;
    errand_send(e);
}

static int read_file(const char *path, struct buf *b) {
    FILE *f = fopen(path, "re");
    if (!f)
        return -ERR_MISSING;
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        buf_put(b, piece, n);
    int rc = ferror(f) ? -ERR_IO : b->over ? -ERR_TOO_LARGE : 0;
    fclose(f);
    return rc;
}

static int publish(struct errand *e, struct store *s) {
    char path[DATADIR_PATH_MAX + 128];
    struct buf b;
    buf_init(&b, LESSON_MANIFEST_MAX);
    snprintf(path, sizeof path, "%s/%s/manifest.json", e->app->rec_dir, e->room);
    int err = read_file(path, &b);
    for (int i = 0; !err && i < PUBLISH_TRIES; i++)
        if ((err = lesson_publish(s, e->app->data.path, e->room, buf_view(&b), clock_wall_ms())) != -ERR_BUSY)
            break;
    buf_fini(&b);
    return err;
}

static bool has_takes(const struct errand *e) {
    struct json *takes = recdir_takes(e->app->data.path, e->room);
    bool any = json_len(takes) > 0;
    json_free(takes);
    return any;
}

/* Whatever keeps a recording from being a lesson now must not lose it: a job closes and publishes it later.
 * An event that was deleted meanwhile leaves no files. */
static int put_off(struct errand *e, struct store *s) {
    struct meeting m;
    int err = meeting_get(s, str_of(e->room), &e->arena, &m);
    if (err == -ERR_MISSING)
        return recdir_remove(e->app->data.path, e->room);
    if (!has_takes(e))
        return lesson_failed(s, e->room); /* nothing was recorded at all */
    err = job_put(s, e->room, JOB_FINISH, clock_wall_ms());
    return err == -ERR_CONFLICT ? 0 : err; /* it waits already */
}

static void run_publish(struct pool_task *t, void *ctx) {
    struct errand *e = container_of(t, struct errand, task);
    struct http_ctx *own = ctx;
    e->err = publish(e, own->store);
    int err = e->err ? put_off(e, own->store) : 0;
    if (err)
        LOG_ERROR("a recording waits for the next start of the server room=%s err=%s", e->room,
                  err_wire(err));
}

static void done_publish(struct pool_task *t) {
    struct errand *e = container_of(t, struct errand, task);
    if (e->err)
        LOG_ERROR("lesson not published yet room=%s err=%s", e->room, err_wire(e->err));
    else
        LOG_INFO("lesson published room=%s", e->room);
    if (e->app->jobs)
        jobs_wake(e->app->jobs); /* for its poster and MP4, or to try again */
    errand_free(e);
}

void roomio_publish(struct app *a, const char *room) {
    errand_send(errand_make(a, room, run_publish, done_publish));
}

static void void_tickets(void *arg, int64_t user, int64_t until_s) { hub_user_gone(arg, user, until_s); }

int roomio_open_rooms(struct app *a, char (*out)[MEETING_ID_CHARS + 1], size_t max) {
    struct store *s;
    char sentence[FORMATS_SENTENCE_MAX];
    int rc = store_open(&s, a->data.db, false);
    if (rc)
        return rc;
    if (formatbook_check(s, &a->formats, sentence)) /* events of it do not open until it is mended */
        LOG_ERROR("a format the staff made does not read: %s", sentence);
    lesson_recover(s, clock_wall_ms());
    user_each_void(s, clock_wall_ms() / 1000, HUB_VOID_USERS_MAX, void_tickets, a->hub);
    rc = meeting_open_ids(s, out, max);
    store_close(s);
    return rc;
}
