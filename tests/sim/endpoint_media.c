#include "media/rtc/red.h"
#include "media/rtc/rtcpw.h"
#include "tests/sim/endpoint.h"

/* Every packet carries: source, picture, index and count of packets, key. A layer's key frame is larger than
 * its other pictures. */
enum { STAMP = 12, PACKET = 1100, LAST = 300, KEY_TIMES = 4, STAMPED = 0xa5, VOICE_BELOW = 60 };

/* ---- sending ---- */

static size_t put_head(const struct endpoint *e, const struct endpoint_line *l, unsigned i, bool key,
                       uint8_t *p) {
    if (e->spec.codec != CODEC_VP8) {
        p[0] = key ? (i ? 0x65 : 0x67) : 0x61; /* SPS, IDR slice; else a slice */
        return 1;
    }
    struct wr w = wr_init(p, 32);
    wr_u8(&w, i ? 0x80 : 0x90); /* X; S on the first */
    wr_u8(&w, 0xc0);            /* I, L */
    wr_u16(&w, (uint16_t)(0x8000 | l->pid));
    wr_u8(&w, 7); /* TL0PICIDX, the same always: one temporal layer */
    if (i)
        return wr_len(&w);
    wr_u24(&w, key ? 0x100000 : 0x110000);
    const uint8_t size[] = {0x9d,
                            0x01,
                            0x2a,
                            (uint8_t)l->width,
                            (uint8_t)(l->width >> 8),
                            (uint8_t)l->height,
                            (uint8_t)(l->height >> 8)};
    if (key)
        wr_put(&w, size, sizeof size);
    return wr_len(&w);
}

static void emit(struct endpoint *e, struct endpoint_line *l, const struct endpoint_sent *s, bool rtx,
                 int64_t now_us) {
    uint8_t pkt[RTP_PACKET_MAX + SECURE_TRAILER_MAX];
    uint8_t pt = e->spec.codec == CODEC_VP8 ? ENDPOINT_PT_VP8 : ENDPOINT_PT_H264;
    const char *name = l->rid ? l->rid : l->mid;
    struct rtp_out o = {
        .pt = (uint8_t)(rtx ? pt + 1 : pt),
        .marker = s->marker,
        .seq = rtx ? l->rtx_seq++ : s->seq,
        .ts = s->ts,
        .ssrc = rtx ? l->rtx : l->ssrc,
        .map = {.mid = l->rid ? (rtx ? ENDPOINT_EXT_RRID : ENDPOINT_EXT_RID) : ENDPOINT_EXT_MID,
                .transport_cc = ENDPOINT_EXT_WIDE},
        .mid = name,
        .mid_n = (uint8_t)strlen(name),
        .transport_seq = e->wide++,
        .rtx = rtx,
        .osn = s->seq};
    int n = rtp_write(&o, (struct bytes){s->payload, s->n}, pkt, RTP_PACKET_MAX);
    if (n > 0)
        endpoint_send_rtp(e, pkt, (size_t)n, now_us);
}

void endpoint_picture(struct endpoint *e, unsigned i, uint32_t source, unsigned packets, bool key,
                      int64_t now_us) {
    struct endpoint_line *l = &e->line[i];
    if (!e->secure)
        return;
    key = key || l->key_wanted;
    l->key_wanted = false;
    packets = key && packets < 2 ? 2 : packets;
    unsigned bytes = l->bytes * (key ? KEY_TIMES : 1u), last = bytes ? (bytes - 1) % PACKET + 1 : LAST;
    packets = bytes ? (bytes + PACKET - 1) / PACKET : packets;
    l->frame++;
    l->pid = (l->pid + 1) & 0x7fff;
    l->ts = (uint32_t)(now_us * 9 / 100);
    for (unsigned k = 0; k < packets; k++) {
        struct endpoint_sent *s = &l->sent[l->seq % ENDPOINT_SENT_RING];
        *s = (struct endpoint_sent){.seq = l->seq++, .ts = l->ts, .marker = k + 1 == packets};
        size_t head = put_head(e, l, k, key, s->payload);
        struct wr w = wr_init(s->payload + head, STAMP);
        wr_u32(&w, source);
        wr_u32(&w, l->frame);
        wr_u8(&w, (uint8_t)k);
        wr_u8(&w, (uint8_t)packets);
        wr_u8(&w, key);
        wr_u8(&w, STAMPED);
        s->n = (uint16_t)(k + 1 == packets ? head + STAMP + last : PACKET);
        l->packets++;
        l->octets += s->n;
        emit(e, l, s, false, now_us);
    }
}

