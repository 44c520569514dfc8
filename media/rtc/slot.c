#include "media/rtc/slot.h"
#include "media/base/mem.h"
#include "media/base/rnd.h"
#include "media/rtc/steer.h"
#include "media/rtc/talk.h"

static const struct sdp_codec_choice *slot_choice(const struct slot *s) {
    enum sdp_codec c = slot_feed(s) ? codec_sdp(slot_feed(s)->codec) : SDP_UNKNOWN;
    return c < SDP_CODEC_COUNT && s->codec[c].on ? &s->codec[c] : NULL;
}

/* What goes into a packet of sound: as it came, within its redundancy, or, when the voice has ended, nothing
 * to hear. Sets the payload type and the mark of a beginning (RFC 7587 4.1). */
static struct bytes slot_sound(struct slot *s, const struct history_pkt *p, struct rtp_out *o,
                               uint8_t silence[TALK_SILENCE_BYTES], int64_t now_us) {
    struct track *t = follow_track(&s->follow);
    uint8_t red = slot_choice(s)->red;
    unsigned depth = red && !s->leg->saves ? red_need_depth(&s->leg->red, now_us) : 0;
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
    const struct sdp_codec_choice *c = slot_choice(s);
    uint8_t *pkt = c ? leg_next(s->leg) : NULL;
    if (!pkt)
        return false;
    struct rtp_out o = {.pt = rtx ? c->rtx : c->pt,
                        .marker = r->marker,
                        .seq = rtx ? s->rtx_seq : r->seq,
                        .ts = r->ts,
                        .ssrc = rtx ? s->rtx_ssrc : s->ssrc,
                        .map = s->ext,
                        .mid = s->mid,
                        .mid_n = s->mid_n,
                        .has_level = p->has_level,
                        .voice = p->voice,
                        .level_dbov = p->level_dbov,
                        .dd = history_dd_of(p),
                        .dd_frame = r->pid,
                        .rtx = rtx,
                        .osn = r->seq};
    /* Without RTX a lost packet of video is repeated under its own number, and SRTP wants that bit for bit
     * the same (see secure.h): so no time of sending in it. */
    if (s->video && (c->rtx == SDP_PT_NONE || !s->rtx_ssrc))
        o.map.abs_send_time = o.map.transport_cc = 0;
    else if (s->ext.abs_send_time)
        o.abs_send_time = rtp_abs_send_time(now_us);
    o.transport_seq = s->leg->steer->tx.next;
    if (s->leg->saves && !s->video) { /* three kbit/s; who speaks the room says, too */
        o.map.audio_level = 0;
        o.map.abs_send_time = o.map.transport_cc ? 0 : o.map.abs_send_time;
    }
    uint8_t silence[TALK_SILENCE_BYTES];
    struct bytes payload = s->video ? history_payload(p) : slot_sound(s, p, &o, silence, now_us);
    if (r->empty)
        payload.n = o.dd.n = 0;
    int n = rtp_write(&o, payload, pkt, SENDQ_BYTES - SECURE_TRAILER_MAX);
    if (n < 0)
        return false;
    if (follow_ids(&s->follow, p))
        codec_ids_patch(pkt + n - payload.n, payload.n, &p->info.ids, r->pid, r->tl0);
    if (o.pt == c->red)
        red_patch(pkt + n - payload.n, payload.n, c->pt);
    if (!leg_rtp(s->leg, pkt, (size_t)n, s))
        return false;
    if (o.map.transport_cc || !s->leg->steer->feedback)
        twcc_tx_on(&s->leg->steer->tx, (size_t)n + SLOT_WIRE_MORE, now_us);
    if (s->video)
        pace_spend(&s->leg->steer->pace, (size_t)n + SLOT_WIRE_MORE);
    if (rtx)
        s->rtx_seq++;
    else
        txstats_on(&s->tx, payload.n, (size_t)n, r->ts, now_us);
    return true;
}

bool slot_unsupported(const struct slot *s) { return slot_feed(s) && !slot_choice(s); }

