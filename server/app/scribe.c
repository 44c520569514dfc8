#include "server/app/scribe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mailbox.h"
#include "media/base/map.h"
#include "media/base/mem.h"
#include "server/catalogue/roomlog.h"

struct line {
    char room[ROOM_ID_MAX + 1];
    uint64_t load, seq;
    int64_t at_ms;
    char *json; /* owned; NULL tells the thread to stop */
    size_t n;
    bool is_image;
};
struct scribe {
    struct mailbox *in, *out;
    struct store *store; /* the thread's own */
    pthread_t thread;
    _Atomic uint64_t commits;
    bool has_forgotten; /* by the batch under way; the thread's own */
    struct smap fallen; /* room -> load whose lines are dropped; the thread's own */
    struct line batch[SCRIBE_BATCH_MAX];
    struct roomlog_line rows[SCRIBE_BATCH_MAX];
    struct scribe_report reports[SCRIBE_BATCH_MAX];
};

static struct scribe_report *report_for(struct scribe *s, size_t *n, const struct line *l) {
    for (size_t i = *n; i-- > 0;)
        if (s->reports[i].load == l->load && !strcmp(s->reports[i].room, l->room))
            return &s->reports[i];
    struct scribe_report *r = &s->reports[(*n)++];
    *r = (struct scribe_report){.load = l->load};
    STR_COPY(r->room, str_of(l->room));
    return r;
}

/* Takes out what follows a line that was not written. */
static size_t drop_fallen(struct scribe *s, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct line *l = &s->batch[i];
        uintptr_t load = (uintptr_t)smap_get(&s->fallen, str_of(l->room));
        if (load && load == l->load) {
            mem_free(l->json);
            continue;
        }
        if (load && l->load)
            smap_drop(&s->fallen, str_of(l->room)); /* it came anew */
        s->batch[kept++] = *l;
    }
    return kept;
}

/* Who finds no place is caught by the log itself, which takes no line after a gap. */
static void put_fallen(struct scribe *s, const struct scribe_report *r) {
    struct str key;
    size_t it = 0;
    while (s->fallen.n == SCRIBE_FALLEN_MAX && smap_next(&s->fallen, &it, &key)) {
        smap_drop(&s->fallen, key);
        break;
    }
    smap_put(&s->fallen, str_of(r->room), (void *)(uintptr_t)r->load);
}

static int append(struct scribe *s, size_t n, const struct scribe_report *only) {
    size_t rows = 0;
    for (size_t i = 0; i < n; i++) {
        const struct line *l = &s->batch[i];
        if (!only || (only->load == l->load && !strcmp(only->room, l->room)))
            s->rows[rows++] =
                (struct roomlog_line){str_of(l->room), l->seq, l->at_ms, {l->json, l->n}, l->is_image};
    }
    int rc = roomlog_append(s->store, s->rows, rows);
    if (rc < 0)
        return rc;
    atomic_fetch_add(&s->commits, 1);
    s->has_forgotten |= rc > 0;
    return 0;
}

/* A disk that is full or slow for a moment must not close a class: what waits is tried again for a while, and
 * people see their messages late. A conflict stays one however often it is tried. */
static int append_patiently(struct scribe *s, size_t n) {
    int rc = append(s, n, NULL);
    for (int tries = 0; (rc == -ERR_IO || rc == -ERR_BUSY) && tries < SCRIBE_TRIES; tries++) {
        struct timespec pause = {.tv_nsec = SCRIBE_PAUSE_MS * 1000000L};
        nanosleep(&pause, NULL); /* lint: deadline: a pause between tries */
        rc = append(s, n, NULL);
    }
    return rc;
}

/* One commit for all. When that fails, room by room, so that only the guilty one is told it failed. */
static void write_batch(struct scribe *s, size_t n) {
    size_t reports = 0;
    s->has_forgotten = false;
    n = drop_fallen(s, n);
    for (size_t i = 0; i < n; i++) {
        struct scribe_report *r = report_for(s, &reports, &s->batch[i]);
        if (s->batch[i].seq > r->seq)
            r->seq = s->batch[i].seq;
    }
    int rc = n ? append_patiently(s, n) : 0;
    for (size_t i = 0; rc && i < reports; i++) {
        s->reports[i].failed = append(s, n, &s->reports[i]) != 0;
        if (s->reports[i].failed && s->reports[i].load)
            put_fallen(s, &s->reports[i]);
    }
    for (size_t i = 0; i < reports; i++) {
        s->reports[i].forgot = s->has_forgotten;
        if (s->reports[i].failed)
            LOG_ERROR("room log not written room=%s seq=%llu", s->reports[i].room,
                      (unsigned long long)s->reports[i].seq);
        mailbox_put(s->out, &s->reports[i]); /* holds as many as lines can wait: never full */
    }
    for (size_t i = 0; i < n; i++)
        mem_free(s->batch[i].json);
}

static void *thread_main(void *arg) {
    struct scribe *s = arg;
    for (bool stop = false; !stop;) {
        mailbox_wait(s->in, -1);
        size_t n = mailbox_get(s->in, s->batch, SCRIBE_BATCH_MAX);
        if (n && !s->batch[n - 1].json) { /* only scribe_close sends it, as the last */
            stop = true;
            n--;
        }
        write_batch(s, n);
    }
    return NULL;
}

int scribe_open(struct scribe **out, const char *db_path) {
    struct scribe *s = mem_zalloc(sizeof *s);
    int rc = mailbox_open(&s->in, sizeof(struct line), SCRIBE_QUEUE_MAX);
    if (!rc)
        rc = mailbox_open(&s->out, sizeof(struct scribe_report), SCRIBE_QUEUE_MAX + SCRIBE_BATCH_MAX);
    if (!rc)
        rc = store_open(&s->store, db_path, true);
    if (!rc)
        store_wipe(s->store); /* a server that died may have left it full */
    smap_init(&s->fallen, SCRIBE_FALLEN_MAX);
    if (!rc && pthread_create(&s->thread, NULL, thread_main, s))
        rc = -ERR_IO;
    if (rc) {
        store_close(s->store);
        mailbox_close(s->in);
        mailbox_close(s->out);
        mem_free(s);
        return rc;
    }
    *out = s;
    return 0;
}

void scribe_close(struct scribe *s) {
    if (!s)
        return;
    struct line stop = {0};
    while (mailbox_put(s->in, &stop)) /* full: the thread is emptying it */
        mailbox_wait(s->out, 10);
    pthread_join(s->thread, NULL);
    smap_fini(&s->fallen);
    store_close(s->store);
    mailbox_close(s->in);
    mailbox_close(s->out);
    mem_free(s);
}

int scribe_put(struct scribe *s, const struct scribe_line *line) {
    struct line l = {.load = line->load,
                     .seq = line->seq,
                     .at_ms = line->at_ms,
                     .json = mem_strndup(line->json.p, line->json.n),
                     .n = line->json.n,
                     .is_image = line->is_image};
    STR_COPY(l.room, str_of(line->room));
    int rc = mailbox_put(s->in, &l);
    if (rc)
        mem_free(l.json);
    return rc;
}

int scribe_fd(const struct scribe *s) { return mailbox_fd(s->out); }

size_t scribe_reports(struct scribe *s, struct scribe_report *out, size_t max) {
    return mailbox_get(s->out, out, max);
}

uint64_t scribe_commits(const struct scribe *s) { return atomic_load(&s->commits); }
