#include "media/rtc/tap.h"
#include "media/base/frame.h"
#include "media/base/mem.h"
#include "media/base/wr.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct tap_sink {
    struct sink sink;
    struct list in_tap;
    struct tap *tap;
    bool lost; /* something was dropped and the key frame after it was not delivered yet */
};

/* False when the frame could not be handed over. */
static bool tap_send(struct tap *p, const struct track *t, struct frame *f) {
    if (p->gone)
        return false;
    f->media = t->video ? FRAME_VIDEO : FRAME_AUDIO;
    f->codec = (uint8_t)t->codec;
    f->track = t->id;
    f->clock_hz = codec_clock_hz(t->codec);
    uint8_t msg[FRAME_MAX];
    int n = frame_write(f, msg, sizeof msg);
    if (n < 0)
        return false;
    if (send(p->fd, msg, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) == n) {
        p->room->env->n.tap_packets++;
        return true;
    }
    if (errno != EAGAIN && errno != ENOBUFS)
        p->gone = true;
    p->room->env->n.tap_dropped++;
    return false;
}

static void tap_on_packet(struct sink *sink, const struct history_pkt *p, int64_t now_us) {
    struct tap_sink *s = container_of(sink, struct tap_sink, sink);
    struct frame f = {.kind = FRAME_RTP, .arrival_us = p->arrival_us, .payload = {p->data, p->n}};
    if (tap_send(s->tap, sink->track, &f)) {
        s->lost = s->lost && !p->info.keyframe;
    } else if (!s->lost) {
        s->lost = true;
        track_ask(sink->track, now_us);
    }
}

static void tap_on_sr(struct sink *sink, uint64_t ntp, uint32_t ts, int64_t now_us) {
    struct tap_sink *s = container_of(sink, struct tap_sink, sink);
    uint8_t body[12];
    struct wr w = wr_init(body, sizeof body);
    wr_u64(&w, ntp);
    wr_u32(&w, ts);
    struct frame f = {.kind = FRAME_SR, .arrival_us = now_us, .payload = {body, sizeof body}};
    tap_send(s->tap, sink->track, &f);
}

static void tap_sink_free(struct tap_sink *s) {
    track_detach(&s->sink);
    list_drop(&s->in_tap);
    mem_free(s);
}

static void tap_on_gone(struct sink *sink, const struct track *t, int64_t now_us) {
    struct tap_sink *s = container_of(sink, struct tap_sink, sink);
    struct frame f = {.kind = FRAME_GONE, .arrival_us = now_us};
    tap_send(s->tap, t, &f);
    tap_sink_free(s);
}

static const struct sink_ops tap_ops = {
    .on_packet = tap_on_packet, .on_sr = tap_on_sr, .on_gone = tap_on_gone};

static void tap_on_track(struct router_fan *fan, struct track *t, int64_t now_us) {
    struct tap *p = container_of(fan, struct tap, fan);
    struct tap_sink *s = mem_zalloc(sizeof *s);
    s->tap = p;
    s->sink.ops = &tap_ops;
    list_put(&p->sinks, &s->in_tap);
    track_attach(t, &s->sink);
    struct media_event e = {.type = MEDIA_EV_TAP_TRACK,
                            .room = p->room->id,
                            .tap = p->id,
                            .track = t->id,
                            .source = t->source,
                            .text = mem_strdup(codec_name(t->codec))};
    STR_COPY(e.member, str_of(t->member));
    p->room->env->emit(p->room->env->emit_ctx, &e);
    uint64_t first, last;
    if (!t->video || !t->history.top)
        return;
    if (!history_replay(&t->history, &first, &last)) {
        track_ask(t, now_us);
        return;
    }
    for (uint64_t q = first; q <= last; q++) {
        const struct history_pkt *h = history_get(&t->history, q);
        if (h)
            tap_on_packet(&s->sink, h, now_us);
    }
}

struct tap *tap_open(struct router *r, uint64_t id, int fd, int64_t now_us) {
    struct tap *p = mem_zalloc(sizeof *p);
    p->fan.on_track = tap_on_track;
    p->room = r;
    p->id = id;
    p->fd = fd;
    list_init(&p->sinks);
    router_fan_add(r, &p->fan, now_us);
    return p;
}

void tap_close(struct tap *p) {
    list_each (&p->sinks, s, struct tap_sink, in_tap)
        tap_sink_free(s);
    list_drop(&p->fan.in_room);
    close(p->fd);
    mem_free(p);
}

static void tap_on_frame(struct tap *p, struct bytes msg, int64_t now_us) {
    struct frame f;
    if (frame_parse(&f, msg) || f.kind != FRAME_KEYFRAME)
        return;
    list_each (&p->sinks, s, struct tap_sink, in_tap) {
        if (s->sink.track->id == f.track)
            track_ask(s->sink.track, now_us);
    }
}

void tap_on_readable(struct tap *p, int64_t now_us) {
    uint8_t msg[FRAME_MAX];
    for (int i = 0; i < TAP_READS_MAX && !p->gone; i++) {
        ssize_t n = recv(p->fd, msg, sizeof msg, MSG_DONTWAIT);
        if (n > 0)
            tap_on_frame(p, (struct bytes){msg, (size_t)n}, now_us);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            p->gone = true;
        else
            return;
    }
}