/* The payload of one sound: itself, or the one before and itself. */
static size_t put_sound(const struct endpoint *e, struct endpoint_line *l, const uint8_t *sound, uint8_t *out,
                        size_t cap) {
    struct red r = {
        .n = 2,
        .block = {{ENDPOINT_PT_OPUS, (uint16_t)(l->ts - l->before_ts), {l->before, ENDPOINT_SOUND_BYTES}},
                  {ENDPOINT_PT_OPUS, 0, {sound, ENDPOINT_SOUND_BYTES}}}};
    int n = -1;
    if (e->spec.red && l->before_ts)
        n = red_write(&r, out, cap);
    l->before_ts = l->ts;
    memcpy(l->before, sound, sizeof l->before);
    if (n < 0)
        memcpy(out, sound, ENDPOINT_SOUND_BYTES);
    return n < 0 ? ENDPOINT_SOUND_BYTES : (size_t)n;
}

void endpoint_sound(struct endpoint *e, unsigned i, uint32_t source, uint8_t level, int64_t now_us) {
    struct endpoint_line *l = &e->line[i];
    uint8_t pkt[512], payload[256], sound[ENDPOINT_SOUND_BYTES] = {0xfc};
    if (!e->secure)
        return;
    struct wr w = wr_init(sound + 1, STAMP);
    wr_u32(&w, source);
    wr_u32(&w, l->frame++);
    wr_u8(&w, level);
    wr_u8(&w, STAMPED);
    l->ts = (uint32_t)(now_us * 48 / 1000);
    size_t bytes = put_sound(e, l, sound, payload, sizeof payload);
    struct rtp_out o = {.pt = bytes == ENDPOINT_SOUND_BYTES ? ENDPOINT_PT_OPUS : ENDPOINT_PT_RED,
                        .seq = l->seq++,
                        .ts = l->ts,
                        .ssrc = l->ssrc,
                        .map = {.mid = ENDPOINT_EXT_MID,
                                .transport_cc = ENDPOINT_EXT_WIDE,
                                .audio_level = ENDPOINT_EXT_LEVEL},
                        .mid = l->mid,
                        .mid_n = (uint8_t)strlen(l->mid),
                        .transport_seq = e->wide++,
                        .has_level = true,
                        .voice = level < VOICE_BELOW,
                        .level_dbov = level};
    int n = rtp_write(&o, (struct bytes){payload, bytes}, pkt, sizeof pkt - SECURE_TRAILER_MAX);
    l->packets++;
    l->octets += (uint32_t)bytes;
    if (n > 0)
        endpoint_send_rtp(e, pkt, (size_t)n, now_us);
}

static struct endpoint_line *line_of(struct endpoint *e, uint32_t ssrc, bool *rtx) {
    for (unsigned i = 0; i < e->streams; i++) {
        *rtx = e->line[i].rtx && e->line[i].rtx == ssrc;
        if (*rtx || (e->line[i].ssrc && e->line[i].ssrc == ssrc))
            return &e->line[i];
    }
    return NULL;
}

static void on_nack(struct endpoint *e, const struct rtcp *c, int64_t now_us) {
    uint16_t seqs[RTCP_NACK_SEQS_MAX];
    uint32_t ssrc;
    bool rtx;
    unsigned n = rtcp_nack(c, &ssrc, seqs, RTCP_NACK_SEQS_MAX);
    struct endpoint_line *l = n ? line_of(e, ssrc, &rtx) : NULL;
    for (unsigned i = 0; l && l->sent && i < n; i++) {
        const struct endpoint_sent *s = &l->sent[seqs[i] % ENDPOINT_SENT_RING];
        l->nacks++;
        if (s->seq != seqs[i] || !s->n)
            continue;
        l->rtx_sent++;
        emit(e, l, s, true, now_us);
    }
}

