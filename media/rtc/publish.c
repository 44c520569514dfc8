#include "media/rtc/publish.h"
#include "media/base/err.h"
#include "media/base/rnd.h"
#include "media/rtc/red.h"
#include "media/rtc/rtcpw.h"

static const struct str publish_cname = {"somhub", 6};

/* ---- out: RTCP to the publisher. Compounds begin with a (perhaps empty) RR and our CNAME (RFC 3550 6.1).
 * ---- */

static struct wr publish_compound(struct publish *p, const struct rtcp_report *blocks, unsigned n) {
    uint8_t *pkt = leg_next(p->leg);
    struct wr w = wr_init(pkt, pkt ? SENDQ_BYTES - SECURE_TRAILER_MAX : 0);
    rtcpw_rr(&w, p->ssrc, blocks, n);
    rtcpw_cname(&w, p->ssrc, publish_cname);
    return w;
}

static void publish_send(struct publish *p, struct wr *w) {
    if (!w->bad)
        leg_rtcp(p->leg, w->start, wr_len(w));
}

static void publish_pli(struct track *t, void *owner, int64_t now_us) {
    (void)now_us;
    struct publish_in *in = owner;
    struct wr w = publish_compound(in->pub, NULL, 0);
    const struct sdp_codec_choice *c = &in->line->codec[codec_sdp(t->codec)];
    if (c->fb & SDP_FB_PLI || !(c->fb & SDP_FB_FIR))
        rtcpw_pli(&w, in->pub->ssrc, in->ssrc);
    else
        rtcpw_fir(&w, in->pub->ssrc, in->ssrc, in->fir_seq++);
    publish_send(in->pub, &w);
    in->pub->leg->env->n.pli_tx++;
}

static void publish_nack(struct publish *p, struct publish_in *in, int64_t now_us) {
    uint16_t seqs[NACK_BATCH];
    unsigned n;
    do {
        bool keyframe = false;
        n = nack_due(&in->nack, now_us, seqs, &keyframe);
        if (in->track && in->nack.measured)
            pli_rtt(&in->track->pli, in->nack.rtt_us);
        if (keyframe && in->track)
            track_ask(in->track, now_us);
        if (!n)
            return;
        struct wr w = publish_compound(p, NULL, 0);
        rtcpw_nack(&w, p->ssrc, in->ssrc, seqs, n);
        publish_send(p, &w);
        p->nacked += n;
        p->leg->env->n.nack_tx += n;
    } while (n == NACK_BATCH);
}

static void publish_report(struct publish *p, int64_t now_us) {
    struct rtcp_report block[MEDIA_TRACKS_PER_PEER_MAX * SDP_RIDS_MAX];
    unsigned n = 0;
    for (unsigned i = 0; i < p->n; i++) {
        if (p->in[i].ssrc && rxstats_report(&p->in[i].rx, p->in[i].ssrc, now_us, &block[n])) {
            p->in[i].loss = block[n].fraction_lost;
            n++;
        }
    }
    if (!n)
        return;
    struct wr w = publish_compound(p, block, n);
    publish_send(p, &w);
}

static void publish_feedback(struct publish *p, int64_t now_us) {
    uint8_t fb[TWCC_PACKET_MAX];
    int n;
    while (p->leg->up && (n = twcc_rx_write(&p->twcc, p->ssrc, p->media_ssrc, now_us, fb, sizeof fb)) > 0) {
        struct wr w = publish_compound(p, NULL, 0);
        wr_put(&w, fb, (size_t)n);
        publish_send(p, &w);
    }
}

/* ---- in ---- */

static struct publish_in *publish_by_ssrc(struct publish *p, uint32_t ssrc, bool *rtx) {
    for (unsigned i = 0; i < p->n; i++) {
        struct publish_in *in = &p->in[i];
        if (in->ssrc == ssrc || in->rtx_ssrc == ssrc) {
            *rtx = in->ssrc != ssrc;
            return in;
        }
    }
    return NULL;
}