/* ---- what the follower asks for ---- */

static struct slot *slot_of(const struct follow *f) { return container_of(f, struct slot, follow); }

static bool slot_ready(const struct follow *f) { return slot_of(f)->leg->up; }

static bool slot_hold(struct follow *f, int64_t now_us) {
    struct slot *s = slot_of(f);
    struct steer *st = s->leg->steer;
    if (!s->video || pace_may(&st->pace, now_us))
        return false;
    st->behind = true;
    env_arm(s->leg->env, s->leg->timer, steer_next_us(st));
    return true;
}

static void slot_on_packet(struct follow *f, const struct history_pkt *p, const struct rewrite_out *r,
                           int64_t now_us) {
    struct slot *s = slot_of(f);
    if (p->seq > s->sent)
        s->sent = p->seq;
    slot_write(s, p, r, false, now_us);
}

/* Sound begins with packet p: what just became audible, or just began to speak and got the slot for it, with
 * the breath before it; what has been going on for long as it is now. */
static void slot_speak(struct slot *s, const struct history_pkt *p, int64_t now_us) {
    const struct track *t = follow_track(&s->follow);
    int64_t since_us = t->speaks_us > t->audible_us ? t->speaks_us : t->audible_us;
    bool raised = now_us - since_us <= TALK_BREATH_US;
    uint64_t first = raised ? talk_first(&t->history, p) : p->seq;
    /* What went before the silence is not said again. */
    while (first < p->seq && (first <= s->sent || !history_get(&t->history, first)))
        first++;
    s->begins = true;
    follow_begin(&s->follow, first, p->seq, now_us);
}

static void slot_on_sound(struct follow *f, const struct history_pkt *p, int64_t now_us) {
    struct slot *s = slot_of(f);
    bool flowed = f->state == FOLLOW_FLOW && follow_forward(f, p, now_us);
    if (!follow_track(f)->audible) {
        if (flowed) { /* that was the word of silence (slot_sound) */
            follow_starve(f);
            s->sent--; /* what it stood for may yet be the beginning of a word */
        }
        return;
    }
    if (flowed || p->late || p->seq <= s->sent || !s->leg->up)
        return;
    slot_speak(s, p, now_us); /* also when the source's numbers jumped */
}

static void slot_on_closed(struct follow *f, int64_t now_us) {
    (void)now_us;
    *slot_of(f)->moved = true;
}

_Static_assert(offsetof(struct slot, follow.rewrite.drop) % WARM_LINE + offsetof(struct slot, tx.jitter) -
                       offsetof(struct slot, follow.rewrite.drop) <=
                   SLOT_LINES * WARM_LINE,
               "what every packet touches lies in so many lines");

static void slot_warm(const struct follow *f, unsigned step) {
    const struct slot *s = container_of(f, struct slot, follow);
    if (step == 0) {
        warm_part(s, offsetof(struct slot, leg), offsetof(struct slot, tx.jitter));
    } else if (step == 1) {
        warm_part(s->leg, 0, sizeof *s->leg);
    } else if (s->leg->up && step == 2) {
        secure_warm(s->leg->secure, SECURE_FIRST);
        steer_warm(s->leg->steer);
    } else if (s->leg->up) {
        secure_warm(s->leg->secure, s->video ? SECURE_PACKET : SECURE_SOUND);
        twcc_tx_warm(&s->leg->steer->tx);
    }
}

static const struct follow_ops slot_ops = {.ready = slot_ready,
                                           .packet = slot_on_packet,
                                           .hold = slot_hold,
                                           .sound = slot_on_sound,
                                           .warm = slot_warm,
                                           .closed = slot_on_closed};

