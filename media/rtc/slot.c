#include "media/rtc/slot.h"
#include "media/base/rnd.h"
#include "media/rtc/talk.h"

static enum sdp_codec slot_codec(const struct track *t) {
    switch (t->codec) {
    case CODEC_OPUS:
        return SDP_OPUS;
    case CODEC_H264:
        return SDP_H264;
    case CODEC_VP8:
        return SDP_VP8;
    default:
        return SDP_UNKNOWN;
    }
}

static const struct sdp_codec_choice *slot_choice(const struct slot *s, const struct track *t) {
    enum sdp_codec c = slot_codec(t);
    return c < SDP_CODEC_COUNT && s->codec[c].on ? &s->codec[c] : NULL;
}

/* What goes into a packet of sound: as it came, within its redundancy, or, when the voice has ended, nothing
 * to hear. Sets the payload type and the mark of a beginning (RFC 7587 4.1). */
static struct bytes slot_sound(struct slot *s, const struct history_pkt *p, struct rtp_out *o,
                               uint8_t silence[TALK_SILENCE_BYTES], int64_t now_us) {
    struct track *t = s->sink.track;
    uint8_t red = slot_choice(s, t)->red;
    unsigned depth = red ? red_need_depth(&s->leg->red, now_us) : 0;
    o->marker = s->begins;
    s->begins = false;
    if (!t->audible) {
        talk_silence(history_payload(p), silence);
        return (struct bytes){silence, TALK_SILENCE_BYTES};
    }
    struct bytes twice =
        depth && p->n > RTP_HEAD ? red_out_of(t->red, &t->history, p, depth) : (struct bytes){0};
    if (!twice.n)
        return history_payload(p);
    o->pt = red;
    return twice;
}

/* Writes one packet of the history as this stream's. rtx: as a retransmission of outgoing number r->seq. */
static bool slot_write(struct slot *s, const struct history_pkt *p, const struct rewrite_out *r, bool rtx,
                       int64_t now_us) {
    const struct sdp_codec_choice *c = slot_choice(s, s->sink.track);
    uint8_t *pkt = c ? leg_next(s->leg) : NULL;
    if (!pkt)
        return false;
    struct rtp_out o = {.pt = rtx ? c->rtx : c->pt,
                        .marker = p->marker,
                        .seq = rtx ? s->rtx_seq : r->seq,
                        .ts = r->ts,
                        .ssrc = rtx ? s->rtx_ssrc : s->ssrc,
                        .map = s->ext,
                        .mid = s->mid,
                        .mid_n = s->mid_n,
                        .has_level = p->has_level,
                        .voice = p->voice,
                        .level_dbov = p->level_dbov,
                        .rtx = rtx,
                        .osn = r->seq};
    /* Without RTX a lost packet of video is repeated under its own number, and SRTP wants that bit for bit
     * the same (see secure.h): so no time of sending in it. */
    if (s->video && (c->rtx == SDP_PT_NONE || !s->rtx_ssrc))
        o.map.abs_send_time = 0;
    else if (s->ext.abs_send_time)
        o.abs_send_time = rtp_abs_send_time(now_us);
    uint8_t silence[TALK_SILENCE_BYTES];
    struct bytes payload = s->video ? history_payload(p) : slot_sound(s, p, &o, silence, now_us);
    int n = rtp_write(&o, payload, pkt, SENDQ_BYTES - SECURE_TRAILER_MAX);
    if (n < 0)
        return false;
    if (s->sink.track->codec == CODEC_VP8)
        codec_vp8_patch(pkt + n - payload.n, payload.n, &p->info.vp8, r->pid, r->tl0);
    if (o.pt == c->red)
        red_patch(pkt + n - payload.n, payload.n, c->pt);
    if (!leg_rtp(s->leg, pkt, (size_t)n, s))
        return false;
    if (rtx)
        s->rtx_seq++;
    else
        txstats_on(&s->tx, payload.n, (size_t)n, r->ts, now_us);
    return true;
}

static const struct codec_vp8 *slot_vp8(const struct slot *s, const struct history_pkt *p) {
    return s->sink.track->codec == CODEC_VP8 ? &p->info.vp8 : NULL;
}

/* A new segment begins with p; ts_now is the newest timestamp of the source. */
static void slot_switch(struct slot *s, const struct history_pkt *p, uint32_t ts_now, int64_t now_us) {
    struct rewrite_start st = {
        .source = s->sink.track->id, .seq = p->seq, .ts = p->ts, .ts_now = ts_now, .vp8 = slot_vp8(s, p)};
    rewrite_switch(&s->rewrite, &st, now_us);
    s->state = SLOT_FLOW;
}