bool publish_knows(const struct publish *p, uint32_t ssrc) {
    for (unsigned i = 0; i < p->n; i++)
        if (ssrc && (p->in[i].ssrc == ssrc || p->in[i].rtx_ssrc == ssrc))
            return true;
    return false;
}

bool publish_admits(const struct publish *p, uint32_t ssrc) {
    return publish_knows(p, ssrc) || (ssrc && p->learned < PUBLISH_LEARN_MAX);
}

/* What a payload type is on this m-line. */
static enum codec publish_codec(const struct publish_line *in, uint8_t pt, bool *rtx) {
    for (unsigned i = 0; i < SDP_CODEC_COUNT; i++) {
        const struct sdp_codec_choice *c = &in->codec[i];
        if (!c->on || (c->pt != pt && c->rtx != pt && (!c->red || c->red != pt)))
            continue;
        *rtx = c->rtx == pt;
        return codec_of_sdp((enum sdp_codec)i);
    }
    return CODEC_NONE;
}

static void publish_end_track(struct publish *p, struct publish_in *in, int64_t now_us) {
    if (in->track)
        router_track_drop(p->room, in->track, now_us);
    in->track = NULL;
}

/* The m-line's stream is (now) this SSRC: everything counted about another one is forgotten. */
static void publish_bind(struct publish *p, struct publish_in *in, uint32_t ssrc, bool rtx, int64_t now_us) {
    uint32_t *slot = rtx ? &in->rtx_ssrc : &in->ssrc;
    if (*slot)
        secure_drop(p->leg->secure, *slot);
    *slot = ssrc;
    if (rtx)
        return;
    publish_end_track(p, in, now_us);
    in->unwrap.top = 0;
    nack_init(&in->nack);
    rxstats_init(&in->rx, in->line->video ? 90000 : 48000);
}

/* A layer is known by its name only (RFC 8852 3.1, 3.2). */
static bool publish_is_layer(const struct publish_in *in, const struct rtp *r, bool rtx) {
    struct str rid = rtp_mid(r, in->line->ext[rtx ? SDP_EXT_RRID : SDP_EXT_RID]);
    return !in->rid[0] || str_is(rid, in->rid);
}

/* An authenticated packet of an SSRC that no SDP declared: by its mid (RFC 8843 9.2) and rid, else by a
 * payload type only one m-line has. */
static struct publish_in *publish_learn(struct publish *p, const struct rtp *r, int64_t now_us, bool *rtx) {
    struct publish_in *found = NULL;
    unsigned by_pt = 0;
    p->learned++;
    for (unsigned i = 0; i < p->n; i++) {
        struct publish_in *in = &p->in[i];
        struct str mid = rtp_mid(r, in->line->ext[SDP_EXT_MID]);
        if (publish_codec(in->line, r->pt, rtx) == CODEC_NONE || (mid.n && !str_is(mid, in->line->mid)) ||
            !publish_is_layer(in, r, *rtx))
            continue;
        found = in;
        by_pt++;
    }
    if (by_pt != 1) {
        secure_drop(p->leg->secure, r->ssrc);
        return NULL;
    }
    publish_codec(found->line, r->pt, rtx);
    publish_bind(p, found, r->ssrc, *rtx, now_us);
    return found;
}

/* MEDIA_EV_LAYERS: the names of the layers nobody wants; spatial ones of one stream go by their number. */
static void publish_wish(struct feed *d, struct env *env) {
    const struct publish_in *in = d->owner;
    struct buf off;
    buf_init(&off, SDP_RIDS_MAX * (SDP_RID_MAX + 1) + 1);
    for (unsigned i = 0; i < in->pub->n; i++) {
        const struct publish_in *l = &in->pub->in[i];
        if (l->line == in->line && !d->svc && !(d->doze.told & 1u << l->layer))
            buf_printf(&off, "%s%s", off.n ? "," : "", l->rid);
    }
    for (unsigned i = 0; d->svc && i < d->n; i++) {
        if (!(d->doze.told & 1u << i))
            buf_printf(&off, "%s%u", off.n ? "," : "", i);
    }
    buf_put(&off, "", 1);
    struct media_event e = {.type = MEDIA_EV_LAYERS,
                            .room = in->pub->room->id,
                            .peer = d->peer,
                            .track = d->id,
                            .source = d->source,
                            .text = buf_take(&off, NULL)};
    STR_COPY(e.member, str_of(d->member));
    buf_fini(&off);
    env->emit(env->emit_ctx, &e);
}