void endpoint_on_rtcp(struct endpoint *e, struct bytes d, int64_t now_us) {
    struct rtcp_iter it = rtcp_iter(d);
    struct rtcp c;
    while (rtcp_next(&it, &c) == 1) {
        struct rtcp_sr sr;
        struct bytes fci;
        uint32_t ssrc;
        uint8_t command;
        bool rtx;
        struct endpoint_line *l;
        if (e->spec.publish)
            on_nack(e, &c, now_us);
        if ((rtcp_pli(&c, &ssrc) || rtcp_fir(&c, 0, &ssrc, &command)) && (l = line_of(e, ssrc, &rtx))) {
            if (l->plis++ && now_us - l->asked_us < l->pli_gap_us)
                l->pli_gap_us = now_us - l->asked_us;
            l->asked_us = now_us;
            l->key_wanted = true;
        }
        if (rtcp_sr(&c, &sr) && (l = line_of(e, c.ssrc, &rtx)))
            l->reports++;
        e->feedbacks += rtcp_twcc(&c, &fci);
        e->bye = e->bye || rtcp_bye(&c, 0, &ssrc);
    }
}

/* RFC 3550 A.3, of sound: pictures are repaired, so their loss says little here. */
static uint8_t sound_lost(struct endpoint_line *l, int32_t *all) {
    struct endpoint_ear *ear = &l->ear;
    *all = 0;
    if (l->video)
        return 0;
    uint64_t expected = l->unwrap.top - ear->first_seq + 1, interval = expected - ear->expected_prior;
    int64_t lost = (int64_t)interval - (int64_t)(l->received - ear->received_prior);
    *all = (int32_t)(expected - l->received);
    ear->expected_prior = expected;
    ear->received_prior = l->received;
    return interval && lost > 0 ? (uint8_t)((uint64_t)lost * 255 / interval) : 0;
}

void endpoint_report(struct endpoint *e, int64_t now_us) {
    uint8_t pkt[1400];
    struct wr w = wr_init(pkt, sizeof pkt - SECURE_TRAILER_MAX);
    if (!e->spec.publish) {
        struct rtcp_report block[ENDPOINT_LINES_MAX] = {{0}};
        unsigned n = 0;
        for (unsigned i = 0; i < e->lines; i++) {
            if (!e->line[i].received)
                continue;
            block[n] =
                (struct rtcp_report){.ssrc = e->line[i].ssrc, .highest_seq = (uint32_t)e->line[i].unwrap.top};
            block[n].fraction_lost = sound_lost(&e->line[i], &block[n].lost);
            n++;
        }
        rtcpw_rr(&w, e->ssrc ^ 1, block, n);
    }
    for (unsigned i = 0; e->spec.publish && i < e->streams; i++) {
        const struct endpoint_line *l = &e->line[i];
        struct rtcp_sr sr = {.ntp = (uint64_t)(now_us / 1000000) << 32 |
                                    (uint64_t)(now_us % 1000000) * 4294967296u / 1000000,
                             .ts = (uint32_t)(l->video ? now_us * 9 / 100 : now_us * 48 / 1000),
                             .packets = l->packets,
                             .octets = l->octets};
        if (l->packets)
            rtcpw_sr(&w, l->ssrc, &sr, NULL, 0);
    }
    if (!wr_len(&w))
        return;
    rtcpw_cname(&w, e->ssrc, STR("sim"));
    if (!w.bad)
        endpoint_send_rtcp(e, pkt, wr_len(&w), now_us);
}

/* ---- receiving ---- */