void slot_init(struct slot *s, struct leg *leg, const struct sdp_line *line, struct sdp_ssrc ssrc,
               bool *moved) {
    memset(s, 0, sizeof *s);
    s->leg = leg;
    s->video = line->kind == SDP_VIDEO;
    STR_COPY(s->mid, str_of(line->mid));
    s->mid_n = (uint8_t)strlen(s->mid);
    s->ssrc = ssrc.ssrc;
    s->rtx_ssrc = ssrc.rtx;
    memcpy(s->codec, line->codec, sizeof s->codec);
    s->ext = (struct rtp_ext_map){.mid = line->ext[SDP_EXT_MID],
                                  .abs_send_time = line->ext[SDP_EXT_ABS_TIME],
                                  .transport_cc = line->ext[SDP_EXT_TWCC],
                                  .audio_level = line->ext[SDP_EXT_LEVEL],
                                  .dd = line->ext[SDP_EXT_DD]};
    s->height = SLOT_HEIGHT_ALL;
    follow_init(&s->follow, &slot_ops, s->video ? 90000 : 48000, rnd_u64());
    if (s->codec[SDP_VP8].on || s->codec[SDP_VP9].on || s->codec[SDP_AV1].on)
        s->follow.rewrite.drop = mem_zalloc(REWRITE_DROPS * sizeof(struct rewrite_drop));
    s->first_out = s->follow.rewrite.next_out;
    resend_init(&s->resend);
    txstats_init(&s->tx);
    s->rtx_seq = (uint16_t)(REWRITE_FIRST_MIN + rnd_u32() % (REWRITE_FIRST_MAX - REWRITE_FIRST_MIN));
    s->moved = moved;
}

void slot_fini(struct slot *s) {
    follow_fini(&s->follow);
    mem_free(s->follow.rewrite.drop);
}

void slot_map(struct slot *s, struct feed *d, int64_t now_us) {
    if (slot_feed(s) == d)
        return;
    follow_to(&s->follow, d);
    *s->moved = true;
    s->sent = 0;
    s->paused = false;
    if (d && !d->video)
        slot_pick(s, 0, FOLLOW_TID_ALL, now_us);
}

void slot_pick(struct slot *s, int layer, unsigned tid, int64_t now_us) {
    if (slot_choice(s))
        follow_pick(&s->follow, layer, tid, now_us);
}

bool slot_nack(struct slot *s, uint16_t out_seq, int64_t now_us) {
    const struct rewrite *w = &s->follow.rewrite;
    struct rewrite_at at;
    /* Sound is not sent again: it would come too late to be heard, redundancy is in time. And what was sent
     * under this number may have been silence or had a packet more within (secure.h). */
    if (!s->video || !slot_feed(s) || !rewrite_find(w, out_seq, &at))
        return false;
    /* What was shown before is of use only if all of it comes: a full line is spared that. */
    if (steer_tight(s->leg->steer, now_us) && (!w->live || at.segment != w->cur))
        return false;
    struct pace *repeats = &s->leg->steer->repeats; /* a full line is not filled with them */
    const struct track *t = follow_source(&s->follow, at.source);
    const struct history_pkt *p = t ? history_get(&t->history, at.seq) : NULL;
    /* What its picture's other packets are waited for with is on its way (track_fan). */
    if (!p || p->arrival_us == now_us || track_holds(t, p) ||
        resend_early(p->arrival_us, s->tx.rtt_us, now_us) || !pace_may(repeats, now_us) ||
        !resend_allow(&s->resend, out_seq, p->n, s->tx.rtt_us, now_us))
        return false;
    const struct sdp_codec_choice *c = slot_choice(s);
    bool rtx = s->rtx_ssrc && c && c->rtx != SDP_PT_NONE;
    if (!rtx && slot_feed(s)->svc)
        return false; /* its mark may be another by now: under one number two texts (secure.h) */
    pace_spend(repeats, p->n);
    struct rewrite_out r = {.seq = out_seq};
    if (!rewrite_again(w, &at, p->ts, follow_ids(&s->follow, p), &r))
        return false;
    follow_again(&s->follow, p, &r);
    return slot_write(s, p, &r, rtx, now_us);
}