/* Another codec on the m-line: all its layers begin anew, as another feed. */
static void publish_begin_codec(struct publish *p, struct publish_line *line, enum codec codec,
                                int64_t now_us) {
    if (line->now == codec)
        return;
    for (unsigned i = 0; i < p->n; i++) {
        if (p->in[i].line == line)
            publish_end_track(p, &p->in[i], now_us);
    }
    line->now = codec;
    line->feed = env_track_id(p->leg->env);
}

static void publish_open_track(struct publish *p, struct publish_in *in, enum codec codec, int64_t now_us) {
    struct env *env = p->leg->env;
    if (!router_feed(p->room, in->line->feed)) /* its last track ended: what comes is a new feed */
        in->line->feed = env_track_id(env);
    struct track_cfg c = {.id = env_track_id(env),
                          .source = in->line->source,
                          .codec = codec,
                          .member = p->member,
                          .peer = p->peer,
                          .feed = in->line->feed,
                          .layer = in->layer,
                          .layers = in->line->layers,
                          .rid = in->rid,
                          .pli = publish_pli,
                          .wish = in->rid[0] || codec_has_layers(codec) ? publish_wish : NULL,
                          .owner = in,
                          .env = env,
                          .timer = &p->room->timer};
    struct track *t = track_open(&c);
    if (router_track_add(p->room, t, now_us)) {
        track_close(t, now_us);
        return;
    }
    in->track = t;
}

/* A packet with redundancy: the sounds before it that were lost are put in their places, then it becomes the
 * plain packet. Blocks are consecutive packets; one whose time does not lie between its neighbours' is no
 * repetition of what is missing. False when it cannot be read. */
static bool publish_red(struct publish_in *in, struct rtp *r, uint64_t seq, const struct track_level *level,
                        int64_t now_us) {
    const struct history *h = &in->track->history;
    struct red red;
    if (red_parse(&red, r->payload))
        return false;
    r->pt = in->line->codec[SDP_OPUS].pt;
    for (unsigned i = 0; i + 1 < red.n; i++) {
        unsigned back = red.n - 1 - i;
        const struct red_block *b = &red.block[i];
        struct rtp lost = {.pt = r->pt, .seq = (uint16_t)(r->seq - back), .ts = r->ts - b->offset};
        const struct history_pkt *before = history_get(h, seq - back - 1);
        lost.payload = b->data;
        if (!b->data.n || !b->offset || !h->top || history_get(h, seq - back) ||
            (before && !seq_ts_newer(lost.ts, before->ts)))
            continue;
        router_put(in->pub->room, in->track, seq - back, &lost, level, now_us);
    }
    r->payload = red.block[red.n - 1].data;
    return true;
}

static void publish_media(struct publish *p, struct publish_in *in, const struct rtp *r, enum codec codec,
                          bool late, int64_t now_us) {
    uint64_t seq = seq_unwrap(&in->unwrap, r->seq);
    rxstats_on(&in->rx, seq, r->ts, r->payload.n + RTP_HEAD, late || seq < in->unwrap.top, now_us);
    const struct publish_line *line = in->line;
    if (line->codec[codec_sdp(codec)].fb & SDP_FB_NACK)
        nack_seen(&in->nack, seq, now_us);
    if (router_blocked(p->room, p->member, line->source))
        return;
    publish_begin_codec(p, in->line, codec, now_us);
    if (!in->track)
        publish_open_track(p, in, codec, now_us);
    if (!in->track)
        return;
    struct track_level level = {.dd = rtp_dd(r, line->ext[SDP_EXT_DD])};
    struct rtp plain = *r;
    if (!line->video)
        level.has = rtp_audio_level(r, line->ext[SDP_EXT_LEVEL], &level.dbov, &level.voice);
    if (!line->video && r->payload.n && r->pt == line->codec[SDP_OPUS].red &&
        !publish_red(in, &plain, seq, &level, now_us))
        return;
    router_put(p->room, in->track, seq, &plain, &level, now_us);
    if (in->track->history.gop == seq)
        nack_keyframe(&in->nack, seq);
}

