#include "tests/sim/school.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const struct net_cfg clean = {.delay_us = 20 * MS};
struct school school;

struct endpoint_line *school_line(struct hall_seat *s, unsigned i) {
    return &s->end->line[i];
}

struct media_stats school_counts(void) {
    struct media_stats n;
    plane_stats(school.hall.plane[0], &n);
    return n;
}

void school_open(enum codec codec) {
    hall_open(&school.hall, 1, &clean, 2026);
    hall_stage(&school.hall, (const char *const[]){"teacher"}, 1);
    school.teacher = hall_publish(&school.hall, "teacher", codec);
    school.teacher->level = 20;
    school.victim = hall_view(&school.hall, 0, "victim", CODEC_NONE, 2);
    hall_run(&school.hall, 4 * SECOND);
    assert_true(hall_screen(school.victim, 0)->shown > 60);
    assert_non_null(hall_ear(school.victim, school.teacher->source));
}

struct school_mark school_mark(void) {
    struct endpoint_line *l = school_line(school.victim, 3);
    l->longest_us = 0;
    return (struct school_mark){.frames = school_line(school.teacher, 1)->frame,
                                .sounds = school_line(school.teacher, 0)->frame,
                                .shown = l->shown,
                                .heard = hall_ear(school.victim, school.teacher->source)->shown,
                                .skipped = l->skipped,
                                .plis = school_line(school.teacher, 1)->plis,
                                .at_us = school.hall.now_us,
                                .n = school_counts()};
}

/* What the teacher sent since, the victim has, on time: a picture or a sound may still be under way. */
void school_unharmed(const struct school_mark *m) {
    const struct endpoint_line *l = school_line(school.victim, 3),
                               *ear = hall_ear(school.victim, school.teacher->source);
    unsigned seconds = (unsigned)((school.hall.now_us - m->at_us) / SECOND);
    assert_int_equal(school.teacher->down + school.victim->down, 0);
    assert_non_null(ear);
    assert_in_range(school_line(school.teacher, 1)->frame - m->frames - (l->shown - m->shown) + 3, 0, 6);
    assert_in_range(school_line(school.teacher, 0)->frame - m->sounds - (ear->shown - m->heard) + 3, 0, 6);
    assert_int_equal(l->skipped, m->skipped);
    assert_int_equal(l->bad_ts + l->bad_pid, 0);
    if (l->longest_us > 70 * MS)
        fail_msg("the picture stood still for %lld ms", (long long)(l->longest_us / MS));
    assert_in_range(school_line(school.teacher, 1)->plis - m->plis, 0, seconds + 1);
}

static void at_once(void *ctx, const uint8_t *p, size_t n, int64_t now_us) {
    (void)now_us;
    hall_inject(&school.hall, ctx, p, n);
}
struct hall_seat *school_turned(struct hall_seat *s) {
    hall_run(&school.hall, 2 * SECOND);
    assert_int_equal(s->up, 1);
    s->camera = s->mic = false;
    s->end->spec.out = at_once;
    return s;
}

/* ---- what is sent ---- */

void school_shoot(struct hall_seat *s, const struct school_shot *x) {
    uint8_t pkt[RTP_PACKET_MAX + SECURE_TRAILER_MAX];
    struct wr w = wr_init(pkt, RTP_PACKET_MAX - SECURE_TRAILER_MAX);
    wr_u8(&w, x->ext.n ? 0x90 : 0x80);
    wr_u8(&w, 0x80 | x->pt);
    wr_u16(&w, x->seq);
    wr_u32(&w, x->ts);
    wr_u32(&w, x->ssrc);
    if (x->ext.n) {
        wr_u16(&w, 0xbede);
        wr_u16(&w, (uint16_t)((x->ext.n + 3) / 4));
        wr_put(&w, x->ext.p, x->ext.n);
        wr_zero(&w, -x->ext.n & 3);
    }
    wr_put(&w, x->payload.p, x->payload.n);
    assert_false(w.bad);
    endpoint_send_rtp(s->end, pkt, wr_len(&w), school.hall.now_us);
}

void school_say(struct hall_seat *s, struct wr *w) {
    struct endpoint *e = s->end;
    if (w->bad || !wr_len(w))
        return;
    /* Under the SSRC it names, whatever it begins with: endpoint_send_rtcp gives reports a count of their
     * own. */
    int len = secure_protect_rtcp(e->secure, w->start, wr_len(w), wr_len(w) + SECURE_TRAILER_MAX);
    if (len > 0)
        e->spec.out(e->spec.ctx, w->start, (size_t)len, school.hall.now_us);
}