void endpoint_nacks(struct endpoint *e, int64_t now_us) {
    for (unsigned i = 0; i < e->lines && !e->spec.publish; i++) {
        struct endpoint_line *l = &e->line[i];
        uint16_t seqs[NACK_BATCH];
        bool keyframe = false;
        if (!l->video)
            continue;
        /* Browsers ask when they wait for a key frame 200 ms, or for any picture 3 s. */
        int64_t patience_us = l->shown ? 3000000 : 200000, since_us = l->shown ? l->shown_us : l->first_us;
        if (l->received && now_us - since_us > patience_us && now_us - l->pli_us > patience_us) {
            l->pli_us = now_us;
            endpoint_pli(e, i, now_us);
        }
        if (nack_next_us(&l->nack) > now_us)
            continue;
        unsigned n = nack_due(&l->nack, now_us, seqs, &keyframe);
        uint8_t pkt[600];
        struct wr w = wr_init(pkt, sizeof pkt - SECURE_TRAILER_MAX);
        if (n)
            rtcpw_nack(&w, e->ssrc, l->ssrc, seqs, n);
        if (keyframe)
            rtcpw_pli(&w, e->ssrc, l->ssrc);
        l->lost_asked += n;
        if (wr_len(&w))
            endpoint_send_rtcp(e, pkt, wr_len(&w), now_us);
    }
}

void endpoint_pli(struct endpoint *e, unsigned i, int64_t now_us) {
    uint8_t pkt[64];
    struct wr w = wr_init(pkt, sizeof pkt - SECURE_TRAILER_MAX);
    rtcpw_pli(&w, e->ssrc, e->line[i].ssrc);
    if (e->secure)
        endpoint_send_rtcp(e, pkt, wr_len(&w), now_us);
}

static void show(struct endpoint_line *l, struct endpoint_frame *f, bool vp8, int64_t now_us) {
    if (l->shown) {
        l->bad_ts += (int32_t)(f->ts - l->last_ts) <= 0;
        /* The last pictures before a switch, or before a key frame that was skipped to, may not have been
         * shown: ids only go forward there, within a source no further than its pictures. */
        uint16_t step = (f->pid - l->last_pid) & 0x7fff;
        uint32_t most = f->source == l->source ? f->frame - l->next + 1
                                               : 100 + (uint32_t)((now_us - l->shown_us) / 30000);
        l->bad_pid += vp8 && (!step || step > most);
        l->longest_us = now_us - l->shown_us > l->longest_us ? now_us - l->shown_us : l->longest_us;
        l->switches += f->source != l->source;
    }
    l->source = f->source;
    l->next = f->frame + 1;
    l->last_ts = f->ts;
    l->last_pid = f->pid;
    l->shown_us = now_us;
    l->shown++;
    l->keys_shown += f->key;
    f->used = false;
}

static struct endpoint_frame *complete(struct endpoint_line *l, bool key, int64_t now_us) {
    struct endpoint_frame *best = NULL;
    for (unsigned i = 0; i < ENDPOINT_FRAMES; i++) {
        struct endpoint_frame *f = &l->frame_ring[i];
        if (!f->used || f->got != (f->count == 64 ? UINT64_MAX : (UINT64_C(1) << f->count) - 1))
            continue;
        if (!key && f->source == l->source && f->frame == l->next)
            return f;
        bool other = !l->shown || f->source != l->source;
        if (key && f->key && (other || (f->frame > l->next && now_us - f->since_us > ENDPOINT_SKIP_US)) &&
            (!best || (int32_t)(f->ts - best->ts) < 0))
            best = f;
    }
    return best;
}

static void show_all(struct endpoint_line *l, bool vp8, int64_t now_us) {
    for (;;) {
        struct endpoint_frame *f = l->shown ? complete(l, false, now_us) : NULL;
        if (!f) {
            f = complete(l, true, now_us);
            if (f && l->shown && (int32_t)(f->ts - l->last_ts) <= 0) {
                f->used = false; /* a key frame from before the switch */
                continue;
            }
            if (f && l->shown && f->source == l->source)
                l->skipped += f->frame - l->next;
        }
        if (!f)
            return;
        show(l, f, vp8, now_us);
    }
}

