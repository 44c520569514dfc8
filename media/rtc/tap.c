#include "media/rtc/tap.h"
#include "media/base/frame.h"
#include "media/base/mem.h"
#include "media/base/rnd.h"
#include "media/base/wr.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct tap_sink { /* one feed */
    struct follow follow;
    struct list in_tap;
    struct tap *tap;
    uint32_t id;
    enum codec codec;
    bool interprets; /* it is in a channel */
    bool lost;       /* something was dropped and the key frame after it was not delivered yet */
    struct rewrite_drop drop[REWRITE_DROPS]; /* the follower's: lower spatial layers are left out */
};

/* False when the frame could not be handed over. */
static bool tap_send(const struct tap_sink *s, struct frame *f) {
    struct tap *p = s->tap;
    if (p->gone)
        return false;
    f->media = codec_is_video(s->codec) ? FRAME_VIDEO : FRAME_AUDIO;
    f->codec = (uint8_t)s->codec;
    f->track = s->id;
    f->clock_hz = codec_clock_hz(s->codec);
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

/* The stored packet as the one stream the child knows: its own numbers, whichever layer it is of. */
static size_t tap_renumber(const struct tap_sink *s, const struct history_pkt *p, const struct rewrite_out *r,
                           uint8_t *out) {
    struct wr w = wr_init(out, RTP_PACKET_MAX);
    wr_u8(&w, p->data[0]);
    wr_u8(&w, (uint8_t)((p->data[1] & 0x7f) | (r->marker ? 0x80 : 0)));
    wr_u16(&w, r->seq);
    wr_u32(&w, r->ts);
    wr_put(&w, p->data + 8, r->empty ? RTP_HEAD - 8u : p->n - 8u);
    if (!r->empty && follow_ids(&s->follow, p))
        codec_ids_patch(out + RTP_HEAD, p->n - (size_t)RTP_HEAD, &p->info.ids, r->pid, r->tl0);
    return wr_len(&w);
}

static bool tap_ready(const struct follow *f) {
    (void)f;
    return true;
}

static void tap_on_packet(struct follow *f, const struct history_pkt *p, const struct rewrite_out *r,
                          int64_t now_us) {
    struct tap_sink *s = container_of(f, struct tap_sink, follow);
    uint8_t pkt[RTP_PACKET_MAX];
    struct frame frame = {
        .kind = FRAME_RTP, .arrival_us = p->arrival_us, .payload = {pkt, tap_renumber(s, p, r, pkt)}};
    if (tap_send(s, &frame)) {
        s->lost = s->lost && !p->info.keyframe;
    } else if (!s->lost) {
        s->lost = true;
        track_ask(follow_track(f), now_us);
    }
}

static void tap_on_sr(struct follow *f, uint64_t ntp, uint32_t ts, int64_t now_us) {
    struct tap_sink *s = container_of(f, struct tap_sink, follow);
    uint8_t body[12];
    struct wr w = wr_init(body, sizeof body);
    wr_u64(&w, ntp);
    wr_u32(&w, ts);
    struct frame frame = {.kind = FRAME_SR, .arrival_us = now_us, .payload = {body, sizeof body}};
    tap_send(s, &frame);
}

static void tap_sink_free(struct tap_sink *s) {
    follow_fini(&s->follow);
    list_drop(&s->in_tap);
    mem_free(s);
}

static void tap_on_closed(struct follow *f, int64_t now_us) {
    struct tap_sink *s = container_of(f, struct tap_sink, follow);
    struct frame frame = {.kind = FRAME_GONE, .arrival_us = now_us};
    tap_send(s, &frame);
    tap_sink_free(s);
}

static const struct follow_ops tap_ops = {
    .ready = tap_ready, .packet = tap_on_packet, .sr = tap_on_sr, .closed = tap_on_closed};

static void tap_pick(struct tap_sink *s, int64_t now_us) {
    const struct feed *d = s->follow.feed;
    int layer = feed_best(d, s->follow.target, TAP_HOLD_US, now_us);
    for (int i = 0; i < (int)d->n; i++) { /* a larger one that sleeps is woken */
        if (!feed_flows(d, i) && feed_can(d, i, now_us) && (layer < 0 || feed_larger(d, i, layer)))
            layer = i;
    }
    follow_pick(&s->follow, layer >= 0 ? layer : 0, FOLLOW_TID_ALL, now_us);
}

static bool tap_has(const struct tap *p, const struct feed *d) {
    list_each (&p->sinks, s, struct tap_sink, in_tap) {
        if (s->follow.feed == d)
            return true;
    }
    return false;
}

/* Of the first circle everything, and every interpreter who is on the air. */
static bool tap_takes(const struct feed *d) {
    return feed_in(d, 0) || (d->channel && d->channel <= MEDIA_CHANNELS);
}

static void tap_on_feed(struct router_fan *fan, struct feed *d, int64_t now_us) {
    struct tap *p = container_of(fan, struct tap, fan);
    if (!tap_takes(d))
        return;
    struct tap_sink *s = mem_zalloc(sizeof *s);
    s->tap = p;
    s->interprets = d->channel != 0;
    s->id = p->moves ? env_track_id(p->room->env) : d->id; /* who went and comes back is another track */
    s->codec = d->codec;
    follow_init(&s->follow, &tap_ops, codec_clock_hz(d->codec), rnd_u64());
    s->follow.rewrite.drop = d->svc ? s->drop : NULL;
    list_put(&p->sinks, &s->in_tap);
    follow_to(&s->follow, d);
    struct media_event e = {.type = MEDIA_EV_TAP_TRACK,
                            .room = p->room->id,
                            .tap = p->id,
                            .track = s->id,
                            .source = d->source,
                            .channel = d->channel,
                            .text = mem_strdup(codec_name(d->codec))};
    STR_COPY(e.member, str_of(d->member));
    p->room->env->emit(p->room->env->emit_ctx, &e);
    tap_pick(s, now_us);
}

/* People went to a table or came back: what is said there is nobody else's. Or somebody interprets now, or
 * does no more: that is another track, for never is one in the room's sound and in a channel's. */
static void tap_follow_moves(struct tap *p, int64_t now_us) {
    p->moves = p->room->moves;
    list_each (&p->sinks, s, struct tap_sink, in_tap) {
        if (!tap_takes(s->follow.feed) || s->interprets != (s->follow.feed->channel != 0))
            tap_on_closed(&s->follow, now_us);
    }
    list_each (&p->room->feeds, d, struct feed, in_room) {
        if (!tap_has(p, d))
            tap_on_feed(&p->fan, d, now_us);
    }
}

static void tap_on_settle(struct router_fan *fan, int64_t now_us) {
    struct tap *p = container_of(fan, struct tap, fan);
    if (p->moves != p->room->moves)
        tap_follow_moves(p, now_us);
    list_each (&p->sinks, s, struct tap_sink, in_tap)
        tap_pick(s, now_us);
}

struct tap *tap_open(struct router *r, uint64_t id, int fd, int64_t now_us) {
    struct tap *p = mem_zalloc(sizeof *p);
    p->fan.on_feed = tap_on_feed;
    p->fan.on_settle = tap_on_settle;
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
        struct track *t = follow_track(&s->follow);
        if (s->id == f.track && t)
            track_ask(t, now_us);
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