/* Within what the m-line may bring? */
static bool publish_may(struct publish_line *l, size_t bytes, int64_t now_us) {
    int64_t second = (l->video ? PUBLISH_VIDEO_BPS : PUBLISH_SOUND_BPS) / 8,
            least = l->video ? PUBLISH_VIDEO_LEAST_BYTES : PUBLISH_SOUND_LEAST_BYTES,
            us = now_us - l->filled_us;
    int64_t more = us < 1000000 ? us * second / 1000000 : second;
    if (more) {
        l->left_bytes = l->left_bytes + more < second ? l->left_bytes + more : second;
        l->filled_us = now_us;
    }
    if (l->left_bytes <= 0)
        return false;
    l->left_bytes -= (int64_t)bytes > least ? (int64_t)bytes : least;
    return true;
}

void publish_rtp(struct publish *p, struct bytes pkt, int64_t now_us) {
    struct rtp r;
    bool rtx_ssrc = false, rtx = false;
    struct publish_in *in = NULL;
    if (!rtp_parse(&r, pkt)) {
        in = publish_by_ssrc(p, r.ssrc, &rtx_ssrc);
        in = in ? in : publish_learn(p, &r, now_us, &rtx_ssrc);
    }
    if (!in || !publish_may(in->line, pkt.n, now_us)) {
        p->leg->env->n.rx_refused++;
        return;
    }
    p->rx_bytes += pkt.n;
    uint16_t wide;
    if (p->has_twcc && rtp_transport_cc(&r, in->line->ext[SDP_EXT_TWCC], &wide)) {
        twcc_rx_on(&p->twcc, wide, now_us);
        p->media_ssrc = r.ssrc;
    }
    enum codec codec = publish_codec(in->line, r.pt, &rtx);
    if (codec == CODEC_NONE || rtx != rtx_ssrc) {
        p->leg->env->n.rx_refused++;
        return;
    }
    if (rtx) {
        if (!in->ssrc || rtp_rtx_unwrap(&r))
            return; /* a probe of padding */
        r.ssrc = in->ssrc;
        r.pt = in->line->codec[codec_sdp(codec)].pt;
        if (!in->unwrap.top)
            return; /* nothing to repair yet: a stream does not begin with a repair */
    }
    publish_media(p, in, &r, codec, rtx, now_us);
}

static void publish_on_sr(struct publish *p, uint32_t ssrc, const struct rtcp_sr *sr, int64_t now_us) {
    bool rtx;
    struct publish_in *in = publish_by_ssrc(p, ssrc, &rtx);
    uint32_t ts;
    if (!in || rtx)
        return;
    rxstats_on_sr(&in->rx, sr, now_us);
    sr_clock_on(&p->clock, sr->ntp, now_us);
    if (in->track && rxstats_ts_at(&in->rx, &p->clock, now_us, &ts))
        track_sr(in->track, sr->ntp, sr->ts, ts, now_us);
}

void publish_rtcp(struct publish *p, struct bytes pkt, int64_t now_us) {
    struct rtcp_iter it = rtcp_iter(pkt);
    struct rtcp c;
    int more;
    while ((more = rtcp_next(&it, &c)) == 1) {
        struct rtcp_sr sr;
        uint32_t ssrc;
        bool rtx;
        if (rtcp_sr(&c, &sr))
            publish_on_sr(p, c.ssrc, &sr, now_us);
        for (unsigned i = 0; rtcp_bye(&c, i, &ssrc); i++) {
            struct publish_in *in = publish_by_ssrc(p, ssrc, &rtx);
            if (in && !rtx && in->track)
                router_track_off(p->room, in->track, now_us);
        }
    }
    p->leg->env->n.rx_refused += more < 0;
}