/* Where a picture is put together: pictures of two layers may fall on one place, then the longest there gives
 * way. */
static struct endpoint_frame *frame_of(struct endpoint_line *l, uint32_t source, uint32_t frame) {
    enum { TRIES = 8 };
    struct endpoint_frame *best = NULL;
    for (unsigned i = 0; i < TRIES; i++) {
        struct endpoint_frame *f = &l->frame_ring[(frame + source * 37 + i * 31) % ENDPOINT_FRAMES];
        if (f->used && f->source == source && f->frame == frame)
            return f;
        if (!best || (best->used && (!f->used || f->since_us < best->since_us)))
            best = f;
    }
    return best;
}

static void on_picture_packet(struct endpoint *e, struct endpoint_line *l, const struct rtp *p,
                              int64_t now_us) {
    bool vp8 = p->pt == ENDPOINT_PT_VP8 || p->pt == ENDPOINT_PT_VP8_RTX;
    struct codec_info info;
    (void)e;
    codec_look(vp8 ? CODEC_VP8 : CODEC_H264, p->payload, &info);
    size_t head = !vp8 ? 1 : info.ids.bytes + (info.layer.start ? 3 + (info.keyframe ? 7 : 0) : 0);
    if (p->payload.n < head + STAMP)
        return;
    struct rd r = rd_init(p->payload.p + head, STAMP);
    uint32_t source = rd_u32(&r), frame = rd_u32(&r);
    uint8_t i = rd_u8(&r), count = rd_u8(&r), key = rd_u8(&r);
    if (rd_u8(&r) != STAMPED || i >= count || count > ENDPOINT_PACKETS_MAX)
        return;
    struct endpoint_frame *f = frame_of(l, source, frame);
    if (!f->used || f->source != source || f->frame != frame) {
        *f = (struct endpoint_frame){.used = true,
                                     .source = source,
                                     .frame = frame,
                                     .ts = p->ts,
                                     .count = count,
                                     .key = key,
                                     .pid = info.ids.pid,
                                     .since_us = now_us};
    }
    l->bad_ts += f->ts != p->ts;
    f->got |= UINT64_C(1) << i;
    show_all(l, vp8, now_us);
}

static void on_sound(struct endpoint_line *l, struct bytes sound, bool primary, int64_t now_us) {
    struct endpoint_ear *ear = &l->ear;
    struct rd r = rd_init(sound.p, sound.n);
    rd_skip(&r, 1);
    uint32_t source = rd_u32(&r), number = rd_u32(&r);
    if (r.bad) {
        ear->silences++;
        return;
    }
    if (source != ear->last_source)
        memset(ear->heard_us, 0, sizeof ear->heard_us);
    ear->last_source = l->source = source;
    int64_t *heard_us = &ear->heard_us[number % ENDPOINT_SOUNDS];
    l->shown += primary;
    ear->repeated += primary && *heard_us;
    ear->heard += !*heard_us;
    if (!*heard_us)
        *heard_us = now_us;
}

/* The level in a sound's header is the one its source stamped into it. */
static void on_level(struct endpoint *e, const struct rtp *p, struct bytes sound) {
    struct rd r = rd_init(sound.p, sound.n);
    uint8_t dbov = 0;
    bool voice = false;
    rd_skip(&r, 9);
    uint8_t level = rd_u8(&r);
    if (rd_u8(&r) != STAMPED || r.bad)
        return; /* silence in its place, or somebody's who stamps nothing */
    bool right = rtp_audio_level(p, e->ids.audio_level, &dbov, &voice) && dbov == level &&
                 voice == (level < VOICE_BELOW);
    e->heads.levels += right;
    e->heads.bad += !right;
}