static bool slot_forward(struct slot *s, const struct history_pkt *p, int64_t now_us) {
    struct rewrite_out r;
    if (!rewrite_map(&s->rewrite, s->sink.track->id, p->seq, p->ts, slot_vp8(s, p), now_us, &r))
        return false;
    if (p->seq > s->sent)
        s->sent = p->seq;
    slot_write(s, p, &r, false, now_us);
    return true;
}

/* Sends what is cached since the last key frame. False when that is nothing, or too much to be worth it. */
static bool slot_replay(struct slot *s, int64_t now_us) {
    const struct history *h = &s->sink.track->history;
    uint64_t first, last;
    if (!s->leg->up || !history_replay(h, &first, &last))
        return false;
    slot_switch(s, history_get(h, first), history_get(h, last)->ts, now_us);
    for (uint64_t q = first; q <= last; q++) {
        const struct history_pkt *p = history_get(h, q);
        if (p)
            slot_forward(s, p, now_us);
    }
    s->sink.ahead = true;
    return true;
}

/* Sound begins with packet p: what just became audible, or just began to speak and got the slot for it, with
 * the breath before it; what has been going on for long as it is now. */
static void slot_speak(struct slot *s, const struct history_pkt *p, int64_t now_us) {
    const struct track *t = s->sink.track;
    int64_t since_us = t->speaks_us > t->audible_us ? t->speaks_us : t->audible_us;
    bool raised = now_us - since_us <= TALK_BREATH_US;
    uint64_t first = raised ? talk_first(&t->history, p) : p->seq;
    /* What went before the silence is not said again. */
    while (first < p->seq && (first <= s->sent || !history_get(&t->history, first)))
        first++;
    slot_switch(s, history_get(&t->history, first), p->ts, now_us);
    s->begins = true;
    for (uint64_t q = first; q <= p->seq; q++) {
        const struct history_pkt *k = history_get(&t->history, q);
        if (k)
            slot_forward(s, k, now_us);
    }
}

static void slot_on_sound(struct slot *s, const struct history_pkt *p, int64_t now_us) {
    bool flowed = s->state == SLOT_FLOW && slot_forward(s, p, now_us);
    if (!s->sink.track->audible) {
        if (flowed) { /* that was the word of silence (slot_sound) */
            rewrite_stop(&s->rewrite);
            s->state = SLOT_WAIT;
            s->sent--; /* what it stood for may yet be the beginning of a word */
        }
        return;
    }
    if (flowed || p->late || p->seq <= s->sent || s->state == SLOT_UNSUPPORTED || !s->leg->up)
        return;
    slot_speak(s, p, now_us); /* also when the source's numbers jumped */
}

static void slot_start(struct slot *s, int64_t now_us) {
    struct track *t = s->sink.track;
    s->state = SLOT_WAIT;
    if (s->video && !slot_replay(s, now_us))
        track_ask(t, now_us);
    const struct history_pkt *top = s->video ? NULL : history_get(&t->history, t->history.top);
    if (top && t->audible && s->leg->up)
        slot_speak(s, top, now_us);
}

static void slot_on_packet(struct sink *sink, const struct history_pkt *p, int64_t now_us) {
    struct slot *s = container_of(sink, struct slot, sink);
    if (!s->video) {
        slot_on_sound(s, p, now_us);
        return;
    }
    if (s->state == SLOT_FLOW) {
        if (slot_forward(s, p, now_us) || p->late)
            return;
        s->state = SLOT_WAIT; /* the source jumped: a new segment at a key frame */
        if (!p->info.keyframe)
            track_ask(sink->track, now_us);
    }
    if (s->state != SLOT_WAIT || !s->leg->up)
        return;
    if (!p->info.keyframe || p->late) {
        /* late: a key frame's first packet that came after its others. Whatever went wrong before (the
         * budget's tries are used up, the key frame came with a hole), a waiting slot keeps an ask open. */
        if (!(p->info.keyframe && slot_replay(s, now_us)) && !pli_waiting(&sink->track->pli))
            track_ask(sink->track, now_us);
        return;
    }
    slot_switch(s, p, p->ts, now_us);
    slot_forward(s, p, now_us);
}

static void slot_clear(struct slot *s) {
    rewrite_stop(&s->rewrite);
    s->state = SLOT_EMPTY;
    *s->moved = true;
}

static void slot_on_gone(struct sink *sink, const struct track *t, int64_t now_us) {
    (void)t;
    (void)now_us;
    slot_clear(container_of(sink, struct slot, sink));
}

static const struct sink_ops slot_ops = {.on_packet = slot_on_packet, .on_gone = slot_on_gone};