/* Padding on the RTX stream: a header and zeroes, the last octet counts them (RFC 3550 5.1). */
static size_t slot_pad(struct slot *s, uint8_t pt, size_t most, int64_t now_us) {
    uint8_t *pkt = leg_next(s->leg), pad = most < 1 ? 1 : most < UINT8_MAX ? (uint8_t)most : UINT8_MAX;
    struct steer *st = s->leg->steer;
    struct rtp_out o = {.pt = pt,
                        .seq = s->rtx_seq,
                        .ts = s->tx.last_ts,
                        .ssrc = s->rtx_ssrc,
                        .map = s->ext,
                        .mid = s->mid,
                        .mid_n = s->mid_n,
                        .abs_send_time = rtp_abs_send_time(now_us),
                        .transport_seq = st->tx.next};
    int n = pkt ? rtp_write(&o, (struct bytes){0}, pkt, SENDQ_BYTES - SECURE_TRAILER_MAX - pad) : -1;
    if (n < 0)
        return 0;
    memset(pkt + n, 0, pad);
    n += pad;
    pkt[n - 1] = pad;
    pkt[0] |= 0x20;
    if (!leg_rtp(s->leg, pkt, (size_t)n, s))
        return 0;
    twcc_tx_on(&st->tx, (size_t)n + SLOT_WIRE_MORE, now_us);
    s->rtx_seq++;
    return (size_t)n + SLOT_WIRE_MORE;
}

static uint8_t slot_rtx(const struct slot *s) {
    uint8_t pt = SDP_PT_NONE;
    for (unsigned i = 0; i < SDP_CODEC_COUNT && pt == SDP_PT_NONE; i++)
        pt = s->codec[i].on ? s->codec[i].rtx : SDP_PT_NONE;
    return s->video && s->rtx_ssrc ? pt : SDP_PT_NONE;
}

size_t slot_probe(struct slot *s, size_t most, int64_t now_us) {
    const struct rewrite *w = &s->follow.rewrite;
    uint8_t pt = slot_rtx(s);
    struct rewrite_at at;
    if (pt == SDP_PT_NONE)
        return 0;
    s->again = (s->again + 1) % SLOT_AGAIN;
    struct rewrite_out r = {.seq = (uint16_t)(w->next_out - 1 - s->again)};
    const struct track *t =
        slot_flows(s) && rewrite_find(w, r.seq, &at) ? follow_source(&s->follow, at.source) : NULL;
    const struct history_pkt *p = t ? history_get(&t->history, at.seq) : NULL;
    if (!p || p->n > most || !rewrite_again(w, &at, p->ts, follow_ids(&s->follow, p), &r))
        return slot_pad(s, pt, most, now_us);
    follow_again(&s->follow, p, &r);
    return slot_write(s, p, &r, true, now_us) ? p->n + SLOT_WIRE_MORE : 0;
}

void slot_ask(struct slot *s, int64_t now_us) {
    struct track *t = follow_track(&s->follow);
    if (s->video && t && s->follow.state != FOLLOW_REST) /* who shows stills misses nothing between them */
        track_ask(t, now_us);
}

uint8_t slot_lost(struct slot *s, const struct rtcp_report *r) {
    enum { WINDOW = 256, ENOUGH = 50 }; /* packets; a gap of ours may show in the next report, so sums */
    uint32_t gaps = (uint32_t)(s->follow.rewrite.next_out - s->first_out) - s->tx.packets;
    uint32_t expected = r->highest_seq - s->report_seq;
    if (s->report_seq && expected && expected <= UINT16_MAX) {
        s->expected += (int32_t)expected;
        s->lost += (r->lost - s->report_lost) - (int32_t)(gaps - s->report_gaps);
    }
    s->report_seq = r->highest_seq;
    s->report_lost = r->lost;
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
    if (!slot_flows(s) || !s->tx.packets ||
        !rewrite_ts(&s->follow.rewrite, track_ts_at(follow_track(&s->follow), now_us), &ts))
        return false;
    txstats_sr(&s->tx, ts, ntp_us, out);
    return true;
}

void slot_dropped(struct slot *s) {
    if (s->video)
        follow_starve(&s->follow);
}