static void on_sound_packet(struct endpoint *e, struct endpoint_line *l, const struct rtp *p,
                            int64_t now_us) {
    struct red r;
    if (l->received == 1)
        l->ear.first_seq = l->unwrap.top;
    if (p->seq == (uint16_t)l->unwrap.top) { /* not late */
        l->bad_ts += l->received > 1 && !seq_ts_newer(p->ts, l->last_ts);
        l->last_ts = p->ts;
    }
    if (p->pt != ENDPOINT_PT_RED) {
        on_level(e, p, p->payload);
        on_sound(l, p->payload, true, now_us);
        return;
    }
    l->ear.red++;
    l->bad_ts += red_parse(&r, p->payload) != 0;
    if (r.n)
        on_level(e, p, r.block[r.n - 1].data);
    for (unsigned i = 0; i < r.n; i++)
        on_sound(l, r.block[i].data, i + 1 == r.n, now_us);
}

void endpoint_tell(struct endpoint *e, int64_t now_us) {
    uint8_t pkt[TWCC_PACKET_MAX + SECURE_TRAILER_MAX];
    for (int n; (n = twcc_rx_write(&e->rx, e->ssrc, 1, now_us, pkt, TWCC_PACKET_MAX)) > 0; e->feedbacks++)
        endpoint_send_rtcp(e, pkt, (size_t)n, now_us);
}

/* How long ago it was sent, by its 24 bits of 64 seconds; negative: in the future. */
static int64_t age_us(struct bytes sent, int64_t now_us) {
    uint32_t at = (uint32_t)sent.p[0] << 16 | (uint32_t)sent.p[1] << 8 | sent.p[2];
    int32_t age = (int32_t)((rtp_abs_send_time(now_us) - at) << 8) >> 8;
    return (int64_t)age * 1000000 >> 18;
}

static void on_wide(struct endpoint *e, const struct rtp *p, int64_t now_us) {
    struct endpoint_heads *h = &e->heads;
    uint16_t wide;
    if (!rtp_transport_cc(p, e->ids.transport_cc, &wide)) {
        h->bad += !e->spec.silent;
        return;
    }
    twcc_rx_on(&e->rx, wide, now_us);
    h->jumps += h->wides && wide != (uint16_t)(h->wide + 1);
    h->wide = wide;
    h->wides++;
}

/* Each extension stands under the id this end offered, and nothing under another. */
static void on_heads(struct endpoint *e, const struct endpoint_line *l, const struct rtp *p, int64_t now_us) {
    struct endpoint_heads *h = &e->heads;
    const struct rtp_ext_map *ids = &e->ids;
    struct bytes sent = p->ext[ids->abs_send_time];
    bool mid = l && str_is(rtp_mid(p, ids->mid), l->mid);
    h->packets++;
    h->mids += mid;
    h->bad += !mid;
    on_wide(e, p, now_us);
    if (sent.n == 3) {
        int64_t age = age_us(sent, now_us);
        h->times++;
        h->youngest_us = age < h->youngest_us ? age : h->youngest_us;
        h->oldest_us = age > h->oldest_us ? age : h->oldest_us;
    } else {
        h->bad++;
    }
    for (unsigned id = 1; id <= RTP_EXT_ID_MAX; id++)
        h->bad += p->ext[id].p && id != ids->mid && id != ids->abs_send_time && id != ids->transport_cc &&
                  !(id == ids->audio_level && l && !l->video);
}

void endpoint_on_rtp(struct endpoint *e, const struct rtp *p, int64_t now_us) {
    bool rtx;
    struct endpoint_line *l = line_of(e, p->ssrc, &rtx);
    if (!e->spec.publish)
        on_heads(e, l, p, now_us);
    struct rtp r = *p;
    if (!l || (rtx && rtp_rtx_unwrap(&r)))
        return;
    if (!l->received++)
        l->first_us = now_us;
    uint64_t seq = seq_unwrap(&l->unwrap, r.seq);
    if (l->seen[seq % countof(l->seen)] == seq) {
        l->duplicates += !rtx; /* a retransmission may be asked for twice, an original comes once */
        return;
    }
    l->seen[seq % countof(l->seen)] = seq;
    l->recovered += rtx;
    if (!l->video) {
        on_sound_packet(e, l, &r, now_us);
        return;
    }
    nack_seen(&l->nack, seq, now_us);
    on_picture_packet(e, l, &r, now_us);
}
