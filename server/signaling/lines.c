#include "server/signaling/lines.h"

#include <stdlib.h>

#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"

enum line_word line_judge(unsigned loss_permille, unsigned rtt_ms, unsigned freeze_ms) {
    /* Lost packets come again, so a few in a hundred only show when many follow; a conversation suffers from
     * 400 ms there and back (ITU-T G.114: 150 ms one way is good, beyond 400 ms unacceptable). */
    if (loss_permille >= 100 || rtt_ms >= 800 || freeze_ms >= 2500)
        return LINE_BAD;
    return loss_permille >= 30 || rtt_ms >= 400 || freeze_ms >= 500 ? LINE_WEAK : LINE_GOOD;
}

static bool is_news(const struct live *l, int64_t at_us) {
    return at_us && l->h->now_us - at_us <= (int64_t)LINES_KEEP_S * HUB_SECOND_US;
}

/* The worse of both directions. */
static struct proto_line judge(const struct seat *seat) {
    const struct live *l = seat->live;
    const struct line *v = &seat->line;
    struct proto_line out = {.who = seat->id};
    for (int kind = MEDIA_PUBLISH; kind <= MEDIA_VIEW; kind++) {
        if (!seat->peer[kind] || !is_news(l, v->link[kind].at_us))
            continue;
        if (v->link[kind].loss_permille > out.loss_permille)
            out.loss_permille = v->link[kind].loss_permille;
        if (v->link[kind].rtt_ms > out.rtt_ms)
            out.rtt_ms = v->link[kind].rtt_ms;
    }
    if (is_news(l, v->freeze_at_us))
        out.freeze_ms = v->freeze_ms;
    out.word = line_judge(out.loss_permille, out.rtt_ms, out.freeze_ms);
    return out;
}

static int by_need(const void *x, const void *y) {
    const struct proto_line *a = x, *b = y;
    if (a->word != b->word)
        return a->word < b->word ? 1 : -1;
    return a->loss_permille < b->loss_permille ? 1 : a->loss_permille > b->loss_permille ? -1 : 0;
}

/* The worst ones of all, in order. */
static size_t collect(struct live *l, struct proto_line out[LINES_TOLD_MAX]) {
    size_t n = 0;
    list_each (&l->seats, seat, struct seat, link) {
        struct proto_line line = judge(seat);
        if (line.word == LINE_GOOD || !room_present(&l->room, seat->id))
            continue;
        if (n < LINES_TOLD_MAX)
            out[n++] = line;
        else if (by_need(&line, &out[n - 1]) < 0)
            out[n - 1] = line;
        else
            continue;
        qsort(out, n, sizeof *out, by_need);
    }
    return n;
}

static void on_due(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, lines);
    struct proto_line worst[LINES_TOLD_MAX];
    struct buf b;
    size_t n = collect(l, worst);
    buf_init(&b, NOTE_MAX_BYTES);
    proto_lines(&b, worst, n);
    struct note *note = note_of(&b);
    cast_mods(l, note);
    note_drop(note);
    if (n) /* and once more when the last one is well again */
        timer_set(h, t, h->now_us + (int64_t)LINES_EVERY_S * HUB_SECOND_US, on_due);
}

static void look(struct seat *seat) {
    struct live *l = seat->live;
    if (!timer_is_set(&l->lines) && judge(seat).word != LINE_GOOD)
        timer_set(l->h, &l->lines, l->h->now_us + HUB_SECOND_US, on_due);
}

void lines_on_quality(struct seat *seat, enum media_peer_kind kind, struct str media_json) {
    seat->line.link[kind].at_us = seat->live->h->now_us;
    proto_link(media_json, &seat->line.link[kind].loss_permille, &seat->line.link[kind].rtt_ms);
    look(seat);
}

void lines_on_page(struct session *s, const struct msg *m) {
    s->seat->line.freeze_ms = (unsigned)m->freeze_ms;
    s->seat->line.freeze_at_us = s->h->now_us;
    look(s->seat);
}
