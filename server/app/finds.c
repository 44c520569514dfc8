/* finds — looking through a room's chat in the database, by way of the api threads. */
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/app/parts.h"
#include "server/catalogue/roomlog.h"
#include "server/signaling/proto.h"

struct search {
    struct pool_task task;
    struct app *app;
    struct hub_finding finding;
    struct find find;
    int err;
};

static int take(void *ctx, const struct roomlog_line *line) {
    struct search *s = ctx;
    struct event e;
    if (proto_event_parse(&e, line->json))
        return 0;
    bool more = find_take(&s->find, &e);
    event_fini(&e);
    return !more;
}

static void run(struct pool_task *t, void *ctx) {
    struct search *s = container_of(t, struct search, task);
    int rc = roomlog_talk(((struct http_ctx *)ctx)->store, s->finding.room, take, s);
    s->err = rc < 0 ? rc : 0;
}

static void done(struct pool_task *t) {
    struct search *s = container_of(t, struct search, task);
    if (s->app->hub)
        hub_on_found(s->app->hub, &s->finding, s->err, s->find.v, s->find.n, s->find.next);
    find_fini(&s->find);
    mem_free(s);
}

/* Nobody was promised anything: when the threads have enough to do, the page is told to try again. */
static void refuse(struct pool_task *t, void *ctx) {
    struct search *s = container_of(t, struct search, task);
    (void)ctx;
    s->err = -ERR_BUSY;
}

void finds_send(struct app *a, const struct hub_finding *f) {
    struct search *s = mem_zalloc(sizeof *s);
    s->app = a;
    s->finding = *f;
    s->task.run = run;
    s->task.done = done;
    find_init(&s->find, &s->finding.query);
    if (!pool_put(a->pool, &s->task))
        return;
    s->task.run = refuse; /* an op does not answer before it returns */
    if (!pool_put_owed(a->pool, &s->task))
        return;
    find_fini(&s->find); /* the server is stopping */
    mem_free(s);
}