void slot_init(struct slot *s, struct leg *leg, const struct sdp_line *line, struct sdp_ssrc ssrc,
               bool *moved) {
    memset(s, 0, sizeof *s);
    s->sink.ops = &slot_ops;
    list_init(&s->sink.in_track);
    s->leg = leg;
    s->video = line->kind == SDP_VIDEO;
    STR_COPY(s->mid, str_of(line->mid));
    s->mid_n = (uint8_t)strlen(s->mid);
    s->ssrc = ssrc.ssrc;
    s->rtx_ssrc = ssrc.rtx;
    memcpy(s->codec, line->codec, sizeof s->codec);
    s->ext = (struct rtp_ext_map){.mid = line->ext[SDP_EXT_MID],
                                  .abs_send_time = line->ext[SDP_EXT_ABS_TIME],
                                  .audio_level = line->ext[SDP_EXT_LEVEL]};
    rewrite_init(&s->rewrite, s->video ? 90000 : 48000, rnd_u64());
    s->first_out = s->rewrite.next_out;
    resend_init(&s->resend);
    txstats_init(&s->tx);
    s->rtx_seq = (uint16_t)(REWRITE_FIRST_MIN + rnd_u32() % (REWRITE_FIRST_MAX - REWRITE_FIRST_MIN));
    s->moved = moved;
}

void slot_fini(struct slot *s) { track_detach(&s->sink); }

void slot_map(struct slot *s, struct track *t, int64_t now_us) {
    if (s->sink.track == t)
        return;
    track_detach(&s->sink);
    slot_clear(s);
    s->sent = 0;
    if (!t)
        return;
    track_attach(t, &s->sink);
    if (slot_choice(s, t))
        slot_start(s, now_us);
    else
        s->state = SLOT_UNSUPPORTED;
}

bool slot_nack(struct slot *s, uint16_t out_seq, int64_t now_us) {
    const struct track *t = s->sink.track;
    struct rewrite_at at;
    /* Sound is not sent again: it would come too late to be heard, redundancy is in time. And what was sent
     * under this number may have been silence or had a packet more within (secure.h). */
    if (!s->video)
        return false;
    if (!t || !rewrite_find(&s->rewrite, out_seq, &at) || at.source != t->id)
        return false;
    const struct history_pkt *p = history_get(&t->history, at.seq);
    /* What its picture's other packets are waited for with is on its way (track_fan). */
    if (!p || p->arrival_us == now_us || track_holds(t, p) ||
        resend_early(p->arrival_us, s->tx.rtt_us, now_us) ||
        !resend_allow(&s->resend, out_seq, p->n, s->tx.rtt_us, now_us))
        return false;
    struct rewrite_out r = {.seq = out_seq};
    rewrite_again(&s->rewrite, &at, p->ts, slot_vp8(s, p), &r);
    const struct sdp_codec_choice *c = slot_choice(s, t);
    return slot_write(s, p, &r, s->rtx_ssrc && c && c->rtx != SDP_PT_NONE, now_us);
}

void slot_ask(struct slot *s, int64_t now_us) {
    if (s->video && s->sink.track && s->state != SLOT_UNSUPPORTED)
        track_ask(s->sink.track, now_us);
}

uint8_t slot_lost(struct slot *s, const struct rtcp_report *r) {
    enum { WINDOW = 256, ENOUGH = 50 }; /* packets; a gap of ours may show in the next report, so sums */
    uint32_t gaps = (uint32_t)(s->rewrite.next_out - s->first_out) - s->tx.packets;
    uint32_t expected = r->highest_seq - s->report_seq;
    if (s->report_seq && expected && expected <= UINT16_MAX) {
        s->expected += (int32_t)expected;
        s->lost += (int32_t)((r->fraction_lost * expected + 255) / 256) - (int32_t)(gaps - s->report_gaps);
    }
    s->report_seq = r->highest_seq;
    s->report_gaps = gaps;
    int32_t fraction = s->lost > 0 && s->expected >= ENOUGH ? s->lost * 256 / s->expected : 0;
    if (s->expected >= WINDOW) {
        s->expected /= 2;
        s->lost /= 2;
    }
    return (uint8_t)(fraction > 255 ? 255 : fraction);
}

bool slot_sr(const struct slot *s, int64_t now_us, int64_t ntp_us, struct rtcp_sr *out) {
    uint32_t ts;
    if (s->state != SLOT_FLOW || !s->tx.packets ||
        !rewrite_ts(&s->rewrite, track_ts_at(s->sink.track, now_us), &ts))
        return false;
    txstats_sr(&s->tx, ts, ntp_us, out);
    return true;
}

void slot_dropped(struct slot *s) {
    if (!s->video || s->state != SLOT_FLOW)
        return;
    /* Half a picture is worth nothing: the rest of it is not sent, and sending goes on at a key frame. The
     * request is made here too; the source's budget keeps a thousand slow viewers to one a second. */
    rewrite_stop(&s->rewrite);
    s->state = SLOT_WAIT;
    pli_ask(&s->sink.track->pli, s->sink.track->last_us);
    env_arm(s->leg->env, s->sink.track->timer, pli_next_us(&s->sink.track->pli));
}
