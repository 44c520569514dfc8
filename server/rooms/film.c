#include "server/rooms/film.h"

#include "media/base/mem.h"
#include "server/rooms/parts.h"

const struct clip *film_find(const struct room *r, uint64_t n) {
    list_each (&r->film.clips, c, struct clip, link) {
        if (c->n == n)
            return c;
    }
    return NULL;
}

static const struct clip *find_file(const struct room *r, const char *file) {
    list_each (&r->film.clips, c, struct clip, link) {
        if (!strcmp(c->file, file))
            return c;
    }
    return NULL;
}

/* ---- deciding ---- */

/* The server's own: who brought it may watch it. Told twice, it is in the room once. */
int film_clip(struct decision *d) {
    const struct command *c = d->cmd;
    if (!c->name[0] || !room_line_ok(c->text) || !c->size || c->size > CLIP_LENGTH_MAX_MS)
        return decision_refuse(d, -ERR_INVALID, "A video has a file, a title in one line and a length.");
    if (find_file(d->r, c->name))
        return 0;
    if (d->r->film.clip_count >= CLIPS_MAX)
        return decision_refuse(d, -ERR_FULL, "There are 20 videos already.");
    struct event *e = decision_put(d, EV_CLIP, "");
    STR_COPY(e->name, str_of(c->name));
    e->text = room_dup(c->text);
    e->size = c->size;
    return 0;
}

/* By its number; by its file, where the server itself says that it is gone. */
int film_drop(struct decision *d) {
    const struct command *c = d->cmd;
    const struct clip *clip = c->n ? film_find(d->r, c->n) : c->name[0] ? find_file(d->r, c->name) : NULL;
    if (!clip)
        return decision_refuse(d, -ERR_MISSING, "There is no such video.");
    decision_put(d, EV_CLIP_DROPPED, "")->n = clip->n;
    return 0;
}

int film_show(struct decision *d) {
    const struct film *v = &d->r->film;
    const struct command *c = d->cmd;
    const struct clip *clip = c->n ? film_find(d->r, c->n) : NULL;
    uint64_t rate = c->size ? c->size : VIDEO_RATE;
    if (c->n && !clip)
        return decision_refuse(d, -ERR_MISSING, "There is no such video.");
    if (!clip && c->on)
        return decision_refuse(d, -ERR_INVALID, "No video cannot play.");
    if (clip && (c->amount > clip->length_ms || rate < VIDEO_RATE_MIN || rate > VIDEO_RATE_MAX))
        return decision_refuse(d, -ERR_INVALID, "The video is not that long, or does not play that fast.");
    bool is_same = v->shown == c->n &&
                   (!clip || (!c->on && !v->is_playing && v->position_ms == c->amount && v->rate == rate));
    if (is_same)
        return 0;
    struct event *e = decision_put(d, EV_VIDEO, "");
    e->n = c->n;
    e->on = c->on;
    e->amount = clip ? c->amount : 0;
    e->size = clip ? rate : 0;
    return 0;
}

/* ---- evolving ---- */

static void stop(struct film *v) {
    v->shown = v->position_ms = v->rate = 0;
    v->is_playing = false;
    v->at_ms = 0;
}

static void forget(struct room *r, struct clip *c) {
    if (r->film.shown == c->n)
        stop(&r->film);
    list_drop(&c->link);
    r->film.clip_count--;
    mem_free(c->title);
    mem_free(c);
}

void film_evolve_clip(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if (!e->seq || !e->name[0] || !e->size || r->film.clip_count >= CLIPS_MAX || film_find(r, e->seq))
        return;
    struct clip *c = mem_zalloc(sizeof *c);
    c->n = e->seq;
    STR_COPY(c->file, str_of(e->name));
    c->title = mem_strndup(e->text.n ? e->text.p : "", e->text.n);
    c->length_ms = e->size > CLIP_LENGTH_MAX_MS ? CLIP_LENGTH_MAX_MS : e->size;
    list_put(&r->film.clips, &c->link);
    r->film.clip_count++;
}

void film_evolve_dropped(struct room *r, struct member *m, const struct event *e) {
    struct clip *c = (struct clip *)film_find(r, e->n);
    (void)m;
    if (c)
        forget(r, c);
}

void film_evolve(struct room *r, struct member *m, const struct event *e) {
    struct film *v = &r->film;
    const struct clip *c = e->n ? film_find(r, e->n) : NULL;
    (void)m;
    if (e->n && !c)
        return;
    if (!c) {
        stop(v);
        return;
    }
    v->shown = e->n;
    v->is_playing = e->on;
    v->position_ms = e->amount > c->length_ms ? c->length_ms : e->amount;
    v->rate = e->size < VIDEO_RATE_MIN || e->size > VIDEO_RATE_MAX ? VIDEO_RATE : e->size;
    v->at_ms = e->at_ms;
}

/* ---- as every feature ---- */

void film_init(struct room *r) {
    r->film = (struct film){.clip_count = 0};
    list_init(&r->film.clips);
}

void film_fini(struct room *r) {
    list_each (&r->film.clips, c, struct clip, link) {
        forget(r, c);
    }
}

void film_dump(const struct room *r, struct buf *b) {
    const struct film *v = &r->film;
    list_each (&v->clips, c, struct clip, link) {
        buf_printf(b, "clip %llu %s \"%s\" %llu\n", (unsigned long long)c->n, c->file, c->title,
                   (unsigned long long)c->length_ms);
    }
    if (v->shown)
        buf_printf(b, "video %llu %s %llu@%lld %llu\n", (unsigned long long)v->shown,
                   v->is_playing ? "plays" : "stands", (unsigned long long)v->position_ms,
                   (long long)v->at_ms, (unsigned long long)v->rate);
}

void film_image(const struct image *i, const struct room *r) {
    const struct film *v = &r->film;
    list_each (&v->clips, c, struct clip, link) {
        struct event e = {.seq = c->n, .type = EV_CLIP, .text = str_of(c->title), .size = c->length_ms};
        STR_COPY(e.name, str_of(c->file));
        image_put(i, &e);
    }
    if (v->shown)
        image_put(i, &(struct event){.seq = 1,
                                     .at_ms = v->at_ms,
                                     .type = EV_VIDEO,
                                     .n = v->shown,
                                     .on = v->is_playing,
                                     .amount = v->position_ms,
                                     .size = v->rate});
}