static void publish_open_line(struct publish *p, const struct sdp_line *l, enum media_source source) {
    struct publish_line *line = &p->line[p->lines++];
    *line = (struct publish_line){
        .source = source, .video = l->kind == SDP_VIDEO, .layers = l->rid_count ? l->rid_count : 1};
    STR_COPY(line->mid, str_of(l->mid));
    memcpy(line->codec, l->codec, sizeof line->codec);
    memcpy(line->ext, l->ext, sizeof line->ext);
    p->has_twcc = p->has_twcc || l->ext[SDP_EXT_TWCC];
    for (unsigned k = 0; k < line->layers; k++) {
        struct publish_in *in = &p->in[p->n++];
        in->pub = p;
        in->line = line;
        in->layer = k;
        if (l->rid_count) {
            STR_COPY(in->rid, str_of(l->rid[k].id));
        } else if (l->ssrc_count) { /* SSRCs of layers are not named by their rid: they are learned */
            in->ssrc = l->ssrc[0].ssrc;
            in->rtx_ssrc = l->ssrc[0].rtx;
        }
        nack_init(&in->nack);
        rxstats_init(&in->rx, line->video ? 90000 : 48000);
    }
}

struct publish *publish_open(const struct peer_cfg *c, struct leg *leg, struct router *room, int64_t now_us) {
    struct publish *p = mem_zalloc(sizeof *p);
    p->in = mem_zalloc(MEDIA_TRACKS_PER_PEER_MAX * SDP_RIDS_MAX * sizeof *p->in);
    p->leg = leg;
    p->room = room;
    p->peer = c->id;
    STR_COPY(p->member, str_of(c->member));
    p->ssrc = rnd_u32() | 1;
    p->report_us = now_us + PUBLISH_REPORT_US;
    twcc_rx_init(&p->twcc);
    for (unsigned i = 0; i < c->line_count && p->lines < MEDIA_TRACKS_PER_PEER_MAX; i++) {
        const struct sdp_line *l = &c->line[i];
        if (l->refusal == SDP_ACCEPTED && l->dir == SDP_RECVONLY)
            publish_open_line(p, l, c->source[i]);
    }
    return p;
}

void publish_close(struct publish *p, int64_t now_us) {
    for (unsigned i = 0; i < p->n; i++)
        publish_end_track(p, &p->in[i], now_us);
    mem_free(p->in);
    mem_free(p);
}

void publish_timer(struct publish *p, int64_t now_us) {
    for (unsigned i = 0; i < p->n; i++) {
        if (nack_next_us(&p->in[i].nack) <= now_us)
            publish_nack(p, &p->in[i], now_us);
    }
    if (twcc_rx_next_us(&p->twcc) <= now_us)
        publish_feedback(p, now_us);
    if (now_us >= p->report_us) {
        publish_report(p, now_us);
        p->report_us = now_us + PUBLISH_REPORT_US;
    }
}

int64_t publish_next_us(const struct publish *p) {
    int64_t at = env_min(p->report_us, twcc_rx_next_us(&p->twcc));
    for (unsigned i = 0; i < p->n; i++)
        at = env_min(at, nack_next_us(&p->in[i].nack));
    return at;
}

void publish_bye(struct publish *p) {
    struct wr w = publish_compound(p, NULL, 0);
    rtcpw_bye(&w, &p->ssrc, 1, STR("closed"));
    publish_send(p, &w);
}

void publish_quality(const struct publish *p, int64_t *rtt_us, uint8_t *loss) {
    *rtt_us = 0;
    *loss = 0;
    for (unsigned i = 0; i < p->n; i++) {
        const struct publish_in *in = &p->in[i];
        *loss = in->loss > *loss ? in->loss : *loss;
        *rtt_us = in->nack.measured && in->nack.rtt_us > *rtt_us ? in->nack.rtt_us : *rtt_us;
    }
}
